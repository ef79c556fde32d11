"""Use-cases: take in what the provider says of a page, a subscription and an invoice, any number of times.

Locks are taken in one order: the monthly payment's row, then its months' payments, and the ledger's head last.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.kernel.ids import row_id
from campaigns.kernel.money import Money
from campaigns.kernel.subscription_ports import RemoteInvoice, RemoteSignup, RemoteSubscription
from campaigns.outbox import operations as outbox
from campaigns.payments import booking as payments
from campaigns.payments.alarms import alarm
from campaigns.payments.models import Payment
from campaigns.payments.rules import State as PaymentState
from campaigns.payments.rules import Word
from campaigns.recurring import operations, queries, rules
from campaigns.recurring.models import PaymentSubscription
from campaigns.recurring.queries import Monthly
from campaigns.recurring.rules import State

METADATA_KEY = "payment"


@dataclass(frozen=True, slots=True)
class About:
    """What a monthly payment is for. `email` is empty where it was erased: then nobody is written to.

    `choices` are the amounts it may be changed to; none means any amount from `least` to `most`.
    """

    email: str
    is_gift: bool
    title: str
    lines: tuple[tuple[str, str, str], ...]
    least: Money
    most: Money
    choices: tuple[tuple[str, Money], ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """One month that was paid. `metadata` is what we had written on the subscription when it was asked for."""

    invoice_id: str
    amount: Money
    paid_at: datetime
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RestoredMonthly:
    """What a monthly payment is for whose row is lost, its address, and what its owner agreed to pay each month."""

    subject_id: UUID
    public_id: str
    amount: Money


class PeriodHandler(Protocol):
    """What a feature does whose subjects are paid for each month."""

    @property
    def payment_kind(self) -> str:
        """Under which kind the one payment of a month is booked (see payments.booking.Handlers)."""

    def begin_period(self, session: Session, monthly: Monthly, period: Period, now: datetime) -> UUID:
        """Make what this month pays for, and return its id: the same one for the same invoice."""

    def about(self, session: Session, subject_id: UUID) -> About:
        """Say what a subject's months are for."""

    def metadata(self, session: Session, monthly: Monthly, amount: Money) -> dict[str, str]:
        """Return what the provider keeps with the subscription, so that a lost month can be found again."""

    def amount_changed(self, session: Session, subject_id: UUID, amount: Money, now: datetime) -> None:
        """Note that each month is another amount from now on."""

    def restored(
        self, session: Session, remote: RemoteSubscription, email: str, now: datetime
    ) -> RestoredMonthly | None:
        """Make a lost subject again from what its subscription says; None where it is not ours. Idempotent.

        `email` is the address that was given on the page on which it began, empty where the provider has none.
        """


