"""Use-cases: let go of what waiting and failed items say about people."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from campaigns.outbox.models import DONE, FAILED, OutboxItem

FAILED_KEPT = timedelta(days=30)
ERASED = "Erased"


def forget_mails(session: Session, is_theirs: Callable[[str], bool], *, now: datetime) -> int:
    """Drop each mail to an address that `is_theirs`, waiting or failed; return how many.

    The rows stay without their payload, so that nothing is queued a second time. Payloads are sealed, so every one
    that is left has to be opened: there are as many as mails wait.
    """
    rows = session.execute(
        select(OutboxItem.id, OutboxItem.payload).where(OutboxItem.payload.is_not(None)),
        execution_options={"yield_per": 1000},
    )
    theirs = [row.id for row in rows if is_theirs(str(json.loads(row.payload).get("to", "")))]
    return _drop(session, theirs, {"state": DONE, "finished_at": now})


def _drop(session: Session, ids: list[UUID], values: dict[str, Any]) -> int:
    for item_id in ids:
        left = {"payload": None, "due_at": None, "problem": ERASED}
        session.execute(update(OutboxItem).where(OutboxItem.id == item_id).values(left | values))
    return len(ids)


def empty_failed(session: Session, now: datetime) -> int:
    """Empty items that were given up some time ago; return how many. That they failed is still known."""
    old = (OutboxItem.state == FAILED, OutboxItem.created_at < now - FAILED_KEPT, OutboxItem.payload.is_not(None))
    result = session.execute(update(OutboxItem).where(*old).values(payload=None))
    assert isinstance(result, CursorResult)
    return result.rowcount
