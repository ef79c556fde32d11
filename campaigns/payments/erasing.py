"""Use-cases: let go of what events say about people. An event is a doorbell; what is booked came from elsewhere."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CursorResult, func, select, union_all, update
from sqlalchemy.orm import Session

from campaigns.db.sealing import seal
from campaigns.payments.models import Payment, PaymentDispute, PaymentEvent, PaymentNotice, PaymentRefund

EVENT_KEPT = timedelta(days=30)
# What an event about a payment may name as its subject: the evidence of a dispute holds names and addresses too.
_ABOUT = (
    (Payment.session_id, Payment.id),
    (Payment.intent_id, Payment.id),
    (Payment.charge_id, Payment.id),
    (PaymentRefund.id, PaymentRefund.payment_id),
    (PaymentDispute.id, PaymentDispute.payment_id),
    (PaymentNotice.about, PaymentNotice.payment_id),
)


def empty_events(session: Session, kind: str, subject_ids: Sequence[UUID]) -> None:
    """Empty the stored bodies of the events about these subjects' payments."""
    mine = select(Payment.id).where(Payment.kind == kind, Payment.subject_id.in_(subject_ids))
    ids = list(session.scalars(union_all(*(select(column).where(owner.in_(mine)) for column, owner in _ABOUT))))
    empty_events_about(session, [remote_id for remote_id in ids if remote_id])


def empty_events_about(session: Session, remote_ids: Sequence[str]) -> None:
    """Empty the stored bodies of the events about objects of the provider."""
    session.execute(update(PaymentEvent).where(PaymentEvent.subject_id.in_(remote_ids)).values(body=""))


def empty_old_events(session: Session, now: datetime) -> int:
    """Empty the bodies of events that nobody will look into any more; return how many."""
    bare = len(seal(""))
    old = (PaymentEvent.received_at < now - EVENT_KEPT, func.length(PaymentEvent.body) > bare)
    result = session.execute(update(PaymentEvent).where(*old).values(body=""))
    assert isinstance(result, CursorResult)
    return result.rowcount
