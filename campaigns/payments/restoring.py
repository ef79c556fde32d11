"""Use-cases: find the payment behind a session again whose row is lost, or a second payment of one attempt."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from campaigns.db.sealing import fingerprint
from campaigns.kernel.ids import derived_id
from campaigns.kernel.ports import RemoteSession
from campaigns.outbox.operations import insert_ignoring
from campaigns.payments.alarms import alarm
from campaigns.payments.booking import Handlers, Restored
from campaigns.payments.models import Payment
from campaigns.payments.rules import State, Word


def restored(
    session: Session, remote: RemoteSession, handlers: Handlers, now: datetime, *, is_second: bool
) -> Payment | None:
    """Return the payment of a paid session that no row of ours knows, made again from the session's metadata; locked.

    None where the session is not ours: its reference alone proves nothing (anybody can write one into the address of a
    payment link), its metadata can only be written with our key. `is_second` says that the reference names a payment
    that was made on another page: then this is another payment of the same attempt, a gift of its own.
    """
    reference = reference_of(remote)
    if reference is None or remote.charge is None or remote.metadata.get("payment") != str(reference):
        return None
    payment_id = derived_id(fingerprint("payment", remote.id)) if is_second else reference
    for kind, handler in handlers.items():
        if found := handler.restored(session, remote, now):
            insert_ignoring(session, Payment, _values(payment_id, kind, found, remote, now))
            word = Word.DUPLICATE if is_second else Word.RESTORED
            alarm(session, word, str(payment_id), now, payment_id=payment_id)
            return locked(session, Payment.id == payment_id)
    return None


def _values(payment_id: UUID, kind: str, found: Restored, remote: RemoteSession, now: datetime) -> dict[str, object]:
    made = remote.charge.created_at if remote.charge else now
    return {
        "id": payment_id, "kind": kind, "subject_id": found.subject_id, "amount_minor": found.amount.minor,
        "currency": found.amount.currency, "state": State.PRE.value, "is_settled": False, "session_id": remote.id,
        "created_at": made, "expires_at": made,
    }  # fmt: skip


def reference_of(remote: RemoteSession) -> UUID | None:
    """Return the id of the payment that a session names."""
    try:
        return UUID(remote.reference or "")
    except ValueError:
        return None


def locked(session: Session, which: ColumnElement[bool]) -> Payment | None:
    """Return a payment as it stands now, locked."""
    wanted = select(Payment).where(which).with_for_update()
    return session.scalars(wanted, execution_options={"populate_existing": True}).first()
