"""Signatures and their counts. Names, addresses and postcodes are sealed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base, Sealed
from campaigns.db.base import RowNumber


def _where(condition: str) -> dict[str, Any]:
    """An index of few rows: what waits for a job, or for a person."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Signature(Base):
    """One signature under one petition text."""

    __tablename__ = "signature"
    __table_args__ = (
        UniqueConstraint("campaign_id", "email_hash"),
        CheckConstraint("state IN ('pending', 'confirmed', 'withdrawn')", name="state"),
        CheckConstraint("review IN ('clear', 'held', 'rejected')", name="review"),
        CheckConstraint("visibility IN ('public', 'delivered', 'counted')", name="visibility"),
        CheckConstraint("comment_state IN ('waiting', 'shown', 'hidden')", name="comment_state"),
        Index("ix_signature_list", "campaign_id", "state", "confirmed_at"),
        Index(
            "ix_signature_comment",
            "campaign_id",
            "comment_state",
            "confirmed_at",
            **_where("comment_state IS NOT NULL"),
        ),
        Index("ix_signature_source", "campaign_id", "source", "state", **_where("source IS NOT NULL")),
        Index("ix_signature_network", "network_key", "domain_key", "created_at", **_where("network_key IS NOT NULL")),
        Index("ix_signature_paper", "paper_id", "paper_row", unique=True, **_where("paper_id IS NOT NULL")),
        Index("ix_signature_unjudged", "id", **_where("judged_at IS NULL")),
        Index("ix_signature_review", "campaign_id", "review", "id", **_where("review <> 'clear'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("petition_version.id"))
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consent_wording.id"))
    email_hash: Mapped[bytes]
    email: Mapped[str] = mapped_column(Sealed)
    name: Mapped[str] = mapped_column(Sealed)
    town: Mapped[str] = mapped_column(Sealed)
    postcode: Mapped[str] = mapped_column(Sealed)
    country: Mapped[str]
    comment: Mapped[str | None] = mapped_column(Sealed)
    comment_state: Mapped[str | None]
    answers: Mapped[str | None] = mapped_column(Sealed)
    source: Mapped[str | None]
    # The words of the tick that lets the partner behind `source` have name and address, and when that was taken back.
    opt_in_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner_wording.id"))
    opt_in_ended_at: Mapped[datetime | None]
    visibility: Mapped[str]
    wants_updates: Mapped[bool]
    state: Mapped[str]
    review: Mapped[str]
    token_digest: Mapped[bytes | None] = mapped_column(unique=True)
    token_expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    # Mails that asked to confirm it, and since when they are counted: see rules.one_mail_more.
    mails: Mapped[int] = mapped_column(server_default=text("0"))
    mails_since: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    # Stays when it is signed anew: a list that was handed over may point to a row that was withdrawn once.
    withdrawn_at: Mapped[datetime | None]
    # What was looked at after the request: see campaigns/abuse/rules.py for the codes in `held_because`.
    held_because: Mapped[str] = mapped_column(server_default=text("('')"))
    network_key: Mapped[bytes | None]
    domain_key: Mapped[bytes | None]
    proof: Mapped[bytes | None]
    judged_at: Mapped[datetime | None]
    # The sheet or the import it came on, and its row there; NULL for one given online. No foreign key: the tables of
    # campaigns/paper stand above this one. Whoever changes such a signature on the own page claims it, and so does
    # whoever withdraws one, from paper or not: a late sheet does not undo that.
    paper_id: Mapped[UUID | None]
    paper_row: Mapped[int | None]
    is_claimed: Mapped[bool] = mapped_column(server_default=false())


class SignatureCount(Base):
    """How many signatures of a campaign count; `paper` of the `total` were given on paper, the others online.

    Written by the counting job alone.
    """

    __tablename__ = "signature_count"

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    total: Mapped[int]
    public: Mapped[int]
    paper: Mapped[int] = mapped_column(server_default=text("0"))
    repairs: Mapped[int] = mapped_column(server_default="0")
    checked_at: Mapped[datetime | None]


class CountChange(Base):
    """What a confirmation adds to the count, or a withdrawal takes from it, until the counting job has gathered it."""

    __tablename__ = "count_change"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    total: Mapped[int]
    public: Mapped[int]
    paper: Mapped[int] = mapped_column(server_default=text("0"))
