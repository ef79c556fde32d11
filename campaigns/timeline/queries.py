"""Reads of timelines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.timeline.models import TimelineEntry
from campaigns.timeline.rules import DESK_SHOWN, SHOWN_ON_PAGE, Kind


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened on a day; `facts` are the numbers that belong to its kind, `words` an organizer's sentence."""

    id: UUID
    kind: Kind
    day: date
    words: str
    facts: Mapping[str, Any]
    is_hidden: bool

    @property
    def until(self) -> date | None:
        """Of a reopening, or of a deadline that was moved: the day of the new one."""
        return date.fromisoformat(self.facts["deadline"]) if self.facts.get("deadline") else None


def shown(session: Session, campaign_id: UUID) -> list[Entry]:
    """Return what the public page tells, the newest first."""
    return _entries(session, campaign_id, SHOWN_ON_PAGE, TimelineEntry.hidden_at.is_(None))


def every(session: Session, campaign_id: UUID) -> list[Entry]:
    """Return what the desk sees, hidden entries too, the newest first."""
    return _entries(session, campaign_id, DESK_SHOWN)


def lists_made(session: Session, campaign_id: UUID) -> list[int]:
    """Return the numbers of the finished lists, the newest first."""
    made = _entries(session, campaign_id, DESK_SHOWN, TimelineEntry.kind == Kind.LIST)
    return sorted((int(entry.facts["list"]) for entry in made), reverse=True)


def _entries(session: Session, campaign_id: UUID, limit: int, *where: Any) -> list[Entry]:
    rows = session.scalars(
        select(TimelineEntry)
        .where(TimelineEntry.campaign_id == campaign_id, *where)
        .order_by(TimelineEntry.day.desc(), TimelineEntry.id.desc())
        .limit(limit)
    )
    return [Entry(row.id, Kind(row.kind), row.day, row.words, row.facts, row.hidden_at is not None) for row in rows]
