"""Reads of payments."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Uuid, func, literal, select, tuple_
from sqlalchemy.orm import Session

from campaigns.db.base import UTCDateTime
from campaigns.payments.models import Payment, PaymentEvent, PaymentFact, PaymentNotice
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


@dataclass(frozen=True, slots=True)
class Waiting:
    """A payment to ask about, and its place among them."""

    place: tuple[datetime, UUID]
    session_id: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a treasurer has to look at."""

    word: str
    about: str
    payment_id: UUID | None
    noted_at: datetime
    looked_at: datetime | None

    @property
    def mark(self) -> str:
        """By what it is named where somebody says that they have looked."""
        return f"{self.word}:{self.about}"


def of_subject(session: Session, kind: str, subject_id: UUID) -> PaymentFacts | None:
    """Return the newest payment of a subject, or None."""
    row = session.scalars(
        select(Payment)
        .where(Payment.kind == kind, Payment.subject_id == subject_id)
        .order_by(Payment.created_at.desc())
        .limit(1)
    ).first()
    return _facts(row) if row else None


def unsettled(
    session: Session, now: datetime, *, older_than: timedelta, after: tuple[datetime, UUID] | None, limit: int
) -> list[Waiting]:
    """Return the next `limit` payments whose end no event has told us yet, the oldest first; `after` is a place."""
    place = tuple_(Payment.created_at, Payment.id)
    query = (
        select(Payment.created_at, Payment.id, Payment.session_id)
        .where(Payment.is_settled.is_(False), Payment.state.not_in(_FINAL), Payment.session_id.is_not(None))
        .where(Payment.created_at.between(now - SWEPT_FOR, now - older_than))
        .order_by(Payment.created_at, Payment.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(place > tuple_(literal(after[0], UTCDateTime()), literal(after[1], Uuid())))
    return [Waiting((row.created_at, row.id), row.session_id) for row in session.execute(query)]


def parked(session: Session) -> int:
    """Return how many payments wait for a person because they do not match what was asked."""
    return session.scalar(select(func.count()).select_from(Payment).where(Payment.state == State.PARKED)) or 0


def id_of_session(session: Session, session_id: str) -> UUID | None:
    """Return the payment of a hosted page."""
    return session.scalars(select(Payment.id).where(Payment.session_id == session_id)).first()


def notices(session: Session, *, limit: int, looked_at: bool = False) -> list[Notice]:
    """Return what a treasurer still has to look at, or has looked at, the newest first."""
    order = (PaymentNotice.noted_at.desc(), PaymentNotice.word, PaymentNotice.about)
    mine = PaymentNotice.looked_at.is_not(None) if looked_at else PaymentNotice.looked_at.is_(None)
    rows = session.scalars(select(PaymentNotice).where(mine).order_by(*order).limit(limit))
    return [Notice(row.word, row.about, row.payment_id, row.noted_at, row.looked_at) for row in rows]


def past_notices(session: Session) -> int:
    """Return how many notices somebody has looked at."""
    return session.scalar(select(func.count()).where(PaymentNotice.looked_at.is_not(None))) or 0


def fact(session: Session, name: str) -> PaymentFact | None:
    """Return what is known of the provider under `name`."""
    return session.get(PaymentFact, name)


def first_payment_at(session: Session) -> datetime | None:
    """Return when the first payment was prepared; that of a month is only when it is booked."""
    return session.scalar(select(func.min(Payment.created_at)))


def last_paid_at(session: Session) -> datetime | None:
    """Return when the last payment was paid."""
    return session.scalar(select(func.max(Payment.paid_at)))


def last_event_at(session: Session) -> datetime | None:
    """Return when the provider last rang; what was looked up because it did not ring does not count."""
    return session.scalar(select(func.max(PaymentEvent.received_at)).where(PaymentEvent.deliveries > 0))


def _facts(row: Payment) -> PaymentFacts:
    return PaymentFacts(row.id, row.subject_id, State(row.state), row.session_id, row.is_settled, row.paid_at)
