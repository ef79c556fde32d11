"""Use-cases: tell the treasurer, by mail and at the desk, of something that only a person can settle; once for each."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.outbox import operations as outbox
from campaigns.outbox.operations import insert_ignoring
from campaigns.payments.models import PaymentNotice
from campaigns.payments.rules import Word

ALARM_MAIL = "payments.alarm_mail"


def alarm(session: Session, word: Word, about: str, now: datetime, *, payment_id: UUID | None = None) -> bool:
    """Note `word` about something (an id, nobody's data) and queue its mail; return whether it was new."""
    values = {"word": word.value, "about": about, "payment_id": payment_id, "noted_at": now}
    if not insert_ignoring(session, PaymentNotice, values):
        return False
    payload = {"word": word.value, "about": about, "payment": str(payment_id or "")}
    outbox.enqueue(session, ALARM_MAIL, f"{word}:{about}", payload, now=now)
    return True
