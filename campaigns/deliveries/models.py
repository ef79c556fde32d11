"""Deliveries and their frozen rows."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base, Sealed


class Delivery(Base):
    """A numbered list for a target. Once frozen, its rows and its digest never change."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("campaign_id", "number"),
        CheckConstraint("state IN ('requested', 'frozen', 'ready')", name="state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[int]
    state: Mapped[str]
    paper: Mapped[str]
    answer_expected: Mapped[date | None]
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
    frozen_at: Mapped[datetime | None]
    letter: Mapped[dict[str, Any]]
    named: Mapped[int]
    withheld: Mapped[int]
    # Each person stands in one of named, withheld and on_paper: the last are those on paper whose names are withheld.
    on_paper: Mapped[int]
    named_on_paper: Mapped[int] = mapped_column(server_default=text("0"))
    digest: Mapped[str | None]
    ready_at: Mapped[datetime | None]
    file_key: Mapped[str | None]
    file_sha256: Mapped[str | None]
    pages: Mapped[int | None]
    unprintable: Mapped[str | None] = mapped_column(Sealed)
    # How many of its people have erased themselves, and when its file was removed for that.
    erased: Mapped[int] = mapped_column(server_default=text("0"))
    file_removed_at: Mapped[datetime | None]


class Announcement(Base):
    """That signatories were told of the next list, and have until a moment to hide their names."""

    __tablename__ = "delivery_announcement"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), index=True)
    announced_at: Mapped[datetime]
    freeze_from: Mapped[datetime]
    told: Mapped[int]
    # How far the job has come in the order of the signatures' ids.
    told_up_to: Mapped[UUID | None]
    done_at: Mapped[datetime | None]


class DeliveryRow(Base):
    """One frozen row: a name with its number, or nothing but a salted hash of one that is withheld.

    A person who is erased leaves the number and the hash: the digest still proves the list, and nobody can guess whom
    the hash is of, because its salt is gone.
    """

    __tablename__ = "delivery_row"

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("delivery.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    signature_id: Mapped[UUID | None] = mapped_column(ForeignKey("signature.id"), index=True)
    number: Mapped[int | None]
    name: Mapped[str | None] = mapped_column(Sealed)
    place: Mapped[str | None] = mapped_column(Sealed)
    details: Mapped[str | None] = mapped_column(Sealed)
    salt: Mapped[str | None] = mapped_column(Sealed)
    withheld_hash: Mapped[str | None]
    named_hash: Mapped[str | None]
    # Which version of the text was signed; lists of earlier formats do not say.
    version: Mapped[int | None]
