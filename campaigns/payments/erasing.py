"""Use-cases: let go of what events say about people. An event is a doorbell; what is booked came from elsewhere."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from campaigns.db.sealing import seal
from campaigns.payments.models import Payment, PaymentEvent

EVENT_KEPT = timedelta(days=30)


def empty_events(session: Session, kind: str, subject_ids: Sequence[UUID]) -> None:
    """Empty the stored bodies of the events about these subjects' payments."""
    rows = session.execute(
        select(Payment.session_id, Payment.intent_id, Payment.charge_id).where(
            Payment.kind == kind, Payment.subject_id.in_(subject_ids)
        )
    )
    empty_events_about(session, [remote_id for row in rows for remote_id in row if remote_id])


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
