"""Reads of sheets, photos and imports. Names of those who are only counted are not handed on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from campaigns.campaign.models import ConsentWording, PetitionVersion
from campaigns.paper.models import PaperImport, PaperPhoto, PaperPrint, PaperSheet
from campaigns.paper.rules import Column, Phase, Problem
from campaigns.signatures.models import Signature
from campaigns.signatures.queries import place_of
from campaigns.signatures.rules import Audience, Review, State, Visibility, shows_name

_ASKED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class PrintFacts:
    """A pile of sheets with the text that stands on them; `file_key` is None until they are printed."""

    id: UUID
    campaign_id: UUID
    paper: str
    first_number: int
    sheets: int
    asked_at: datetime
    file_key: str | None
    version: int
    headline: str
    demands: tuple[tuple[str, str], ...]
    consent: str

    @property
    def last_number(self) -> int:
        """The number of its last sheet."""
        return self.first_number + self.sheets - 1


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """A sheet as the desk shows it; `photo_at` is None where it has no photo."""

    id: UUID
    number: int
    version: int
    printed_at: datetime
    entered_at: datetime | None
    entered: int
    duplicates: tuple[int, ...]
    photo_at: datetime | None


@dataclass(frozen=True, slots=True)
class EnteredRow:
    """A signature by its row on a sheet or in a table; `name` is None where it is withheld."""

    row: int
    name: str | None
    place: str
    has_email: bool
    state: State
    review: Review
    is_claimed: bool


@dataclass(frozen=True, slots=True)
class ImportFacts:
    """An import as the desk shows it. `head` are the first rows of its table, while it waits."""

    id: UUID
    phase: Phase
    rows: int
    done: int
    entered: int
    named: int
    duplicates: int
    refused: int
    taken_back: int
    kept: int
    report: tuple[tuple[int, Problem], ...]
    columns: Mapping[Column, int]
    has_header: bool
    asked_at: datetime
    ended_at: datetime | None
    head: tuple[tuple[str, ...], ...] = ()

    @property
    def width(self) -> int:
        """How many columns the table has."""
        return max(map(len, self.head), default=0)


def columns_to_json(columns: Mapping[Column, int], *, has_header: bool) -> dict[str, Any]:
    """Return what a table's columns mean as the database keeps it."""
    return {"header": has_header} | {column.value: place for column, place in columns.items()}


def columns_from_json(kept: Mapping[str, Any]) -> tuple[dict[Column, int], bool]:
    """Return which column holds what, and whether the first row is a header."""
    return {Column(name): place for name, place in kept.items() if name != "header"}, bool(kept["header"])


def prints(session: Session, campaign_id: UUID, limit: int) -> list[PrintFacts]:
    """Return the piles of a campaign, the newest first."""
    return _prints(session, PaperPrint.campaign_id == campaign_id, limit=limit)


def find_print(session: Session, print_id: UUID) -> PrintFacts | None:
    """Return one pile, or None."""
    found = _prints(session, PaperPrint.id == print_id, limit=1)
    return found[0] if found else None


def _prints(session: Session, *where: Any, limit: int) -> list[PrintFacts]:
    rows = session.execute(
        select(PaperPrint, PetitionVersion, ConsentWording.text)
        .join(PetitionVersion, PetitionVersion.id == PaperPrint.version_id)
        .join(ConsentWording, ConsentWording.id == PaperPrint.consent_id)
        .where(*where)
        .order_by(PaperPrint.first_number.desc())
        .limit(limit)
    )
    return [
        PrintFacts(
            pile.id, pile.campaign_id, pile.paper, pile.first_number, pile.sheets, pile.asked_at, pile.file_key,
            text.number, text.headline, tuple((title, detail) for title, detail in text.demands), consent,
        )
        for pile, text, consent in rows
    ]  # fmt: skip


def file_keys(session: Session) -> list[str]:
    """Return the key of every printed pile's file."""
    wanted = select(PaperPrint.file_key).where(PaperPrint.file_key.is_not(None)).order_by(PaperPrint.file_key)
    return [key for key in session.scalars(wanted) if key]


def find_sheet(session: Session, campaign_id: UUID, number: int) -> SheetFacts | None:
    """Return the sheet with a number, or None."""
    found = _sheets(session, PaperSheet.campaign_id == campaign_id, PaperSheet.number == number, limit=1)
    return found[0] if found else None


def sheets_entered(session: Session, campaign_id: UUID, limit: int) -> list[SheetFacts]:
    """Return the sheets that were entered, the latest first."""
    return _sheets(session, PaperSheet.campaign_id == campaign_id, PaperSheet.entered_at.is_not(None), limit=limit)


