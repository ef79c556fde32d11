"""Is a webhook Stripe's, and who rang? (docs.stripe.com/webhooks)"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import stripe

from campaigns.kernel.ports import Doorbell, NotGenuine

TOLERANCE_SECONDS = 300
LONGEST_WORD = 255  # docs.stripe.com/upgrades: "object IDs […] never exceed 255 characters"


def read_doorbell(secrets: Sequence[str], body: bytes, signature: str, now: datetime) -> Doorbell:
    """Verify raw bytes against any of the secrets. Raises NotGenuine, also more than five minutes before or after."""
    # the SDK compares text of the header, and Python compares only ASCII in constant time
    if not signature.isascii() or not any(_signed_by(secret, body, signature) for secret in secrets):
        raise NotGenuine("signature")
    if abs(now.timestamp() - _signed_at(signature)) > TOLERANCE_SECONDS:
        raise NotGenuine("age")
    return _read(body)


def _signed_by(secret: str, body: bytes, signature: str) -> bool:
    try:
        # tolerance=0 switches the SDK's age test off: ours also refuses the future, which the SDK lets pass
        return bool(stripe.WebhookSignature.verify_header(body.decode(), signature, secret, tolerance=0))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False


def _signed_at(signature: str) -> int:
    """Return the time that was signed: the first `t`, as the SDK takes it. A later one is anybody's word."""
    pairs = (part.split("=") for part in signature.split(","))
    return next(int(pair[1]) for pair in pairs if pair[0] == "t")


def _read(body: bytes) -> Doorbell:
    try:
        event = json.loads(body)
        subject = event["data"]["object"]
        if event["object"] != "event":
            raise NotGenuine("shape")
        return Doorbell(
            id=_word(event["id"]),
            type=_word(event["type"]),
            livemode=event["livemode"] is True,
            api_version=None if event.get("api_version") is None else _word(event["api_version"]),
            subject_id=_word(subject.get("id", "")),
            subject_kind=_word(subject.get("object", "")),
            account=None if event.get("account") is None else _word(event["account"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotGenuine("shape") from error


def _word(value: Any) -> str:
    """Return an id or the name of something. Raises ValueError for what is neither, and what no database would take."""
    if not isinstance(value, str) or len(value) > LONGEST_WORD or not (value.isascii() and value.isprintable()):
        raise ValueError("no id and no name")
    return value
