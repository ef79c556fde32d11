"""Use-cases: write down what happened, hide it, show it again."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.kernel.ids import row_id
from campaigns.outbox.operations import insert_ignoring
from campaigns.timeline.models import TimelineEntry
from campaigns.timeline.rules import Kind


def day_of(moment: datetime, zone: str) -> date:
    """Return the day that `moment` falls on in a campaign's zone (IANA name)."""
    return moment.astimezone(ZoneInfo(zone)).date()


def note(
    session: Session,
    campaign_id: UUID,
    kind: Kind,
    *,
    day: date,
    now: datetime,
    subject: str = "",
    words: str = "",
    facts: Mapping[str, int | str] | None = None,
) -> bool:
    """Write an entry unless there is one of this kind and subject; return whether there was none."""
    values = {
        "id": row_id(now), "campaign_id": campaign_id, "kind": kind.value, "subject": subject, "day": day,
        "words": words, "facts": dict(facts or {}), "created_at": now,
    }  # fmt: skip
    return insert_ignoring(session, TimelineEntry, values)


def show_again(session: Session, campaign_id: UUID, kind: Kind, subject: str) -> None:
    """Let an entry stand that was hidden: it was written once more."""
    row = TimelineEntry
    where = (row.campaign_id == campaign_id, row.kind == kind.value, row.subject == subject)
    session.execute(update(row).where(*where).values(hidden_at=None))


def hide(session: Session, campaign_id: UUID, entry_id: UUID, *, hidden: bool, actor: str, now: datetime) -> bool:
    """Hide an entry from the public page, or show it again; return whether that changed anything.

    What it says stays as it is.
    """
    was = TimelineEntry.hidden_at.is_(None) if hidden else TimelineEntry.hidden_at.is_not(None)
    where = (TimelineEntry.id == entry_id, TimelineEntry.campaign_id == campaign_id, was)
    result = session.execute(update(TimelineEntry).where(*where).values(hidden_at=now if hidden else None))
    assert isinstance(result, CursorResult)
    if result.rowcount:
        audit.record(session, actor, "timeline.hidden" if hidden else "timeline.shown", str(entry_id), now=now)
    return bool(result.rowcount)
