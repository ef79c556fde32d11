"""Stripe's hosted Checkout behind the Checkout port (stripe 16.1, API 2026-10-28.endive).

Sources: docs.stripe.com/checkout/fulfillment, docs.stripe.com/webhooks, docs.stripe.com/api/idempotent_requests.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, TypeVar, cast

import stripe

from campaigns.kernel.money import Money, from_stripe, to_stripe
from campaigns.kernel.ports import (
    BalanceMovement,
    CheckoutLine,
    CheckoutRequest,
    Doorbell,
    NotGenuine,
    PaymentsUnavailable,
    RemoteCharge,
    RemoteRefund,
    RemoteSession,
)

Answer = TypeVar("Answer")

API_VERSION = "2026-10-28.endive"
TOLERANCE_SECONDS = 300
LONGEST_WORD = 255  # docs.stripe.com/upgrades: "object IDs […] never exceed 255 characters"
TIMEOUT_SECONDS = (3, 10)  # to connect, to read; the SDK's own default is 80
# What its page speaks (docs.stripe.com/js/appendix/supported_locales); Arabic is not among it.
LOCALES = frozenset(
    "bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru "
    "sk sl sv th tr vi zh zh-HK zh-TW".split()
)
_SESSION_PARTS = ["payment_intent.latest_charge.balance_transaction"]


class StripeCheckout:
    """Talks to Stripe, or to a stand-in at `api_base`."""

    def __init__(self, secret_key: str, webhook_secrets: Sequence[str], api_base: str = "") -> None:
        self._secrets = tuple(webhook_secrets)
        addresses = {"base_addresses": {"api": api_base}} if api_base else {}
        self._client = stripe.StripeClient(
            secret_key,
            stripe_version=API_VERSION,
            max_network_retries=2,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
            **cast(Any, addresses),
        )

    def open_session(self, request: CheckoutRequest) -> RemoteSession:
        """See the Checkout port."""
        return self._session(_ask(lambda: self._created(_session_params(request), request.idempotency_key)))

    def _created(self, params: dict[str, Any], key: str) -> Any:
        """Stripe refuses some addresses that mail servers take: then the giver types one on its page."""
        create = self._client.v1.checkout.sessions.create
        try:
            return create(cast(Any, params), {"idempotency_key": key})
        except stripe.InvalidRequestError as refused:
            if refused.param != "customer_email":
                raise
            rest = {name: value for name, value in params.items() if name != "customer_email"}
            return create(cast(Any, rest), {"idempotency_key": f"{key}:no-email"})

    def fetch_session(self, session_id: str) -> RemoteSession:
        """See the Checkout port. Raises LookupError where Stripe knows no such session."""
        return self._session(
            _ask(lambda: self._client.v1.checkout.sessions.retrieve(session_id, {"expand": _SESSION_PARTS}))
        )

    def find_session(self, kind: str, object_id: str) -> str | None:
        """See the Checkout port. Raises LookupError where Stripe knows no such object."""
        match kind:
            case "checkout.session":
                return object_id
            case "payment_intent":
                return self._session_of_intent(object_id)
            case "charge":
                charge = _ask(lambda: self._client.v1.charges.retrieve(object_id))
                return self._session_of_intent(_id_of(charge.payment_intent))
            case "refund":
                refund = _ask(lambda: self._client.v1.refunds.retrieve(object_id))
                return self._session_of_intent(_id_of(refund.payment_intent))
        return None

    def _session_of_intent(self, intent_id: str | None) -> str | None:
        if intent_id is None:
            return None
        found = _ask(lambda: self._client.v1.checkout.sessions.list({"payment_intent": intent_id, "limit": 1}))
        return found.data[0].id if found.data else None

    def read_doorbell(self, body: bytes, signature: str, now: datetime) -> Doorbell:
        """See the Checkout port. Refuses signatures older or younger than five minutes."""
        # the SDK compares text of the header, and Python compares only ASCII in constant time
        if not signature.isascii() or not any(_signed_by(secret, body, signature) for secret in self._secrets):
            raise NotGenuine("signature")
        if abs(now.timestamp() - _signed_at(signature)) > TOLERANCE_SECONDS:
            raise NotGenuine("age")
        return _doorbell(body)

    def _session(self, session: Any) -> RemoteSession:
        intent = session.payment_intent
        expanded = intent if isinstance(intent, stripe.PaymentIntent) else None
        return RemoteSession(
            id=session.id,
            url=session.url,
            status=session.status or "",
            payment_status=session.payment_status,
            total=from_stripe(session.amount_total or 0, session.currency or "usd"),
            reference=session.client_reference_id,
            livemode=session.livemode,
            payment_intent_id=_id_of(intent),
            intent_status=expanded.status if expanded else None,
            charge=self._charge(expanded.latest_charge) if expanded else None,
        )

    def _charge(self, charge: Any) -> RemoteCharge | None:
        if not isinstance(charge, stripe.Charge) or charge.status != "succeeded":
            return None
        return RemoteCharge(
            charge.id,
            from_stripe(charge.amount, charge.currency),
            _moment(charge.created),
            _movement(charge.balance_transaction),
            self._refunds(charge.id) if charge.amount_refunded else (),
        )

    def _refunds(self, charge_id: str) -> tuple[RemoteRefund, ...]:
        def every() -> list[Any]:
            first = self._client.v1.refunds.list(
                {"charge": charge_id, "limit": 100, "expand": ["data.balance_transaction"]}
            )
            return list(first.auto_paging_iter())

        return tuple(_refund(refund) for refund in _ask(every))


def _session_params(request: CheckoutRequest) -> dict[str, Any]:
    metadata = dict(request.metadata)
    return {
        "mode": "payment",
        "client_reference_id": request.reference,
        "customer_email": request.email,
        "line_items": [_line_item(line) for line in request.lines],
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
        "expires_at": int(request.expires_at.timestamp()),
        "locale": _locale(request.locale),
        "submit_type": "donate",
        # Without it the dashboard's own setting could change the amount that the giver was told.
        "adaptive_pricing": {"enabled": False},
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata, "description": request.lines[0].name},
    }


def _locale(tag: str) -> str:
    """Return the language of the payment page; "auto" takes the browser's."""
    tag = tag.replace("_", "-")
    return tag if tag in LOCALES else "auto"


