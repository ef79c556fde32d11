"""Use-cases: tell the treasurer, by mail and at the desk, of something that only a person can settle; once for each.

That somebody has looked takes it off the desk's list and changes nothing else: no money moves by it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
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


def look_at(session: Session, marks: Iterable[str], *, actor: str, now: datetime) -> int:
    """Note that somebody has looked at notices, each named by its `mark`; return how many were open until now."""
    looked = 0
    for mark in marks:
        word, _, about = mark.partition(":")
        still_open = (PaymentNotice.word == word, PaymentNotice.about == about, PaymentNotice.looked_at.is_(None))
        done: Any = session.execute(update(PaymentNotice).where(*still_open).values(looked_at=now))
        if done.rowcount:
            audit.record(session, actor, "payment_notice.looked_at", mark, now=now)
            looked += 1
    return looked
