"""Entries of timelines."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base


class TimelineEntry(Base):
    """Something that happened. It is hidden or shown, never changed; who did what stands in the audit trail."""

    __tablename__ = "timeline_entry"
    __table_args__ = (UniqueConstraint("campaign_id", "kind", "subject"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    kind: Mapped[str]
    # What makes it the only one of its kind: a version, a list, a moment, an organizer's words.
    subject: Mapped[str]
    day: Mapped[date]
    words: Mapped[str]
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    hidden_at: Mapped[datetime | None]
