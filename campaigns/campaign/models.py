"""Campaigns, their petition texts, their appeal and its funds."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.campaign.rules import ANONYMISED_AFTER
from campaigns.db import Base


class Campaign(Base):
    """One public page."""

    __tablename__ = "campaign"
    __table_args__ = (CheckConstraint("state IN ('draft', 'published')", name="state"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    headline: Mapped[str]
    summary: Mapped[str]
    story: Mapped[str]
    organisation: Mapped[str]
    target_name: Mapped[str]
    target_address: Mapped[str]
    contact_email: Mapped[str]
    deadline: Mapped[datetime | None]
    zone: Mapped[str]
    goal: Mapped[int]
    next_list_on: Mapped[date | None]
    has_petition: Mapped[bool]
    has_appeal: Mapped[bool]
    country: Mapped[str]
    # NULL where nothing was ever entered: the columns are younger than the first campaigns.
    target_domains: Mapped[list[Any] | None]
    target_networks: Mapped[list[Any] | None]
    questions: Mapped[list[Any] | None]
    join_url: Mapped[str | None]
    won_on: Mapped[date | None]
    won_words: Mapped[str | None]
    # What was typed is deleted so many days after the last list of a closed petition; since when, how far, and done.
    anonymise_after_days: Mapped[int] = mapped_column(server_default=text(f"{ANONYMISED_AFTER.days}"))
    anonymising_since: Mapped[datetime | None]
    anonymised_up_to: Mapped[UUID | None]
    anonymised_at: Mapped[datetime | None]
    is_demo: Mapped[bool]
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    consent_id: Mapped[UUID | None] = mapped_column(ForeignKey("consent_wording.id"))


class PetitionVersion(Base):
    """The text that is signed. The first signature freezes it; a change makes the next number."""

    __tablename__ = "petition_version"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[int]
    headline: Mapped[str]
    demands: Mapped[list[Any]]
    created_at: Mapped[datetime]
    frozen_at: Mapped[datetime | None]


class ConsentWording(Base):
    """What signatories agreed to, word by word."""

    __tablename__ = "consent_wording"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    text: Mapped[str]
    created_at: Mapped[datetime]


class Fund(Base):
    """What money is earmarked for. The general fund of a currency belongs to no campaign."""

    __tablename__ = "fund"
    __table_args__ = (
        CheckConstraint("fees_borne_by IN ('general', 'fund')", name="fees_borne_by"),
        Index(
            "uq_fund_general",
            "currency",
            unique=True,
            sqlite_where=text("campaign_id IS NULL"),
            postgresql_where=text("campaign_id IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    name: Mapped[str]
    currency: Mapped[str]
    fees_borne_by: Mapped[str]
    is_open: Mapped[bool]
    # Amounts in minor units. NULL: none is chosen already, none offered, no limits but the payment provider's.
    suggested_minor: Mapped[int | None] = mapped_column(BigInteger)
    presets_minor: Mapped[list[Any] | None]
    least_minor: Mapped[int | None] = mapped_column(BigInteger)
    most_minor: Mapped[int | None] = mapped_column(BigInteger)
    # What a card statement says after the account's own name; NULL: what the general fund of its currency says.
    descriptor: Mapped[str | None]
    created_at: Mapped[datetime]


class FundPurpose(Base):
    """The earmark in words. Never changed: another sentence is another number."""

    __tablename__ = "fund_purpose"
    __table_args__ = (UniqueConstraint("fund_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"))
    number: Mapped[int]
    sentence: Mapped[str]
    beyond: Mapped[str]
    recipient: Mapped[str]
    tax: Mapped[str | None]  # NULL where nothing was said of taxes
    created_at: Mapped[datetime]
