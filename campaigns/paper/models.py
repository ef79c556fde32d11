"""Printed sheets, their photos, and imported tables. What was written on them are rows of `signature`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base, Sealed
from campaigns.db.base import SealedBytes


class PaperPrint(Base):
    """A pile of blank sheets that was printed: numbered `first_number` and on, with one text and one wording."""

    __tablename__ = "paper_print"
    __table_args__ = (UniqueConstraint("campaign_id", "first_number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("petition_version.id"))
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consent_wording.id"))
    paper: Mapped[str]
    first_number: Mapped[int]
    sheets: Mapped[int]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    file_key: Mapped[str | None]


class PaperSheet(Base):
    """One sheet, entered once: how many of its rows were, and the numbers of the `duplicates` that were not.

    Undoing it makes it blank again.
    """

    __tablename__ = "paper_sheet"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    print_id: Mapped[UUID] = mapped_column(ForeignKey("paper_print.id"))
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[int]
    entered_by: Mapped[str | None]
    entered_at: Mapped[datetime | None]
    entered: Mapped[int]
    duplicates: Mapped[list[Any]]


class PaperPhoto(Base):
    """The photo of a sheet, in the database so that it goes in the same transaction as a person on it."""

    __tablename__ = "paper_photo"

    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("paper_sheet.id"), primary_key=True)
    picture: Mapped[bytes] = mapped_column(SealedBytes)
    uploaded_at: Mapped[datetime]


class PaperImport(Base):
    """A table somebody imports. `content` are its rows as JSON, until they are imported or given up.

    `done` is the last row of the file that was worked on; `report` holds row numbers and codes, and nobody's data.
    Of those who are `entered` the list may name `named`.
    """

    __tablename__ = "paper_import"
    __table_args__ = (
        CheckConstraint(
            "state IN ('mapping', 'ready', 'running', 'done', 'cancelled', 'undoing', 'undone')", name="state"
        ),
        Index("ix_paper_import_campaign", "campaign_id", "asked_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("petition_version.id"))
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consent_wording.id"))
    state: Mapped[str]
    content: Mapped[str | None] = mapped_column(Sealed)
    columns: Mapped[dict[str, Any]]
    rows: Mapped[int]
    done: Mapped[int]
    entered: Mapped[int]
    named: Mapped[int] = mapped_column(server_default=text("0"))
    duplicates: Mapped[int]
    refused: Mapped[int]
    taken_back: Mapped[int]
    kept: Mapped[int]
    report: Mapped[list[Any]]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
