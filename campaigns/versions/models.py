"""That signatories of earlier texts were told of a correction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base


class CorrectionNotice(Base):
    """An organizer's wish to have everybody told of one version, once, and how far the job has come."""

    __tablename__ = "correction_notice"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), index=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("petition_version.id"), unique=True)
    asked_at: Mapped[datetime]
    told: Mapped[int]
    # How far the job has come in the order of the signatures' ids.
    told_up_to: Mapped[UUID | None]
    done_at: Mapped[datetime | None]
