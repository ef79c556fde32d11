"""The payment's state machine, written out: every state and every observation has a named answer."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """How far a payment has come. PARKED is for a person to look at; nothing is booked from there."""

    PRE = "pre"
    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    PARKED = "parked"


class Seen(StrEnum):
    """What the provider says of the session now."""

    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    MISMATCH = "mismatch"


_UNSETTLED: Final = (State.PRE, State.OPEN, State.PROCESSING, State.FAILED, State.EXPIRED)
# A payment that is paid or parked stays so: money never becomes unpaid, refunds are entries of their own.
_NEXT: Final[dict[tuple[State, Seen], State]] = {
    **{(state, Seen.PAID): State.PAID for state in _UNSETTLED},
    **{(state, Seen.MISMATCH): State.PARKED for state in _UNSETTLED},
    **{(state, Seen.PROCESSING): State.PROCESSING for state in _UNSETTLED},
    **{(state, Seen.FAILED): State.FAILED for state in _UNSETTLED},
    **{(state, Seen.EXPIRED): State.EXPIRED for state in (State.PRE, State.OPEN, State.EXPIRED)},
    (State.PROCESSING, Seen.EXPIRED): State.PROCESSING,
    (State.FAILED, Seen.EXPIRED): State.FAILED,
    (State.PRE, Seen.OPEN): State.OPEN,
    (State.OPEN, Seen.OPEN): State.OPEN,
    (State.PROCESSING, Seen.OPEN): State.PROCESSING,
    (State.FAILED, Seen.OPEN): State.FAILED,
    (State.EXPIRED, Seen.OPEN): State.EXPIRED,
    **{(State.PAID, seen): State.PAID for seen in Seen},
    **{(State.PARKED, seen): State.PARKED for seen in Seen},
}


def next_state(state: State, seen: Seen) -> State:
    """Return the state after `seen`; total over both enumerations (a test walks the product)."""
    return _NEXT[state, seen]


def seen(*, status: str, payment_status: str, intent_status: str | None, has_charge: bool, matches: bool) -> Seen:
    """Say what a fetched session shows. Only a paid status with a succeeded charge is paid."""
    if status == "expired":
        return Seen.EXPIRED
    if status == "open":
        return Seen.OPEN
    if not matches:
        return Seen.MISMATCH
    if payment_status == "paid" and has_charge:
        return Seen.PAID
    if intent_status in ("requires_payment_method", "canceled"):
        return Seen.FAILED
    return Seen.PROCESSING


SUBJECTS: Final = frozenset({"checkout.session", "payment_intent", "charge", "refund", "invoice", "subscription"})
"""Which objects' doorbells are worth a sync; others are stored and ignored."""
