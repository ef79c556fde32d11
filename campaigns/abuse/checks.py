"""Keyed hashes of networks and domains, the kept list of disposable mail domains, and proof of work.

Proof of work is ALTCHA's (https://altcha.org, version 2 of its protocol), made and checked here: no third party is
asked. Whether a challenge is still in force is ours to say, by the moment that is passed in; so the time stands among
the signed data, and not where the library would compare it with its own clock.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from datetime import date, datetime, timedelta
from typing import Any

from altcha import create_challenge, verify_solution
from disposable_email_domains import blocklist

from campaigns.abuse.rules import ORDINARY_MAIL_HOSTS, domain_and_parents, registrable
from campaigns.db.sealing import disguised, fingerprint, recognised

KEY_BYTES = 16

ALGORITHM = "PBKDF2/SHA-256"
ROUNDS = 5_000  # about a millisecond here for each guess, and two there
FEWEST_GUESSES, MORE_GUESSES = 50, 200  # a third of a second on an ordinary machine, seconds on an old phone
CHALLENGE_LASTS = timedelta(hours=1)
LONGEST_PROOF = 2_000


def lasting_key(network: str) -> bytes:
    """Return the key under which a network is vouched for. `network` is what rules.network_of returned."""
    return fingerprint("network", network)


def key_of_the_day(lasting: bytes, subject: str, day: date) -> bytes:
    """Return what a submission keeps of its network: another key each day (UTC) and for each subject.

    So that a stolen database follows nobody from day to day or from petition to petition. With the site's key a key of
    one day leads to that of the day before, for a window that reaches over midnight.
    """
    return disguised(_of_day(subject, day), lasting[:KEY_BYTES])


def keys_over_midnight(network: str, subject: str, now: datetime) -> tuple[bytes, bytes]:
    """Return a network's key of today, and the one of yesterday for windows that reach over midnight (UTC)."""
    lasting, today = lasting_key(network), now.date()
    return key_of_the_day(lasting, subject, today), key_of_the_day(lasting, subject, today - timedelta(days=1))


def key_of_the_day_before(key: bytes, subject: str, day: date) -> bytes:
    """Return what a submission from the same network kept a day earlier, given its key of `day`."""
    return key_of_the_day(recognised(_of_day(subject, day), key), subject, day - timedelta(days=1))


def _of_day(subject: str, day: date) -> str:
    return f"network of {day.isoformat()} at {subject}"


def domain_key(domain: str) -> bytes:
    """Return the keyed hash of what somebody bought of a mail domain in its canonical spelling.

    Whoever holds a domain has mailboxes at as many names below it as they like, and is one crowd with all of them.
    """
    return fingerprint("mail domain", registrable(domain))[:KEY_BYTES]


def ordinary_domain_keys() -> frozenset[bytes]:
    """Return the keys of the mail hosts that everybody uses."""
    return frozenset(map(domain_key, ORDINARY_MAIL_HOSTS))


def is_disposable(domain: str) -> bool:
    """Return whether `domain`, or one it is part of, lends mailboxes for ten minutes."""
    return any(part in blocklist for part in domain_and_parents(domain))


def new_challenge(subject: str, now: datetime) -> dict[str, Any]:
    """Return a challenge for one form of `subject`, as the visitor's browser takes it. Costs a millisecond."""
    challenge = create_challenge(
        algorithm=ALGORITHM,
        cost=ROUNDS,
        counter=FEWEST_GUESSES + secrets.randbelow(MORE_GUESSES),
        data={"subject": subject, "until": int((now + CHALLENGE_LASTS).timestamp())},
        hmac_secret=_secret("challenge"),
        hmac_key_secret=_secret("solution"),
    )
    return challenge.to_dict()


def proof_of(handed_in: str | None, subject: str, now: datetime) -> bytes | None:
    """Return what identifies a solved challenge for `subject`; None for anything else, whatever it is.

    Whether it was handed in before is asked after the request (operations.spend).
    """
    if not handed_in or len(handed_in) > LONGEST_PROOF:
        return None
    if not verify_solution(handed_in, _secret("challenge"), hmac_key_secret=_secret("solution")).verified:
        return None
    try:
        parameters = json.loads(base64.b64decode(handed_in))["challenge"]["parameters"]
        data = parameters["data"]
        if data["subject"] != subject or data["until"] < now.timestamp():
            return None
        return hashlib.sha256(parameters["nonce"].encode()).digest()[:KEY_BYTES]
    except (ValueError, KeyError, TypeError, binascii.Error):
        return None


def waiting_ticket(subject: str, who: bytes, until: datetime) -> str:
    """Return what proves, from `until` on, that somebody waited: for one subject and one address, for one use."""
    stated = f"{int(until.timestamp())}.{secrets.token_urlsafe(KEY_BYTES)}"
    return f"{stated}.{_ticket_seal(stated, subject, who)}"


def waited(ticket: str, subject: str, who: bytes, now: datetime) -> bytes | None:
    """Return what identifies a ticket whose time has come and is not long past; None for anything else."""
    stated, _, seal = ticket.rpartition(".")
    until = stated.partition(".")[0]
    if len(ticket) > LONGEST_PROOF or not (until.isascii() and until.isdigit()):
        return None
    if not hmac.compare_digest(seal.encode("utf-8", "surrogatepass"), _ticket_seal(stated, subject, who).encode()):
        return None
    is_time = int(until) <= now.timestamp() < int(until) + CHALLENGE_LASTS.total_seconds()
    return hashlib.sha256(ticket.encode()).digest()[:KEY_BYTES] if is_time else None


def _ticket_seal(stated: str, subject: str, who: bytes) -> str:
    text = f"{subject} {who.hex()} {stated}"
    return fingerprint("waiting", text.encode("utf-8", "replace").decode()).hex()


def _secret(use: str) -> bytes:
    return fingerprint("proof of work", use)
