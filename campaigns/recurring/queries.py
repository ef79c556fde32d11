"""Reads of what is paid each month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from campaigns.kernel import tokens
from campaigns.kernel.money import Money
from campaigns.payments.models import Payment
from campaigns.payments.rules import State as PaymentState
from campaigns.recurring.models import PaymentSubscription, SubscriptionChange, SubscriptionLink
from campaigns.recurring.rules import BEGINNING, CARD_WARNING, LINK_PURPOSE, LIVE, Act, State

SWEPT_FOR: Final = timedelta(days=35)
OVERLAP: Final = timedelta(hours=48)
OVERDUE: Final = timedelta(days=1)
PRE: Final = "pre"


@dataclass(frozen=True, slots=True)
class Monthly:
    """Where a monthly payment stands. `waits` are the acts that were asked for and are not carried out yet."""

    id: UUID
    public_id: str
    kind: str
    subject_id: UUID
    state: State
    amount: Money
    session_id: str | None
    remote_id: str | None
    customer_id: str | None
    period_end: datetime | None
    card_expires: date | None
    created_at: datetime
    ends_at: datetime | None
    ended_at: datetime | None
    waits: tuple[Act, ...]

    @property
    def has_begun(self) -> bool:
        """Whether a first month was ever asked of a card."""
        return self.state not in BEGINNING

    @property
    def is_live(self) -> bool:
        """Whether money will be asked for, or may be again."""
        return self.state in LIVE

    @property
    def will_rest(self) -> bool:
        """Whether it is paused once what waits is carried out."""
        last = [act for act in self.waits if act in (Act.PAUSE, Act.RESUME)][-1:]
        return last == [Act.PAUSE] if last else self.state is State.PAUSED


@dataclass(frozen=True, slots=True)
class Asked:
    """What an owner asked for; `amount` is None where it was not about one."""

    act: Act
    amount: Money | None
    state: str
    at: datetime
    done_at: datetime | None


def find(session: Session, subscription_id: UUID) -> Monthly | None:
    """Return one, or None."""
    row = session.get(PaymentSubscription, subscription_id)
    return _facts(session, row) if row else None


def find_public(session: Session, public_id: str) -> Monthly | None:
    """Return the one at an unguessable address, or None."""
    return _one(session, PaymentSubscription.public_id == public_id)


def of_session(session: Session, session_id: str) -> Monthly | None:
    """Return the one that began, or may begin, on a hosted page; None where the page is for something else."""
    return _one(session, PaymentSubscription.session_id == session_id)


def of_remote(session: Session, remote_id: str) -> Monthly | None:
    """Return the one under the provider's id, or None."""
    return _one(session, PaymentSubscription.remote_id == remote_id)


def of_subject(session: Session, kind: str, subject_id: UUID) -> Monthly | None:
    """Return the one that pays for a subject, or None."""
    return _one(session, PaymentSubscription.kind == kind, PaymentSubscription.subject_id == subject_id)


def of_subjects(session: Session, kind: str, subject_ids: Sequence[UUID]) -> dict[UUID, Monthly]:
    """Return those that pay for many subjects, by subject."""
    mine = (PaymentSubscription.kind == kind, PaymentSubscription.subject_id.in_(subject_ids))
    return {row.subject_id: _facts(session, row) for row in session.scalars(select(PaymentSubscription).where(*mine))}


def behind_link(session: Session, secret: str, now: datetime) -> Monthly | None:
    """Return the one whose owner `secret` was mailed to; None where the link is unknown or too old."""
    found = session.scalars(
        select(SubscriptionLink.subscription_id).where(
            SubscriptionLink.digest == tokens.digest(LINK_PURPOSE, secret), SubscriptionLink.expires_at > now
        )
    ).first()
    return find(session, found) if found else None


def _one(session: Session, *where: object) -> Monthly | None:
    row = session.scalars(select(PaymentSubscription).where(*where)).first()  # type: ignore[arg-type]  # column tests
    return _facts(session, row) if row else None


def waits(session: Session, subscription_id: UUID) -> tuple[Act, ...]:
    """Return the acts that were asked for and are not carried out yet, in their order."""
    acts = session.scalars(
        select(SubscriptionChange.act)
        .where(SubscriptionChange.subscription_id == subscription_id, SubscriptionChange.state == PRE)
        .order_by(SubscriptionChange.id)
    )
    return tuple(Act(act) for act in acts)


def asked_of(session: Session, monthly: Monthly) -> list[Asked]:
    """Return all that the owner has asked for, in its order."""
    rows = session.scalars(
        select(SubscriptionChange)
        .where(SubscriptionChange.subscription_id == monthly.id)
        .order_by(SubscriptionChange.id)
    )
    return [_asked(row, monthly.amount.currency) for row in rows]


def _asked(row: SubscriptionChange, currency: str) -> Asked:
    amount = None if row.amount_minor is None else Money(row.amount_minor, currency)
    return Asked(Act(row.act), amount, row.state, row.created_at, row.done_at)


def _facts(session: Session, row: PaymentSubscription) -> Monthly:
    return Monthly(
        row.id, row.public_id, row.kind, row.subject_id, State(row.state), Money(row.amount_minor, row.currency),
        row.session_id, row.remote_id, row.customer_id, row.period_end, row.card_expires, row.created_at,
        row.ends_at, row.ended_at,
        waits(session, row.id),
    )  # fmt: skip


def agreed(session: Session, row: PaymentSubscription) -> set[Money]:
    """Return every amount that the owner has ever agreed to be charged for a month."""
    amounts = session.scalars(
        select(SubscriptionChange.amount_minor).where(SubscriptionChange.subscription_id == row.id)
    )
    return {Money(minor, row.currency) for minor in amounts if minor is not None}


