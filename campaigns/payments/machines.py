"""The state machines of refunds, disputes and payouts, written out. What they say is shown; money is the ledger's.

Each moves forward only: an answer that was fetched early and comes in late changes nothing.
"""

from collections.abc import Mapping
from enum import StrEnum
from itertools import product
from typing import Final, TypeVar


class Refund(StrEnum):
    """How far a refund has come. One that had succeeded can still fail."""

    UNKNOWN = "unknown"
    PENDING = "pending"
    CANCELED = "canceled"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Dispute(StrEnum):
    """How far a dispute has come. An inquiry moves no money; what was lost may be appealed."""

    UNKNOWN = "unknown"
    INQUIRY = "inquiry"
    INQUIRY_CLOSED = "inquiry_closed"
    PREVENTED = "prevented"
    OPEN = "open"
    LOST = "lost"
    APPEALED = "appealed"
    WON = "won"


class Payout(StrEnum):
    """How far a payout has come. One that was paid can still fail."""

    UNKNOWN = "unknown"
    PENDING = "pending"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    CANCELED = "canceled"
    FAILED = "failed"


AnyState = TypeVar("AnyState", bound=StrEnum)


def _forward(states: type[AnyState]) -> dict[tuple[AnyState, AnyState], AnyState]:
    """Return the answer to every state and every observation: the later of the two, in the order they are written."""
    order = list(states)
    return {(state, seen): max(state, seen, key=order.index) for state, seen in product(order, order)}


NEXT_REFUND: Final = _forward(Refund)
NEXT_DISPUTE: Final = _forward(Dispute) | {(Dispute.APPEALED, Dispute.LOST): Dispute.LOST}  # the appeal was lost too
NEXT_PAYOUT: Final = _forward(Payout)

OVER: Final = frozenset(
    {Refund.CANCELED, Refund.SUCCEEDED, Refund.FAILED}
    | {Dispute.INQUIRY_CLOSED, Dispute.PREVENTED, Dispute.LOST, Dispute.WON}
    | {Payout.PAID, Payout.CANCELED, Payout.FAILED}
)

# The provider's words (https://docs.stripe.com/api/refunds/object, …/disputes/object, …/payouts/object). Another
# word is UNKNOWN: a treasurer is told, and what moved with it is booked by its balance transactions all the same.
_REFUNDS: Final[Mapping[str, Refund]] = {
    "pending": Refund.PENDING,
    "requires_action": Refund.PENDING,
    "succeeded": Refund.SUCCEEDED,
    "failed": Refund.FAILED,
    "canceled": Refund.CANCELED,
}
_DISPUTES: Final[Mapping[str, Dispute]] = {
    "warning_needs_response": Dispute.INQUIRY,
    "warning_under_review": Dispute.INQUIRY,
    "warning_closed": Dispute.INQUIRY_CLOSED,
    "prevented": Dispute.PREVENTED,
    "needs_response": Dispute.OPEN,
    "under_review": Dispute.OPEN,
    "lost": Dispute.LOST,
    "appeal_needs_response": Dispute.APPEALED,
    "appeal_under_review": Dispute.APPEALED,
    "won": Dispute.WON,
}
_PAYOUTS: Final[Mapping[str, Payout]] = {
    "pending": Payout.PENDING,
    "in_transit": Payout.IN_TRANSIT,
    "paid": Payout.PAID,
    "canceled": Payout.CANCELED,
    "failed": Payout.FAILED,
}


def next_refund(state: str, word: str) -> Refund:
    """Return a refund's state after the provider said `word` of it."""
    return NEXT_REFUND[Refund(state), _REFUNDS.get(word, Refund.UNKNOWN)]


def next_dispute(state: str, word: str) -> Dispute:
    """Return a dispute's state after the provider said `word` of it."""
    return NEXT_DISPUTE[Dispute(state), _DISPUTES.get(word, Dispute.UNKNOWN)]


def next_payout(state: str, word: str) -> Payout:
    """Return a payout's state after the provider said `word` of it."""
    return NEXT_PAYOUT[Payout(state), _PAYOUTS.get(word, Payout.UNKNOWN)]
