"""Donations and their lines."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base, Sealed


class Donation(Base):
    """One gift. Whether it is paid is its payment's to say; what became of the money is the ledger's."""

    __tablename__ = "donation"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        # What a campaign's page and its desk show of givers, the newest first.
        Index(
            "ix_donation_message_state",
            "campaign_id",
            "message_state",
            "created_at",
            sqlite_where=text("message_state IS NOT NULL"),
            postgresql_where=text("message_state IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), index=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    email: Mapped[str] = mapped_column(Sealed)
    # None where it was given before this was kept, until a job has filled it in, and where the address is erased.
    email_hash: Mapped[bytes | None] = mapped_column(index=True)
    name: Mapped[str | None] = mapped_column(Sealed)
    message: Mapped[str | None] = mapped_column(Sealed)
    show_name: Mapped[bool]
    message_state: Mapped[str | None]  # rules.MessageState; None where nothing would stand on the page
    dedication: Mapped[str | None] = mapped_column(Sealed)
    language: Mapped[str | None]  # of the page it was given on; None where it was given before this was kept
    source: Mapped[str | None]  # the code in the address the giver came by
    monthly_gift_id: Mapped[UUID | None] = mapped_column(ForeignKey("monthly_gift.id"), index=True)
    created_at: Mapped[datetime]


class DonationLine(Base):
    """The part of a gift that one fund is to have, under the purpose sentence the giver read.

    A line of kind `fee_cover` is what was added for the card fee; it goes to a fund that bears fees. `position` is
    the line's place in its gift, by which odd cents fall the same way each time.
    """

    __tablename__ = "donation_line"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("kind IN ('gift', 'fee_cover')", name="kind"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    donation_id: Mapped[UUID] = mapped_column(ForeignKey("donation.id"), index=True)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    purpose_id: Mapped[UUID] = mapped_column(ForeignKey("fund_purpose.id"))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(server_default=text("'gift'"))
    position: Mapped[int] = mapped_column(server_default=text("0"))


class MonthlyGift(Base):
    """A gift that comes again each month: each paid month becomes a donation of its own. Its address never changes."""

    __tablename__ = "monthly_gift"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), index=True)
    email: Mapped[str] = mapped_column(Sealed)
    email_hash: Mapped[bytes | None] = mapped_column(index=True)  # None where the address is erased
    name: Mapped[str | None] = mapped_column(Sealed)
    show_name: Mapped[bool]
    message: Mapped[str | None] = mapped_column(Sealed)
    dedication: Mapped[str | None] = mapped_column(Sealed)
    language: Mapped[str | None]
    source: Mapped[str | None]  # the code in the address the giver came by
    created_at: Mapped[datetime]


class MonthlyGiftLine(Base):
    """The part of each month that one fund is to have, under the purpose sentence the giver read.

    `amount_minor` is what it was to have when the gift began: a weight, which stays when the amount changes.
    """

    __tablename__ = "monthly_gift_line"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_minor"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    monthly_gift_id: Mapped[UUID] = mapped_column(ForeignKey("monthly_gift.id"), index=True)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    purpose_id: Mapped[UUID] = mapped_column(ForeignKey("fund_purpose.id"))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    position: Mapped[int]
