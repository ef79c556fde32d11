"""What is paid each month, what its owners asked for, and the links that were mailed to them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base


class PaymentSubscription(Base):
    """One monthly payment for one subject. A mirror: money is the ledger's to tell, one payment for each invoice."""

    __tablename__ = "payment_subscription"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("state IN ('pre', 'open', 'expired', 'active', 'past_due', 'paused', 'ended')", name="state"),
        UniqueConstraint("kind", "subject_id"),
        Index("ix_payment_subscription_state", "state", "period_end"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    public_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    session_id: Mapped[str | None] = mapped_column(unique=True)
    remote_id: Mapped[str | None] = mapped_column(unique=True)
    customer_id: Mapped[str | None]
    period_end: Mapped[datetime | None]
    card_expires: Mapped[date | None]  # the first day on which the card no longer works
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]  # of the hosted page on which it begins
    seen_at: Mapped[datetime | None]  # when the provider was last asked
    started_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]  # when it is to end, where that was asked for at the provider's
    ended_at: Mapped[datetime | None]


class SubscriptionChange(Base):
    """What an owner asked for: kept before the provider is called, and the amounts ever agreed to."""

    __tablename__ = "payment_subscription_change"
    __table_args__ = (
        CheckConstraint("act IN ('begin', 'amount', 'pause', 'resume', 'cancel')", name="act"),
        CheckConstraint("state IN ('pre', 'done', 'overtaken')", name="state"),
        CheckConstraint("(amount_minor IS NULL) = (act NOT IN ('begin', 'amount'))", name="amount"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("payment_subscription.id"), index=True)
    act: Mapped[str]
    amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class SubscriptionLink(Base):
    """A link that was mailed to the owner of a monthly payment: only the hash of its token."""

    __tablename__ = "payment_subscription_link"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("payment_subscription.id"), index=True)
    expires_at: Mapped[datetime]
