"""Use-cases: make a monthly payment again whose row is lost, from what its subscription says at the provider."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.db.sealing import fingerprint
from campaigns.kernel.ids import derived_id
from campaigns.kernel.subscription_ports import RemoteSignup, RemoteSubscription
from campaigns.outbox.operations import insert_ignoring
from campaigns.payments.alarms import alarm
from campaigns.payments.rules import Word
from campaigns.recurring import rules
from campaigns.recurring.booking import PeriodHandlers, RestoredMonthly
from campaigns.recurring.models import PaymentSubscription, SubscriptionChange
from campaigns.recurring.operations import DONE
from campaigns.recurring.rules import Act, State


def restored(
    session: Session, remote: RemoteSubscription, began_on: RemoteSignup, handlers: PeriodHandlers, now: datetime
) -> bool:
    """Make the row of a subscription again that none of ours knows, with what it pays for; return whether it is ours.

    The number that is written on it proves nothing alone: the page on which it began must name the same one, and it
    must not be another subscription's. Twice, or twice at once, is once: all ids come of that number.
    """
    number, seen = rules.number(remote.metadata), rules.seen(remote.status, is_paused=remote.is_paused)
    if number is None or began_on.reference != str(number) or not rules.has_begun(seen):
        return False
    if session.get(PaymentSubscription, number) is None:
        _make(session, number, remote, began_on, handlers, now)
    row = session.get(PaymentSubscription, number, populate_existing=True)
    return row is not None and row.remote_id == remote.id


def _make(
    session: Session,
    number: UUID,
    remote: RemoteSubscription,
    began_on: RemoteSignup,
    handlers: PeriodHandlers,
    now: datetime,
) -> None:
    for kind, handler in handlers.items():
        if found := handler.restored(session, remote, began_on.email, now):
            if insert_ignoring(session, PaymentSubscription, _values(number, kind, found, remote, began_on)):
                insert_ignoring(session, SubscriptionChange, _agreement(number, found, remote))
                alarm(session, Word.RESTORED, str(number), now)
            return


def _values(
    number: UUID, kind: str, found: RestoredMonthly, remote: RemoteSubscription, began_on: RemoteSignup
) -> dict[str, object]:
    """Where it stands is for the answer to say that is taken in next."""
    return {
        "id": number, "kind": kind, "subject_id": found.subject_id, "public_id": found.public_id,
        "state": State.PRE.value, "amount_minor": found.amount.minor, "currency": found.amount.currency,
        "session_id": began_on.id, "remote_id": remote.id, "created_at": remote.begun_at,
        "expires_at": remote.begun_at, "started_at": remote.begun_at,
    }  # fmt: skip


def _agreement(number: UUID, found: RestoredMonthly, remote: RemoteSubscription) -> dict[str, object]:
    return {
        "id": derived_id(fingerprint("restored agreement", str(number))), "subscription_id": number,
        "act": Act.BEGIN.value, "amount_minor": found.amount.minor, "state": DONE, "created_at": remote.begun_at,
        "done_at": remote.begun_at,
    }  # fmt: skip