PeriodHandlers = Mapping[str, PeriodHandler]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an invoice: whose it is, and the state of its payment (None where it is not paid)."""

    monthly: Monthly
    payment: PaymentState | None


def take_in_signup(session: Session, remote: RemoteSignup, *, livemode: bool) -> Monthly | None:
    """Move a monthly payment to what its hosted page says; None where the page is not one of ours."""
    row = _locked(session, remote.reference) if remote.livemode == livemode else None
    if row is None or row.session_id not in (None, remote.id):  # it borrows our id, and neither moves nor pays ours
        return None
    row.session_id = remote.id
    row.state = rules.next_state(State(row.state), rules.page_seen(remote.status)).value
    row.remote_id = row.remote_id or remote.subscription_id
    session.flush()
    return queries.find(session, row.id)


def take_in_subscription(
    session: Session,
    remote: RemoteSubscription,
    handlers: PeriodHandlers,
    *,
    livemode: bool,
    asked_at: datetime,
    now: datetime,
) -> Monthly | None:
    """Move a monthly payment to what the provider said when it was asked; None where it is not ours.

    An answer older than one that was taken in changes nothing, but that an end is an end.
    """
    row = _row_of(session, remote.id, remote.metadata) if remote.livemode == livemode else None
    if row is None:
        return None
    seen = rules.seen(remote.status, is_paused=remote.is_paused)
    if rules.is_stale(asked_at, row.seen_at) and seen is not rules.Seen.ENDED:
        return queries.find(session, row.id)
    before, known_at = State(row.state), row.seen_at or row.created_at
    _mirror(row, remote, rules.next_state(before, seen), asked_at, now)
    session.flush()
    monthly = queries.find(session, row.id)
    assert monthly is not None
    if before in rules.BEGINNING and monthly.is_live:
        operations.queue_waiting(session, row.id, now=now)
    word = rules.told_of(before, monthly.state, unpaid=remote.ended_unpaid)
    if word:
        key = f"{row.id}:ended" if monthly.state is State.ENDED else f"{row.id}:{word}:{asked_at.isoformat()}"
        tell(session, rules.CHANGED_MAIL, key, monthly, handlers, {"word": word}, happened_at=known_at, now=now)
    return monthly


def _mirror(
    row: PaymentSubscription, remote: RemoteSubscription, state: State, asked_at: datetime, now: datetime
) -> None:
    row.state, row.remote_id, row.customer_id = state.value, remote.id, remote.customer_id
    row.period_end, row.card_expires = remote.period_end, remote.card_expires
    row.seen_at = max(asked_at, row.seen_at or asked_at)
    row.started_at = row.started_at or (now if state in rules.LIVE else None)
    row.ends_at, row.ended_at = remote.ends_at, row.ended_at or remote.ended_at


def take_in_invoice(
    session: Session,
    remote: RemoteInvoice,
    handlers: PeriodHandlers,
    paying: payments.Handlers,
    *,
    livemode: bool,
    now: datetime,
) -> Taken | None:
    """Book the month that an invoice asks for, where it is paid; tell the owner of one that the card refused.

    None where it is not ours. Its payment is PARKED where it shows money that nobody has agreed to.
    """
    row = _row_of(session, remote.subscription_id, remote.metadata)
    if row is None:
        return None
    row.remote_id = row.remote_id or remote.subscription_id
    session.flush()
    monthly = queries.find(session, row.id)
    assert monthly is not None
    if remote.status == "open" and remote.attempts:
        _tell_of_failure(session, remote, monthly, handlers, now)
    if remote.status != "paid" or remote.charge is None:
        return Taken(monthly, None)
    payment = _payment_of(session, remote, row, monthly, handlers, livemode, now)
    if payment.state == PaymentState.PAID:
        payments.book(session, payment, remote.intent_id, remote.charge, paying[payment.kind], now)
    return Taken(monthly, PaymentState(payment.state))


def _payment_of(
    session: Session,
    remote: RemoteInvoice,
    row: PaymentSubscription,
    monthly: Monthly,
    handlers: PeriodHandlers,
    livemode: bool,
    now: datetime,
) -> Payment:
    """Return the one payment of an invoice; the first call makes it, with what it pays for."""
    found = session.scalars(select(Payment).where(Payment.invoice_id == remote.id).with_for_update()).first()
    if found is not None:
        return found
    assert remote.charge is not None
    matches = (
        remote.livemode == livemode
        and remote.charge.amount == remote.amount
        and rules.is_agreed(
            remote.amount, queries.agreed(session, row) | rules.marked(remote.metadata, row.id, row.currency)
        )
    )
    handler = handlers[row.kind]
    kind, subject_id, state = row.kind, row.subject_id, PaymentState.PARKED
    if matches:
        period = Period(remote.id, remote.amount, remote.charge.created_at, remote.metadata)
        kind, subject_id, state = handler.payment_kind, handler.begin_period(session, monthly, period, now), _PAID
    made = Payment(
        id=row_id(now), kind=kind, subject_id=subject_id, amount_minor=remote.amount.minor,
        currency=remote.amount.currency, state=state.value, is_settled=False, invoice_id=remote.id,
        subscription_id=row.id, created_at=now, expires_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    if state is PaymentState.PARKED:
        alarm(session, Word.MISMATCH, str(made.id), now, payment_id=made.id)
    return made


_PAID = PaymentState.PAID


def _tell_of_failure(
    session: Session, remote: RemoteInvoice, monthly: Monthly, handlers: PeriodHandlers, now: datetime
) -> None:
    again = remote.next_attempt.date().isoformat() if remote.next_attempt else ""
    asked = [remote.amount.minor, remote.amount.currency]
    facts = {"again": again, "asked": asked}
    happened_at = remote.created_at
    tell(session, rules.FAILED_MAIL, remote.id, monthly, handlers, facts, happened_at=happened_at, now=now)


def tell(
    session: Session,
    kind: str,
    key: str,
    monthly: Monthly,
    handlers: PeriodHandlers,
    facts: Mapping[str, object],
    *,
    happened_at: datetime,
    now: datetime,
) -> None:
    """Queue one mail to the address that is kept, with a fresh link to what it is about; none where it is erased."""
    about = handlers[monthly.kind].about(session, monthly.subject_id)
    if not about.email or outbox.is_queued(session, kind, key):
        return
    lasts = rules.link_lifetime(monthly.state)
    payload = {
        "to": about.email,
        "manage": operations.new_link(session, monthly.id, lasts=lasts, now=now),
        "days": lasts.days,
        "title": about.title,
        "is_gift": about.is_gift,
        "amount": [monthly.amount.minor, monthly.amount.currency],
        **facts,
    }
    outbox.enqueue_once_ever(session, kind, key, payload, happened_at=happened_at, now=now)


def _row_of(session: Session, remote_id: str | None, metadata: Mapping[str, str]) -> PaymentSubscription | None:
    """Return the row under the provider's id; else the one that the metadata names, unless it has another id."""
    if remote_id is None:
        return None
    known = select(PaymentSubscription).where(PaymentSubscription.remote_id == remote_id).with_for_update()
    if found := session.scalars(known).first():
        return found
    named = _locked(session, metadata.get(METADATA_KEY))
    return named if named is not None and named.remote_id is None else None


def _locked(session: Session, text: str | None) -> PaymentSubscription | None:
    try:
        wanted = UUID(text or "")
    except ValueError:
        return None
    mine = select(PaymentSubscription).where(PaymentSubscription.id == wanted).with_for_update()
    return session.scalars(mine).first()
