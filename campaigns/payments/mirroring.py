"""Use-cases: keep what the provider says of a payment's refunds and disputes. Its payment is locked by the caller."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.kernel.ports import BalanceMovement, RemoteDispute, RemoteRefund
from campaigns.payments import machines
from campaigns.payments.alarms import alarm
from campaigns.payments.models import PaymentDispute, PaymentRefund
from campaigns.payments.rules import Word


def note_refund(session: Session, payment_id: UUID, refund: RemoteRefund, now: datetime) -> None:
    """Move the mirror of a refund forward; a refund that has failed, and a word nobody knows, are told."""
    row = session.get(PaymentRefund, refund.id)
    if row is None:
        row = PaymentRefund(id=refund.id, payment_id=payment_id, state=machines.Refund.UNKNOWN.value,
                            opened_at=refund.created_at)  # fmt: skip
        session.add(row)
    state = machines.next_refund(row.state, refund.status)
    row.movement_id = row.movement_id or movement_id(refund.movement)
    row.failure_id = row.failure_id or movement_id(refund.failure)
    _move(row, state, now)
    words = {machines.Refund.FAILED: Word.REFUND_FAILED, machines.Refund.UNKNOWN: Word.UNKNOWN_STATUS}
    if state in words:
        alarm(session, words[state], refund.id, now, payment_id=payment_id)


def note_dispute(session: Session, payment_id: UUID, dispute: RemoteDispute, now: datetime) -> None:
    """Move the mirror of a dispute forward; an inquiry, a dispute and a word nobody knows are told, once each."""
    row = session.get(PaymentDispute, dispute.id)
    if row is None:
        row = PaymentDispute(id=dispute.id, payment_id=payment_id, state=machines.Dispute.UNKNOWN.value,
                             opened_at=dispute.created_at)  # fmt: skip
        session.add(row)
    state = machines.next_dispute(row.state, dispute.status)
    for movement in dispute.movements:
        if movement.gross.minor < 0:
            row.withdrawn_id = row.withdrawn_id or movement.id
        else:
            row.reinstated_id = row.reinstated_id or movement.id
    _move(row, state, now)
    words = {machines.Dispute.INQUIRY: Word.INQUIRY, machines.Dispute.UNKNOWN: Word.UNKNOWN_STATUS}
    word = Word.DISPUTE if dispute.movements or state is machines.Dispute.OPEN else words.get(state)
    if word:
        alarm(session, word, dispute.id, now, payment_id=payment_id)


def movement_id(movement: BalanceMovement | None) -> str | None:
    """Return the id of a balance transaction that may not be there yet."""
    return movement.id if movement else None


def _move(row: PaymentRefund | PaymentDispute, state: machines.Refund | machines.Dispute, now: datetime) -> None:
    if state.value != row.state:
        row.state, row.ended_at = state.value, now if state in machines.OVER else None