def _line_item(line: CheckoutLine) -> dict[str, Any]:
    product: dict[str, str] = {"name": line.name}
    if line.description:
        product["description"] = line.description
    price = {"currency": line.amount.currency.lower(), "unit_amount": to_stripe(line.amount), "product_data": product}
    return {"quantity": 1, "price_data": price}


def _ask(call: Callable[[], Answer]) -> Answer:
    """Make one call. Raises LookupError for what Stripe does not know, else PaymentsUnavailable.

    Neither carries Stripe's sentence: it may quote an address.
    """
    try:
        return call()
    except stripe.StripeError as error:
        if error.http_status == HTTPStatus.NOT_FOUND:
            raise LookupError("no such object at Stripe") from error
        raise PaymentsUnavailable(type(error).__name__) from error


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


def _doorbell(body: bytes) -> Doorbell:
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
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotGenuine("shape") from error


def _word(value: Any) -> str:
    """Return an id or the name of something. Raises ValueError for what is neither, and what no database would take."""
    if not isinstance(value, str) or len(value) > LONGEST_WORD or not (value.isascii() and value.isprintable()):
        raise ValueError("no id and no name")
    return value


def _movement(transaction: Any) -> BalanceMovement | None:
    if not isinstance(transaction, stripe.BalanceTransaction):
        return None

    def money(minor: int) -> Money:
        return from_stripe(minor, transaction.currency)

    return BalanceMovement(
        transaction.id, transaction.type, money(transaction.amount), money(transaction.fee), money(transaction.net),
        _moment(transaction.created),
    )  # fmt: skip


def _refund(refund: Any) -> RemoteRefund:
    return RemoteRefund(
        refund.id,
        from_stripe(refund.amount, refund.currency),
        refund.status or "",
        _moment(refund.created),
        _movement(refund.balance_transaction),
    )


def _id_of(reference: Any) -> str | None:
    """An expandable field holds an id or the object itself."""
    if reference is None or isinstance(reference, str):
        return reference
    return str(reference.id)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
