"""Decisions by rule with what each of them changed, and alarms."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base, Sealed


class ReviewAction(Base):
    """One decision about every signature that fits a rule. The rule may hold a name or an address, so it is sealed."""

    __tablename__ = "review_action"
    __table_args__ = (
        CheckConstraint("decision IN ('release', 'hold', 'reject')", name="decision"),
        CheckConstraint(
            "state IN ('counting', 'ready', 'running', 'done', 'cancelled', 'undoing', 'undone')", name="state"
        ),
        Index("ix_review_action_campaign", "campaign_id", "asked_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    decision: Mapped[str]
    rule: Mapped[str] = mapped_column(Sealed)
    state: Mapped[str]
    cursor: Mapped[UUID | None]
    to_look: Mapped[int]
    looked: Mapped[int]
    matched: Mapped[int]
    done: Mapped[int]
    changed: Mapped[int]
    restored: Mapped[int]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ReviewChange(Base):
    """A signature that an action found; `previous` is its review before, once the action has changed it.

    No foreign key to the signature: what nobody confirmed is deleted in between, and who asks for it is erased.
    """

    __tablename__ = "review_change"

    action_id: Mapped[UUID] = mapped_column(ForeignKey("review_action.id"), primary_key=True)
    signature_id: Mapped[UUID] = mapped_column(primary_key=True)
    previous: Mapped[str | None]


class ReviewAlarm(Base):
    """Something that organizers should look at, told once a day for each domain or place."""

    __tablename__ = "review_alarm"
    __table_args__ = (
        UniqueConstraint("campaign_id", "kind", "key", "day"),
        CheckConstraint("kind IN ('domain', 'place')", name="kind"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    kind: Mapped[str]
    key: Mapped[bytes]
    day: Mapped[date]
    label: Mapped[str] = mapped_column(Sealed)
    number: Mapped[int]
    raised_at: Mapped[datetime]
