"""The target's answer."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base


class TargetAnswer(Base):
    """What the target answered, as an organizer wrote it down. A correction is a new number; both are kept."""

    __tablename__ = "target_answer"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[int]
    answered_on: Mapped[date]
    answered_by: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[datetime]
