"""Use-cases: prepare a payment, store an event, take in what the provider says."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from campaigns.kernel.ids import row_id
from campaigns.kernel.money import Money
from campaigns.kernel.ports import Doorbell, RemoteSession
from campaigns.outbox import operations as outbox
from campaigns.outbox.operations import insert_ignoring
from campaigns.payments import queries, rules
from campaigns.payments.alarms import alarm
from campaigns.payments.booking import Handlers, as_paid, book
from campaigns.payments.models import Payment, PaymentEvent
from campaigns.payments.restoring import locked, reference_of, restored
from campaigns.payments.rules import Seen, State, Word

SYNC_JOB = "payments.sync"
SESSION_LIFETIME = timedelta(hours=2)
UNOPENED_KEPT = timedelta(hours=1)
ACCOUNT = "account"  # the fact under which the provider's id of our account is kept


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


def close_unopened(session: Session, now: datetime) -> int:
    """Close the payments whose page was asked for and never noted, once it could not be open any more; return how many.

    They are never asked for again: nobody has the address, and the same key would have to come with the same words.
    Where one was opened and paid all the same, its event or its balance transaction leads back to it.
    """
    late = (Payment.state == State.PRE, Payment.expires_at < now - UNOPENED_KEPT)
    result = session.execute(update(Payment).where(*late).values(state=State.EXPIRED.value))
    assert isinstance(result, CursorResult)
    return result.rowcount


def store_event(session: Session, bell: Doorbell, body: bytes, *, now: datetime, is_delivery: bool = True) -> bool:
    """Store a verified event once and queue its sync; return whether it was new.

    `is_delivery` is false for one that was looked up because it did not arrive.
    """
    ignored = bell.subject_kind not in rules.SUBJECTS
    values = {
        "id": bell.id, "type": bell.type, "api_version": bell.api_version, "subject_kind": bell.subject_kind,
        "subject_id": bell.subject_id, "body": body.decode(), "received_at": now, "deliveries": int(is_delivery),
        "is_ignored": ignored,
    }  # fmt: skip
    if not insert_ignoring(session, PaymentEvent, values):
        again = update(PaymentEvent).where(PaymentEvent.id == bell.id)
        if is_delivery:
            session.execute(again.values(deliveries=PaymentEvent.deliveries + 1))
        return False
    if not ignored:
        payload = {"kind": bell.subject_kind, "id": bell.subject_id}
        outbox.enqueue(session, SYNC_JOB, bell.id, payload, now=now)
    return True


def refusal_of(session: Session, bell: Doorbell, *, livemode: bool) -> Word | None:
    """Say why a genuine event is not for this site: test and live mixed, or another account's. None where it is."""
    if bell.livemode != livemode:
        return Word.OTHER_MODE
    if bell.account is None:
        return None
    ours = queries.fact(session, ACCOUNT)
    return None if ours and ours.value == bell.account else Word.OTHER_ACCOUNT


def refuse_event(session: Session, word: Word, *, now: datetime) -> None:
    """Tell the treasurer of events that were turned away, once a day."""
    alarm(session, word, now.date().isoformat(), now)


def take_in(
    session: Session, remote: RemoteSession, handlers: Handlers, *, livemode: bool, now: datetime
) -> State | None:
    """Move one payment to what the provider says of its session and book what is missing; idempotent.

    Returns the payment's state; PARKED where the session shows money that is not what was asked, whatever is
    booked already; None where the session is not ours.
    """
    known = _locked(session, remote)
    payment = known if known and known.session_id in (None, remote.id) else None
    if payment is None and remote.livemode == livemode:
        payment = restored(session, remote, handlers, now, is_second=known is not None)
    if payment is None:
        return _stranger(session, known, remote, now)
    sight = _seen(payment, remote, livemode)
    before, state = State(payment.state), rules.next_state(State(payment.state), sight)
    payment.state, payment.session_id = state.value, remote.id
    if sight is Seen.MISMATCH:
        alarm(session, Word.MISMATCH, str(payment.id), now, payment_id=payment.id)
        return State.PARKED
    if sight is Seen.PAID and state is State.PAID and remote.charge:
        book(session, payment, remote.payment_intent_id, remote.charge, handlers[payment.kind], now)
    if state is State.FAILED and before is not State.FAILED:  # a card that is declined leaves its page open
        handlers[payment.kind].failed(session, as_paid(payment), now)
    return state


def _stranger(session: Session, known: Payment | None, remote: RemoteSession, now: datetime) -> State | None:
    """A session that is not ours, or borrows the id of a payment of ours: it neither moves nor pays that payment."""
    if known is None or remote.status != "complete":
        return State(known.state) if known else None
    alarm(session, Word.MISMATCH, remote.id, now, payment_id=known.id)
    return State.PARKED


def _locked(session: Session, remote: RemoteSession) -> Payment | None:
    """Return the payment that a session names, locked; where that was made on another page, its own if it has one."""
    reference = reference_of(remote)
    named = locked(session, Payment.id == reference) if reference else None
    if named and named.session_id not in (None, remote.id):
        return locked(session, Payment.session_id == remote.id) or named
    return named


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
