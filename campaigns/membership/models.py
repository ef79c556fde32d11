"""Tiers, members and the months they paid."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base, Sealed


class MembershipTier(Base):
    """What a month of membership costs, and the fund that has the dues. One that nobody may join is not open."""

    __tablename__ = "membership_tier"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_minor"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    words: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"))
    is_open: Mapped[bool]
    created_at: Mapped[datetime]


class Member(Base):
    """Somebody who joined. Whether dues are paid is their monthly payment's to say; the address never changes."""

    __tablename__ = "member"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tier_id: Mapped[UUID] = mapped_column(ForeignKey("membership_tier.id"), index=True)
    purpose_id: Mapped[UUID] = mapped_column(ForeignKey("fund_purpose.id"))
    email: Mapped[str] = mapped_column(Sealed)
    email_hash: Mapped[bytes | None] = mapped_column(index=True)  # None where the address is erased
    name: Mapped[str] = mapped_column(Sealed)
    source: Mapped[str | None]  # the code in the address they came by
    created_at: Mapped[datetime]
    # They asked to be erased: they stand in no list, and their receipts keep what the law wants.
    erased_at: Mapped[datetime | None]


class Dues(Base):
    """One paid month of a member, with the fund that has it and the purpose sentence they joined under."""

    __tablename__ = "dues"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_minor"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"), index=True)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"))
    purpose_id: Mapped[UUID] = mapped_column(ForeignKey("fund_purpose.id"))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    created_at: Mapped[datetime]
