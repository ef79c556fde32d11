"""The payment's state machine, written out: every state and every observation has a named answer."""

from datetime import timedelta
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


SUBJECTS: Final = frozenset(
    {"checkout.session", "payment_intent", "charge", "refund", "dispute", "radar.early_fraud_warning", "payout",
     "invoice", "subscription"}
)  # fmt: skip
"""Which objects' doorbells are worth a sync; others are stored and ignored."""

# The types of events that tell all of it; `payments doctor` asks whether the endpoint is rung for each.
EVENTS: Final = frozenset(
    f"{kind}.{word}"
    for kind, words in {
        "checkout.session": "completed async_payment_succeeded async_payment_failed expired",
        "payment_intent": "succeeded payment_failed",
        "charge": "succeeded updated refunded",
        "refund": "created updated failed",
        "charge.dispute": "created updated closed funds_withdrawn funds_reinstated",
        "radar.early_fraud_warning": "created",
        "payout": "created updated paid failed canceled reconciliation_completed",
        "invoice": "paid payment_failed",
        "customer.subscription": "updated deleted",
    }.items()
    for word in words.split()
)


class Word(StrEnum):
    """Why a treasurer has to look."""

    MISMATCH = "mismatch"
    DUPLICATE = "duplicate"
    FUND_CHANGED = "fund_changed"
    OVERDRAWN = "overdrawn"
    RESTORED = "restored"
    REFUND_FAILED = "refund_failed"
    INQUIRY = "inquiry"
    DISPUTE = "dispute"
    DISPUTE_EXCEEDS = "dispute_exceeds"
    FRAUD_WARNING = "fraud_warning"
    PAYOUT_FAILED = "payout_failed"
    PAYOUT_PARTS = "payout_parts"
    SUSPENSE = "suspense"
    NOT_TAKEN_IN = "not_taken_in"
    UNKNOWN_STATUS = "unknown_status"
    OTHER_ACCOUNT = "other_account"
    OTHER_MODE = "other_mode"


# The provider's lists are not always at one: only after this long a balance transaction counts as one that nobody
# explains. One of a payment that is still under way waits longer for it.
EXPLAINED_WITHIN: Final = timedelta(minutes=10)
UNDER_WAY_WITHIN: Final = timedelta(hours=24)


def stays_unexplained(payment: State | None, age: timedelta) -> bool:
    """Say whether a balance transaction that is not booked, after its payment was synced, belongs in suspense.

    `payment` is None where it is about no payment of ours; one that is parked is for a person to look at.
    """
    settled = payment in (None, State.PAID, State.PARKED)
    return age >= (EXPLAINED_WITHIN if settled else UNDER_WAY_WITHIN)
