"""Use-cases: book what nobody can explain, so that the books hold every movement, and tell the treasurer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.kernel.ports import BalanceMovement
from campaigns.ledger import operations as ledger
from campaigns.ledger import queries as journal
from campaigns.ledger import rules as ledger_rules
from campaigns.payments.alarms import alarm
from campaigns.payments.rules import Word


def keep(session: Session, movement: BalanceMovement, now: datetime, *, payment_id: UUID | None = None) -> None:
    """Book a balance transaction to suspense unless it is booked. One that moves nothing is left alone."""
    if journal.record(session, f"bt:{movement.id}") or not (movement.net or movement.fee):
        return
    alarm(session, Word.SUSPENSE, movement.id, now, payment_id=payment_id)
    ledger.post(session, ledger_rules.unknown(movement), now)
