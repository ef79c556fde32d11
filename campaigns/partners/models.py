"""Partners and the words of their ticks. What somebody agreed to stands on the signature, as a pointer to its words."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base


class Partner(Base):
    """An organisation that calls for a campaign. Its code stands in links that are out in the world: it never changes.

    Of the link to its numbers only the digest is kept.
    """

    __tablename__ = "partner"
    __table_args__ = (UniqueConstraint("campaign_id", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    code: Mapped[str]
    name: Mapped[str]
    line: Mapped[str]
    contact: Mapped[str]
    is_on: Mapped[bool]
    created_at: Mapped[datetime]
    link_digest: Mapped[bytes | None] = mapped_column(unique=True)
    link_expires_at: Mapped[datetime | None]


class PartnerWording(Base):
    """What stood beside a partner's tick, word by word. Never changed: other words are another number."""

    __tablename__ = "partner_wording"
    __table_args__ = (UniqueConstraint("partner_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"))
    number: Mapped[int]
    words: Mapped[str]
    disclosure: Mapped[str]
    created_at: Mapped[datetime]