def _sheets(session: Session, *where: Any, limit: int) -> list[SheetFacts]:
    sheet = PaperSheet
    rows = session.execute(
        select(sheet.id, sheet.number, PetitionVersion.number, PaperPrint.asked_at, sheet.entered_at, sheet.entered,
               sheet.duplicates, PaperPhoto.uploaded_at)
        .join(PaperPrint, PaperPrint.id == sheet.print_id)
        .join(PetitionVersion, PetitionVersion.id == PaperPrint.version_id)
        .outerjoin(PaperPhoto, PaperPhoto.sheet_id == sheet.id)
        .where(*where)
        .order_by(sheet.entered_at.desc(), sheet.number.desc())
        .limit(limit)
    )  # fmt: skip
    return [SheetFacts(sheet_id, number, version, printed, at, entered, tuple(duplicates), photo_at)
            for sheet_id, number, version, printed, at, entered, duplicates, photo_at in rows]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piles:
    """How many sheets were printed and entered, and the next that waits."""

    printed: int
    entered: int
    next_number: int | None


def piles(session: Session, campaign_id: UUID) -> Piles:
    """Return how far a campaign's sheets have come."""
    own = PaperSheet.campaign_id == campaign_id
    blank = PaperSheet.entered_at.is_(None)
    numbers = (func.count(), func.count(PaperSheet.entered_at), func.min(PaperSheet.number).filter(blank))
    return Piles(*session.execute(select(*numbers).where(own)).one())


def photo(session: Session, campaign_id: UUID, number: int) -> bytes | None:
    """Return the JPEG of a sheet, or None."""
    wanted = select(PaperPhoto.picture).join(PaperSheet, PaperSheet.id == PaperPhoto.sheet_id)
    return session.scalar(wanted.where(PaperSheet.campaign_id == campaign_id, PaperSheet.number == number))


def rows_of(session: Session, paper_id: UUID, *, offset: int = 0, limit: int) -> list[EnteredRow]:
    """Return the signatures of a sheet or an import, by their rows."""
    rows = session.scalars(
        select(Signature)
        .where(Signature.paper_id == paper_id)
        .order_by(Signature.paper_row)
        .offset(offset)
        .limit(limit)
    )
    return [_row(row) for row in rows]


def _row(row: Signature) -> EnteredRow:
    shown = shows_name(Visibility(row.visibility), Audience.ORGANIZER)
    return EnteredRow(
        row=row.paper_row or 0,
        name=row.name if shown else None,
        place=place_of(row.town, row.country) if shown else row.country,
        has_email=bool(row.email),
        state=State(row.state),
        review=Review(row.review),
        is_claimed=row.is_claimed,
    )


def known(session: Session, campaign_id: UUID, hashes: Sequence[bytes]) -> set[bytes]:
    """Return which of these addresses have a signature at a campaign, in whatever state.

    Not those whose paper was taken back, and whose row only a list holds: see entering.enter.
    """
    stands = or_(Signature.state != State.WITHDRAWN.value, Signature.is_claimed)
    found: set[bytes] = set()
    for start in range(0, len(hashes), _ASKED_AT_ONCE):
        some = Signature.email_hash.in_(hashes[start : start + _ASKED_AT_ONCE])
        own = (Signature.campaign_id == campaign_id, some, stands)
        found.update(session.scalars(select(Signature.email_hash).where(*own)))
    return found


def imports(session: Session, campaign_id: UUID, limit: int) -> list[ImportFacts]:
    """Return a campaign's imports, the newest first."""
    own = select(PaperImport).where(PaperImport.campaign_id == campaign_id)
    return [_import(row) for row in session.scalars(own.order_by(PaperImport.asked_at.desc()).limit(limit))]


def find_import(session: Session, campaign_id: UUID, import_id: UUID, head: int) -> ImportFacts | None:
    """Return one import with the first `head` rows of its table, or None."""
    row = session.get(PaperImport, import_id)
    return _import(row, head) if row and row.campaign_id == campaign_id else None


def _import(row: PaperImport, head: int = 0) -> ImportFacts:
    columns, has_header = columns_from_json(row.columns)
    first = json.loads(row.content)[:head] if head and row.content else []
    return ImportFacts(
        row.id, Phase(row.state), row.rows, row.done, row.entered, row.named, row.duplicates, row.refused,
        row.taken_back, row.kept, tuple((number, Problem(code)) for number, code in row.report), columns, has_header,
        row.asked_at, row.ended_at, tuple(map(tuple, first)),
    )  # fmt: skip
