"""Payments and the provider's events."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base, Sealed


class Payment(Base):
    """One attempt to pay for one subject on the hosted page."""

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("state IN ('pre', 'open', 'processing', 'paid', 'failed', 'expired', 'parked')", name="state"),
        Index("ix_payment_unsettled", "is_settled", "created_at"),
        Index("uq_payment_invoice_id", "invoice_id", unique=True),
        Index("ix_payment_paid_at", "paid_at"),
        Index("ix_payment_state", "state", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject_id: Mapped[UUID] = mapped_column(index=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    state: Mapped[str]
    is_settled: Mapped[bool]
    session_id: Mapped[str | None] = mapped_column(unique=True)
    intent_id: Mapped[str | None] = mapped_column(unique=True)
    charge_id: Mapped[str | None] = mapped_column(unique=True)
    # Of a month of something paid monthly: the invoice that asked for it, and what it is a month of.
    invoice_id: Mapped[str | None]
    subscription_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_subscription.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]


class PaymentEvent(Base):
    """A verified event, stored once however often it is delivered. A doorbell: its figures are never used."""

    __tablename__ = "payment_event"
    __table_args__ = (Index("ix_payment_event_type", "type", "received_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    api_version: Mapped[str | None]
    subject_kind: Mapped[str]
    subject_id: Mapped[str] = mapped_column(index=True)
    body: Mapped[str] = mapped_column(Sealed)
    received_at: Mapped[datetime]
    deliveries: Mapped[int]
    is_ignored: Mapped[bool]


# Mirrors of what happens to a payment at the provider: what is shown, and what the state machines need. Amounts are the
# ledger's alone; the ids of balance transactions lead to its entries.


class PaymentRefund(Base):
    """Money on its way back to who paid."""

    __tablename__ = "payment_refund"

    id: Mapped[str] = mapped_column(primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payment.id"), index=True)
    state: Mapped[str]
    movement_id: Mapped[str | None]
    failure_id: Mapped[str | None]
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class PaymentDispute(Base):
    """A payment that a bank asks about, or takes back."""

    __tablename__ = "payment_dispute"

    id: Mapped[str] = mapped_column(primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payment.id"), index=True)
    state: Mapped[str]
    withdrawn_id: Mapped[str | None]
    reinstated_id: Mapped[str | None]
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Payout(Base):
    """The provider's balance on its way to our bank."""

    __tablename__ = "payout"

    id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    is_automatic: Mapped[bool]
    movement_id: Mapped[str | None]
    failure_id: Mapped[str | None]
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class PaymentNotice(Base):
    """Something that a treasurer has to look at, once for each thing it is about (`about`, an id and nobody's data)."""

    __tablename__ = "payment_notice"
    __table_args__ = (Index("ix_payment_notice_noted_at", "noted_at"),)

    word: Mapped[str] = mapped_column(primary_key=True)
    about: Mapped[str] = mapped_column(primary_key=True)
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment.id"), index=True)
    noted_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]


class PaymentFact(Base):
    """What is known of the provider as a whole: how far its books were read, and whose they are."""

    __tablename__ = "payment_fact"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    noted_at: Mapped[datetime]
