"""Use-cases: prepare a payment, store an event, take in what the provider says."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.kernel.ids import row_id
from campaigns.kernel.money import Money
from campaigns.kernel.ports import Doorbell, RemoteSession
from campaigns.outbox import operations as outbox
from campaigns.outbox.operations import insert_ignoring
from campaigns.payments import rules
from campaigns.payments.booking import Handlers, book
from campaigns.payments.models import Payment, PaymentEvent
from campaigns.payments.rules import Seen, State

SYNC_JOB = "payments.sync"
SESSION_LIFETIME = timedelta(hours=2)


def prepare(session: Session, kind: str, subject_id: UUID, amount: Money, *, now: datetime) -> UUID:
    """Add a payment in state `pre` and return its id; nobody outside knows of it yet."""
    payment = Payment(
        id=row_id(now), kind=kind, subject_id=subject_id, amount_minor=amount.minor, currency=amount.currency,
        state=State.PRE.value, is_settled=False, created_at=now, expires_at=now + SESSION_LIFETIME,
    )  # fmt: skip
    session.add(payment)
    return payment.id


def opened(session: Session, payment_id: UUID, remote: RemoteSession) -> None:
    """Note the hosted page that was opened for a payment."""
    session.execute(
        update(Payment)
        .where(Payment.id == payment_id, Payment.state == State.PRE)
        .values(state=State.OPEN.value, session_id=remote.id)
    )


def store_event(session: Session, bell: Doorbell, body: bytes, *, now: datetime) -> bool:
    """Store a verified event once and queue its sync; return whether it was new."""
    ignored = bell.subject_kind not in rules.SUBJECTS
    values = {
        "id": bell.id, "type": bell.type, "api_version": bell.api_version, "subject_kind": bell.subject_kind,
        "subject_id": bell.subject_id, "body": body.decode(), "received_at": now, "deliveries": 1,
        "is_ignored": ignored,
    }  # fmt: skip
    if not insert_ignoring(session, PaymentEvent, values):
        again = update(PaymentEvent).where(PaymentEvent.id == bell.id)
        session.execute(again.values(deliveries=PaymentEvent.deliveries + 1))
        return False
    if not ignored:
        payload = {"kind": bell.subject_kind, "id": bell.subject_id}
        outbox.enqueue(session, SYNC_JOB, bell.id, payload, now=now)
    return True


def take_in(
    session: Session, remote: RemoteSession, handlers: Handlers, *, livemode: bool, now: datetime
) -> State | None:
    """Move one payment to what the provider says of its session and book what is missing; idempotent.

    Returns the payment's state; PARKED where the session shows money that is not what was asked, whatever is
    booked already; None where the session is not ours.
    """
    payment = _locked(session, remote)
    if payment is None:
        return None
    if payment.session_id not in (None, remote.id):  # it borrows our id; it neither moves nor pays our payment
        return State.PARKED if remote.status == "complete" else State(payment.state)
    sight = _seen(payment, remote, livemode)
    state = rules.next_state(State(payment.state), sight)
    payment.state, payment.session_id = state.value, remote.id
    if sight is Seen.PAID and state is State.PAID and remote.charge:
        book(session, payment, remote.payment_intent_id, remote.charge, handlers[payment.kind], now)
    return State.PARKED if sight is Seen.MISMATCH else state


def _locked(session: Session, remote: RemoteSession) -> Payment | None:
    try:
        payment_id = UUID(remote.reference or "")
    except ValueError:
        return None
    return session.scalars(select(Payment).where(Payment.id == payment_id).with_for_update()).first()


def _seen(payment: Payment, remote: RemoteSession, livemode: bool) -> Seen:
    expected = Money(payment.amount_minor, payment.currency)
    matches = (
        remote.total == expected
        and (remote.charge is None or remote.charge.amount == expected)
        and remote.livemode == livemode
    )
    return rules.seen(
        status=remote.status,
        payment_status=remote.payment_status,
        intent_status=remote.intent_status,
        has_charge=remote.charge is not None,
        matches=matches,
    )
