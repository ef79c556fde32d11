"""Reads of payments."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.payments.models import Payment
from campaigns.payments.rules import State

_FINAL = (State.EXPIRED, State.PARKED)
SWEPT_FOR = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """Where a payment stands."""

    id: UUID
    subject_id: UUID
    state: State
    session_id: str | None
    is_settled: bool
    paid_at: datetime | None


def of_subject(session: Session, kind: str, subject_id: UUID) -> PaymentFacts | None:
    """Return the newest payment of a subject, or None."""
    row = session.scalars(
        select(Payment)
        .where(Payment.kind == kind, Payment.subject_id == subject_id)
        .order_by(Payment.created_at.desc())
        .limit(1)
    ).first()
    return _facts(row) if row else None


def unsettled(session: Session, now: datetime, *, older_than: timedelta, limit: int) -> list[str]:
    """Return the session ids of payments whose end no event has told us yet."""
    rows = session.scalars(
        select(Payment.session_id)
        .where(Payment.is_settled.is_(False), Payment.state.not_in(_FINAL), Payment.session_id.is_not(None))
        .where(Payment.created_at.between(now - SWEPT_FOR, now - older_than))
        .order_by(Payment.created_at)
        .limit(limit)
    )
    return [session_id for session_id in rows if session_id]


def parked(session: Session) -> int:
    """Return how many payments wait for a person because they do not match what was asked."""
    return session.scalar(select(func.count()).select_from(Payment).where(Payment.state == State.PARKED)) or 0


def _facts(row: Payment) -> PaymentFacts:
    return PaymentFacts(row.id, row.subject_id, State(row.state), row.session_id, row.is_settled, row.paid_at)
