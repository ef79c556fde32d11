"""Reads of what is due."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.outbox.models import DONE, DUE, FAILED, OutboxItem, Schedule


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much of one kind waits, how much was given up, and for how long the oldest has waited (seconds)."""

    kind: str
    due: int
    failed: int
    oldest_seconds: float


def is_due(session: Session, now: datetime, kinds: frozenset[str]) -> bool:
    """Return whether an item of `kinds` waits; costs no write lock."""
    first = select(OutboxItem.id).where(OutboxItem.due_at <= now, OutboxItem.kind.in_(kinds)).limit(1)
    return session.execute(first).first() is not None


def is_waiting(session: Session, kind: str, prefix: str) -> bool:
    """Return whether an item of `kind` whose subject begins with `prefix` is still to be done."""
    like = (OutboxItem.kind == kind, OutboxItem.subject.startswith(prefix, autoescape=True))
    return session.execute(select(OutboxItem.id).where(*like, OutboxItem.state == DUE).limit(1)).first() is not None


def done(session: Session, kind: str, prefix: str) -> Iterator[str]:
    """Yield what follows `prefix` in the subject of each item of `kind` that begins with it and was really done.

    What was given up, or let go of because somebody was erased, was not.
    """
    like = (OutboxItem.kind == kind, OutboxItem.subject.startswith(prefix, autoescape=True))
    subjects = select(OutboxItem.subject).where(*like, OutboxItem.state == DONE, OutboxItem.problem.is_(None))
    for subject in session.scalars(subjects, execution_options={"yield_per": 1000}):
        yield subject.removeprefix(prefix)


def done_among(session: Session, kind: str, subjects: Collection[str]) -> set[str]:
    """Return those of `subjects` whose item of `kind` was really done."""
    mine = (OutboxItem.kind == kind, OutboxItem.subject.in_(subjects))
    really = (OutboxItem.state == DONE, OutboxItem.problem.is_(None))
    return set(session.scalars(select(OutboxItem.subject).where(*mine, *really)))


def not_yet_due(session: Session, now: datetime) -> set[str]:
    """Return the schedules whose next turn is still to come; one that never ran is due."""
    return set(session.scalars(select(Schedule.key).where(Schedule.due_at > now)))


def backlog(session: Session, now: datetime) -> list[Backlog]:
    """Return the backlog of every kind that has one."""
    rows = session.execute(
        select(
            OutboxItem.kind,
            func.count().filter(OutboxItem.state == DUE),
            func.count().filter(OutboxItem.state == FAILED),
            func.min(OutboxItem.created_at).filter(OutboxItem.state == DUE),
        )
        .where(OutboxItem.state.in_((DUE, FAILED)))
        .group_by(OutboxItem.kind)
        .order_by(OutboxItem.kind)
    )
    return [Backlog(kind, due, failed, _waited(oldest, now)) for kind, due, failed, oldest in rows]


def _waited(oldest: datetime | None, now: datetime) -> float:
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
