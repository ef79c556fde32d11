"""Use-cases: let go of what is known about givers, but for what the law keeps (docs/retention.md)."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CursorResult, exists, func, select, update
from sqlalchemy.orm import Session

from campaigns.db.sealing import seal
from campaigns.donations.models import Donation
from campaigns.donations.rules import KIND
from campaigns.gate import operations as gate
from campaigns.mailboxes import operations as mailboxes
from campaigns.payments import erasing as payments
from campaigns.payments.models import Payment
from campaigns.payments.rules import State
from campaigns.receipts import operations as receipts

PROMISE_KEPT = timedelta(days=30)
RECEIPT_KEPT = timedelta(days=3653)  # ten years
_MONEY_MOVED = (State.PAID, State.PROCESSING, State.PARKED)
_PAID = exists().where(
    Payment.kind == KIND, Payment.subject_id == Donation.id, Payment.state.in_(_MONEY_MOVED)
)  # PARKED too: a person is looking at it
_UNSAID = {"message": None, "show_name": False, "message_state": None, "dedication": None}
_EMPTIED = {"email": "", "email_hash": None, "name": None, **_UNSAID}


def erase(session: Session, email_hash: bytes) -> int:
    """Empty the gifts under an address; of those that were paid, keep what a receipt needs. Return how many keep it."""
    mine = Donation.email_hash == email_hash
    ids = list(session.scalars(select(Donation.id).where(mine)))
    payments.empty_events(session, KIND, ids)
    gate.forget_address(session, email_hash)
    session.execute(update(Donation).where(mine, ~_PAID).values(_EMPTIED))
    return _changed(session.execute(update(Donation).where(mine).values(_UNSAID)))


def empty_old(session: Session, now: datetime, limit: int) -> int:
    """Empty promises that were never paid, and gifts whose receipt need no longer be kept; return how many."""
    unpaid = (Donation.created_at < now - PROMISE_KEPT) & ~_PAID
    due = unpaid | (Donation.created_at < now - RECEIPT_KEPT)
    ids = list(session.scalars(select(Donation.id).where(Donation.email_hash.is_not(None), due).limit(limit)))
    session.execute(update(Donation).where(Donation.id.in_(ids)).values(_EMPTIED))
    receipts.empty(session, KIND, ids)
    return len(ids)


def index_addresses(session: Session, _now: datetime, limit: int) -> int:
    """Give gifts of before the hash of their address was kept theirs; return how many."""
    bare = len(seal(""))
    rows = session.execute(
        select(Donation.id, Donation.email)
        .where(Donation.email_hash.is_(None), func.length(Donation.email) > bare)
        .limit(limit)
    ).all()
    for row in rows:
        _index(session, row.id, row.email)
    return len(rows)


def _index(session: Session, donation_id: UUID, email: str) -> None:
    values = {"email_hash": mailboxes.hash_of(email)}
    session.execute(update(Donation).where(Donation.id == donation_id).values(values))


def _changed(result: object) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
