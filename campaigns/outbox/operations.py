"""Put something into the outbox, claim it, and settle what became of it."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, Insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from campaigns.kernel.ids import row_id
from campaigns.kernel.ports import Payload
from campaigns.outbox.models import DONE, DUE, FAILED, OutboxItem, Schedule
from campaigns.outbox.rules import LEASE, MAX_ATTEMPTS, SLOW_LEASE, next_try


@dataclass(frozen=True, slots=True)
class Claimed:
    """An item that this worker holds until its lease ends."""

    id: UUID
    kind: str
    subject: str
    payload: Payload
    attempts: int


def enqueue(session: Session, kind: str, subject: str, payload: Payload, *, now: datetime) -> bool:
    """Add an item unless (kind, subject) is there already; return whether it was added.

    It stands or falls with the caller's transaction.
    """
    values = {
        "id": row_id(now), "kind": kind, "subject": subject, "payload": json.dumps(payload),
        "state": DUE, "created_at": now, "due_at": now, "attempts": 0,
    }  # fmt: skip
    return insert_ignoring(session, OutboxItem, values)


RESTORED = "outbox.restored"  # the schedule whose due time is the moment of the last restore from a backup


def is_queued(session: Session, kind: str, subject: str) -> bool:
    """Say whether an item is there already, waiting or done; saves making what it would hold."""
    mine = select(OutboxItem.id).where(OutboxItem.kind == kind, OutboxItem.subject == subject)
    return session.scalars(mine).first() is not None


def enqueue_once_ever(
    session: Session, kind: str, subject: str, payload: Payload, *, happened_at: datetime, now: datetime
) -> bool:
    """Like `enqueue`, for news of something that may have been told before the database was restored.

    What happened before the last restore is noted as done and not sent: the backup cannot say whether it was. Returns
    whether the item was added and waits to be sent.
    """
    restored_at = session.scalars(select(Schedule.due_at).where(Schedule.key == RESTORED)).first()
    if restored_at is None or happened_at >= restored_at:
        return enqueue(session, kind, subject, payload, now=now)
    values = {
        "id": row_id(now), "kind": kind, "subject": subject, "payload": None, "state": DONE, "created_at": now,
        "finished_at": now, "attempts": 0, "problem": "Restored",
    }  # fmt: skip
    insert_ignoring(session, OutboxItem, values)
    return False


def note_restore(session: Session, now: datetime) -> None:
    """Remember that the database came out of a backup just now: see `enqueue_once_ever`."""
    insert_ignoring(session, Schedule, {"key": RESTORED, "due_at": now})
    session.execute(update(Schedule).where(Schedule.key == RESTORED).values(due_at=now))


def insert_ignoring(session: Session, table: Any, values: dict[str, Any]) -> bool:
    """Insert a row unless one of its unique keys is taken; return whether it was inserted."""
    statement = _insert_ignoring(session.get_bind().dialect.name, table)
    # psycopg forgets how many rows there were when SQLAlchemy closes its cursor, unless it is asked at once.
    result = session.execute(statement, values, execution_options={"preserve_rowcount": True})
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


@cache
def _insert_ignoring(dialect_name: str, table: Any) -> Insert:
    """Built once for each table: signing is the busiest door, and building costs as much as inserting."""
    dialect = postgresql if dialect_name == "postgresql" else sqlite
    statement: Insert = dialect.insert(table.__table__).on_conflict_do_nothing()
    return statement


def claim(
    session: Session, worker: str, now: datetime, kinds: frozenset[str], slow: frozenset[str] = frozenset()
) -> Claimed | None:
    """Lease the item of `kinds` that is due longest, or return None.

    A lease is a due time in the future, further away for a kind that is `slow`: when the worker dies, the item is
    simply due again.
    """
    item = _due_longest(session, now, kinds)
    while item is not None and item.attempts >= MAX_ATTEMPTS:  # each of its workers died before it could say so
        item.state, item.due_at, item.leased_by, item.problem = FAILED, None, None, "WorkerDied"
        session.flush()
        item = _due_longest(session, now, kinds)
    if item is None:
        return None
    lease = SLOW_LEASE if item.kind in slow else LEASE
    item.due_at, item.leased_by, item.attempts = now + lease, worker, item.attempts + 1
    return Claimed(item.id, item.kind, item.subject, json.loads(item.payload or "{}"), item.attempts)


def _due_longest(session: Session, now: datetime, kinds: frozenset[str]) -> OutboxItem | None:
    return session.scalars(
        select(OutboxItem)
        .where(OutboxItem.due_at <= now, OutboxItem.kind.in_(kinds))
        .order_by(OutboxItem.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()


def finish(session: Session, claimed: Claimed, now: datetime) -> None:
    """Mark an item as done and drop its payload, even where the lease ended: what is done is done."""
    _settle(session, claimed, {"state": DONE, "due_at": None, "payload": None, "finished_at": now, "problem": None})


def postpone(session: Session, claimed: Claimed, problem: str, now: datetime, *, final: bool = False) -> None:
    """Try an item again later, or give it up. `problem` names the kind of failure and no person.

    Does nothing where the lease ended and a peer has claimed the item since.
    """
    again = None if final else next_try(claimed.attempts, now)
    state = DUE if again else FAILED
    values = {"state": state, "due_at": again, "problem": problem, "leased_by": None}
    _settle(session, claimed, values, OutboxItem.attempts == claimed.attempts)


def put_back(session: Session, claimed: Claimed, now: datetime) -> None:
    """Let an item be due again as if nobody had tried it: its worker was told to rest."""
    values = {"due_at": now, "leased_by": None, "attempts": claimed.attempts - 1}
    _settle(session, claimed, values, OutboxItem.attempts == claimed.attempts)


def _settle(session: Session, claimed: Claimed, values: dict[str, Any], *where: ColumnElement[bool]) -> None:
    due = (OutboxItem.id == claimed.id, OutboxItem.state == DUE)
    session.execute(update(OutboxItem).where(*due, *where).values(**values))


def take_turn(session: Session, key: str, every: timedelta, worker: str, now: datetime) -> bool:
    """Return whether `key` is due now and this worker is the one to run it; sets the next due time."""
    insert_ignoring(session, Schedule, {"key": key, "due_at": now})
    result = session.execute(
        update(Schedule).where(Schedule.key == key, Schedule.due_at <= now).values(due_at=now + every, leased_by=worker)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1
