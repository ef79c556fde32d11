"""What is due: mails, jobs and schedules."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db.base import Base, Sealed

DUE, DONE, FAILED = "due", "done", "failed"


class OutboxItem(Base):
    """One mail or job. Its payload is sealed and dropped as soon as it is done."""

    __tablename__ = "outbox_item"
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        CheckConstraint("state IN ('due', 'done', 'failed')", name="state"),
        Index("ix_outbox_item_due_at", "due_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    payload: Mapped[str | None] = mapped_column(Sealed)
    state: Mapped[str]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    leased_by: Mapped[str | None]
    attempts: Mapped[int]
    finished_at: Mapped[datetime | None]
    problem: Mapped[str | None]


class Schedule(Base):
    """A recurring job, run once per cluster each time it is due."""

    __tablename__ = "schedule"

    key: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    leased_by: Mapped[str | None]
