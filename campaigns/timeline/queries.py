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


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some days of a timeline, whole, the newest first. What is older lies before the day `before`, if there is any."""

    entries: list[Entry]
    before: date | None


def shown(session: Session, campaign_id: UUID, before: date | None = None) -> Stretch:
    """Return what the public pages tell of the days before a day, or up to now."""
    return _stretch(session, campaign_id, SHOWN_ON_PAGE, before, TimelineEntry.hidden_at.is_(None))


def every(session: Session, campaign_id: UUID, before: date | None = None) -> Stretch:
    """Return what the desk sees of the days before a day, or up to now, hidden entries too."""
    return _stretch(session, campaign_id, DESK_SHOWN, before)


def ends_a_stretch(session: Session, campaign_id: UUID, before: date) -> bool:
    """Tell whether something that is shown happened on a day: only of such days do pages lead on."""
    row = TimelineEntry
    that_day = (row.campaign_id == campaign_id, row.day == before, row.hidden_at.is_(None))
    return session.scalars(select(row.id).where(*that_day).limit(1)).first() is not None


def lists_made(session: Session, campaign_id: UUID) -> list[int]:
    """Return the numbers of the finished lists, the newest first."""
    made = _entries(session, campaign_id, DESK_SHOWN, TimelineEntry.kind == Kind.LIST)
    return sorted((int(entry.facts["list"]) for entry in made), reverse=True)


def _stretch(session: Session, campaign_id: UUID, least: int, before: date | None, *where: Any) -> Stretch:
    """Return whole days of at least `least` entries, so that each day stands on one page and the next begins there."""
    days = where if before is None else (*where, TimelineEntry.day < before)
    found = _entries(session, campaign_id, least + 1, *days)
    if len(found) <= least:
        return Stretch(found, None)
    last = found[least - 1].day
    whole = _entries(session, campaign_id, None, *days, TimelineEntry.day >= last)
    goes_on = _entries(session, campaign_id, 1, *where, TimelineEntry.day < last)
    return Stretch(whole, last if goes_on else None)


def _entries(session: Session, campaign_id: UUID, limit: int | None, *where: Any) -> list[Entry]:
    rows = session.scalars(
        select(TimelineEntry)
        .where(TimelineEntry.campaign_id == campaign_id, *where)
        .order_by(TimelineEntry.day.desc(), TimelineEntry.id.desc())
        .limit(limit)
    )
    return [Entry(row.id, Kind(row.kind), row.day, row.words, row.facts, row.hidden_at is not None) for row in rows]
