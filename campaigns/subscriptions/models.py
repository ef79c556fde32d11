"""Who asked for news of a campaign without signing. Stopping deletes the row."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base, Sealed

_WITH_NETWORK = text("network_key IS NOT NULL")


class Subscription(Base):
    """One mailbox that wants a campaign's news, confirmed or not yet."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("campaign_id", "email_hash"),
        CheckConstraint("state IN ('pending', 'confirmed')", name="state"),
        Index(
            "ix_subscription_network",
            "network_key",
            "domain_key",
            "created_at",
            sqlite_where=_WITH_NETWORK,
            postgresql_where=_WITH_NETWORK,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    email_hash: Mapped[bytes] = mapped_column(index=True)
    email: Mapped[str] = mapped_column(Sealed)
    state: Mapped[str]
    token_digest: Mapped[bytes | None] = mapped_column(unique=True)
    token_expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    # Mails that asked to confirm it, and since when they are counted: see signatures/rules.one_mail_more.
    mails: Mapped[int]
    mails_since: Mapped[datetime | None]
    # Keyed hashes for the limits, dropped after two days: see campaigns/abuse/rules.py.
    network_key: Mapped[bytes | None]
    domain_key: Mapped[bytes | None]
