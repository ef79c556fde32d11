"""Use-cases: what to book of money that went back to who paid, or came back to us after all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.kernel.ports import BalanceMovement, RemoteDispute, RemoteRefund
from campaigns.ledger import queries as journal
from campaigns.ledger import reversals
from campaigns.ledger import rules as ledger_rules
from campaigns.ledger.rules import Bearer, Draft, EarmarkLine, Kind, Meaning
from campaigns.payments import suspense
from campaigns.payments.alarms import alarm
from campaigns.payments.booking import Paid
from campaigns.payments.rules import Word


@dataclass(frozen=True, slots=True)
class Return:
    """One balance transaction of money that went back; `undone` is the one that it takes back, where it does."""

    movement: BalanceMovement
    undone: BalanceMovement | None
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Stake:
    """Whose money a payment is: what was given to each fund, what each still holds, and who bears fees."""

    given: list[EarmarkLine]
    held: list[EarmarkLine]
    bearers: list[Bearer]


def of_refund(refund: RemoteRefund) -> Iterator[Return]:
    """Yield what a refund moved, and what came back where it failed."""
    if refund.movement:
        yield Return(refund.movement, None, Meaning.REFUNDED)
    if refund.failure:
        yield Return(refund.failure, refund.movement, Meaning.REFUNDED)


def of_dispute(dispute: RemoteDispute) -> Iterator[Return]:
    """Yield what the bank withdrew, and what it reinstated. An inquiry has moved nothing."""
    withdrawn = next((each for each in dispute.movements if each.gross.minor < 0), None)
    for movement in dispute.movements:
        yield Return(movement, None if movement is withdrawn else withdrawn, Meaning.DISPUTED)


def is_booked(session: Session, back: Return) -> bool:
    """Say whether the journal holds it."""
    return journal.record(session, f"bt:{back.movement.id}") is not None


def draft_of(session: Session, paid: Paid, back: Return, stake: Stake, now: datetime) -> Draft | None:
    """Return the entry: each earmark bears its part of what it held, or gets back just what it had lost.

    None where what went out was nobody's: what comes back of it is kept in suspense with it.
    """
    shares = reversals.to_share_out(stake.held, stake.given)
    found = journal.record(session, f"bt:{back.undone.id}") if back.undone else None
    if found:
        if found[0].kind == Kind.UNKNOWN:
            suspense.keep(session, back.movement, now, payment_id=paid.payment_id)
            return None
        shares = reversals.taken(found[0], back.meaning) or shares
    elif -back.movement.gross.minor > sum(line.amount.minor for line in stake.held):
        alarm(session, Word.DISPUTE_EXCEEDS, back.movement.id, now, payment_id=paid.payment_id)
    draft = ledger_rules.refunded if back.meaning is Meaning.REFUNDED else ledger_rules.disputed
    return draft(back.movement, shares, stake.bearers)