def invoice_of_payment(session: Session, object_id: str) -> tuple[bool, str | None]:
    """Return (is it a payment of ours, its invoice) for a payment intent's or a charge's id."""
    row = session.execute(
        select(Payment.invoice_id).where(or_(Payment.intent_id == object_id, Payment.charge_id == object_id))
    ).first()
    return (row is not None, row.invoice_id if row else None)


def is_page_for_once(session: Session, session_id: str) -> bool:
    """Say whether a hosted page is for something that is paid once."""
    return session.scalars(select(Payment.id).where(Payment.session_id == session_id)).first() is not None


def is_settled(session: Session, invoice_id: str) -> bool:
    """Say whether an invoice's payment is booked with its balance transaction, or waits for a person."""
    row = session.execute(select(Payment.is_settled, Payment.state).where(Payment.invoice_id == invoice_id)).first()
    return row is not None and (row.is_settled or row.state == PaymentState.PARKED)


# What the sweep looks at


def unfinished_pages(session: Session, now: datetime, older_than: timedelta, limit: int) -> list[str]:
    """Return the hosted pages whose end nobody has told us."""
    rows = session.scalars(
        select(PaymentSubscription.session_id)
        .where(PaymentSubscription.state.in_(BEGINNING), PaymentSubscription.state != State.EXPIRED)
        .where(PaymentSubscription.session_id.is_not(None))
        .where(PaymentSubscription.created_at.between(now - SWEPT_FOR, now - older_than))
        .order_by(PaymentSubscription.created_at)
        .limit(limit)
    )
    return [session_id for session_id in rows if session_id]


def overdue(session: Session, now: datetime, limit: int) -> list[str]:
    """Return what lives by our books although its period has ended, and what owes a month, seldom looked at.

    A month that is paid late has an old invoice, so the list of new ones does not show it.
    """
    is_late = or_(PaymentSubscription.period_end < now - OVERDUE, PaymentSubscription.state == State.PAST_DUE)
    rows = session.scalars(
        select(PaymentSubscription.remote_id)
        .where(PaymentSubscription.state.in_(LIVE), PaymentSubscription.remote_id.is_not(None))
        .where(is_late)
        .where(or_(PaymentSubscription.seen_at.is_(None), PaymentSubscription.seen_at < now - OVERDUE))
        .order_by(PaymentSubscription.period_end)
        .limit(limit)
    )
    return [remote_id for remote_id in rows if remote_id]


def unsettled_invoices(session: Session, now: datetime, older_than: timedelta, limit: int) -> list[str]:
    """Return the invoices of payments whose balance transaction has not come yet."""
    rows = session.scalars(
        select(Payment.invoice_id)
        .where(Payment.is_settled.is_(False), Payment.invoice_id.is_not(None), Payment.state == PaymentState.PAID)
        .where(Payment.created_at.between(now - SWEPT_FOR, now - older_than))
        .order_by(Payment.created_at)
        .limit(limit)
    )
    return [invoice_id for invoice_id in rows if invoice_id]


def swept_from(session: Session) -> datetime | None:
    """Return the moment from which paid invoices are asked for: OVERLAP before the newest that is booked.

    None where nothing is paid monthly here. The journal is the cursor: one that was restored from a backup begins
    where the backup ended.
    """
    newest = session.scalars(
        select(Payment.paid_at)
        .where(Payment.invoice_id.is_not(None), Payment.paid_at.is_not(None))
        .order_by(Payment.paid_at.desc())
        .limit(1)
    ).first()
    begins = newest or first_asked_at(session)
    return begins - OVERLAP if begins else None


def first_asked_at(session: Session) -> datetime | None:
    """Return when the first monthly payment was begun, None where there is none."""
    return session.scalar(select(func.min(PaymentSubscription.created_at)))


def expiring_cards(session: Session, today: date, limit: int, after: UUID) -> list[UUID]:
    """Return what lives and is paid by a card that stops working soon: one page, from behind the row `after`."""
    rows = session.scalars(
        select(PaymentSubscription.id)
        .where(PaymentSubscription.state.in_(LIVE), PaymentSubscription.card_expires > today)
        .where(PaymentSubscription.card_expires <= today + CARD_WARNING, PaymentSubscription.id > after)
        .order_by(PaymentSubscription.id)
        .limit(limit)
    )
    return list(rows)


def over_before(kind: str, moment: datetime) -> Select[UUID]:
    """Return a query of the subjects whose monthly payment never began, or ended, before a moment."""
    never = PaymentSubscription.state.in_(BEGINNING) & (PaymentSubscription.created_at < moment)
    ended = (PaymentSubscription.state == State.ENDED) & (PaymentSubscription.ended_at < moment)
    return select(PaymentSubscription.subject_id).where(PaymentSubscription.kind == kind, never | ended)


def remote_ids(session: Session, kind: str, subject_ids: Sequence[UUID]) -> list[str]:
    """Return the provider's ids of what pays for subjects and of each of its invoices: what events may speak of."""
    mine = (PaymentSubscription.kind == kind, PaymentSubscription.subject_id.in_(subject_ids))
    rows = session.execute(
        select(PaymentSubscription.session_id, PaymentSubscription.remote_id, PaymentSubscription.customer_id,
               Payment.invoice_id, Payment.intent_id, Payment.charge_id)
        .outerjoin(Payment, Payment.subscription_id == PaymentSubscription.id)
        .where(*mine)
    )  # fmt: skip
    return list({remote_id for row in rows for remote_id in row if remote_id})
