"""Pure decisions about paper: what a sheet says, what a table's columns mean, how far an import has come."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

ROWS: Final = 12  # on a sheet; they fit one page, and so does the form that they are typed into
MOST_SHEETS: Final = 100  # printed at a time
PHOTO_KEPT: Final = timedelta(days=14)  # after its sheet was entered
PHOTO_WAITS: Final = timedelta(days=30)  # for a sheet that nobody enters
TABLE_WAITS: Final = timedelta(days=7)  # for an import that nobody starts, or that is stuck

DITTO: Final = frozenset({'"', "\u201d", "\u201c", "\u201e", "\u3003", "''", '-"-', "-\u201d-", '\u2013"\u2013'})


def consent_on_sheet(organisation: str, target: str) -> str:
    """Return the sentences that somebody agrees to by signing a sheet. The text is stored with each signature."""
    return (
        f"{organisation} keeps this sheet and hands it to nobody. What you write is typed in to count your signature "
        f"once. Your name stands on the list for {target} only if you tick the box, and on no page; your postcode and "
        "e-mail address stand nowhere. An e-mail address, if you leave one, is there to count you once and to let "
        "you see, change, withdraw or erase your signature yourself; without one, ask us. A photo of this sheet is "
        f"deleted {PHOTO_KEPT.days} days after it was typed in."
    )


def consent_in_table(organisation: str, target: str) -> str:
    """Return what is stored as agreed to with each row of an imported table."""
    return (
        f"{organisation} took over your signature from paper sheets or a table of its own, and keeps your name, town "
        "and postcode, and your e-mail address if you left one, to count your signature once. Your name stands on "
        f"the list for {target} only if you agreed to that, and on no page."
    )


class Problem(StrEnum):
    """Why a row was not entered."""

    NAME = "name"
    LONG = "long"
    UNREADABLE = "unreadable"
    EMAIL = "email"
    COUNTRY = "country"
    TWICE = "twice here"
    KNOWN = "known"

    @property
    def is_duplicate(self) -> bool:
        """Whether the row is fine, and somebody who has signed already."""
        return self in (Problem.TWICE, Problem.KNOWN)


class Column(StrEnum):
    """What a column of a table may hold."""

    NAME = "name"
    GIVEN = "given"
    FAMILY = "family"
    TOWN = "town"
    POSTCODE = "postcode"
    COUNTRY = "country"
    EMAIL = "email"
    LISTED = "listed"


# Headings as people write them, folded, in English, Spanish, Italian, French and German.
_HEADINGS: Final[Mapping[Column, str]] = {
    Column.NAME: "name|fullname|fullnames|nombre y apellidos|nombre completo|nome e cognome|nom complet|nom et prenom",
    Column.GIVEN: "firstname|givenname|forename|nombre|nome|prenom|vorname",
    Column.FAMILY: "lastname|surname|familyname|apellido|apellidos|cognome|nom|nom de famille|nachname",
    Column.TOWN: "town|city|place|ciudad|localidad|citta|comune|ville|stadt|ort|wohnort",
    Column.POSTCODE: "postcode|postalcode|zip|zipcode|codigopostal|cp|cap|codepostal|plz|postleitzahl",
    Column.COUNTRY: "country|countrycode|pais|paese|pays|land",
    Column.EMAIL: "email|emailaddress|mail|correo|correoelectronico|courriel|indirizzoemail|emailadresse",
    Column.LISTED: "list|listed|onlist|nameonlist|showname|publish|lista|liste|tick",
}  # fmt: skip
_HEADING_OF: Final = {heading.replace(" ", ""): column for column, words in _HEADINGS.items()
                      for heading in words.split("|")}  # fmt: skip
_YES: Final = frozenset("y yes x 1 true on si s oui o ja j ok checked \u2713 \u2714 \u2611 \u0646\u0639\u0645".split())


def folded(text: str) -> str:
    """Return `text` as it is compared: without case, accents, spaces and marks."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalnum())


def guessed_columns(header: Sequence[str]) -> dict[Column, int]:
    """Return which column holds what, by the words of the first row; empty where it is no header.

    A heading that could be a whole name counts as a given name where a family name stands beside it.
    """
    found: dict[Column, int] = {}
    for place, cell in enumerate(header):
        column = _HEADING_OF.get(folded(cell))
        if column and column not in found:
            found[column] = place
    if Column.FAMILY in found and Column.NAME in found and Column.GIVEN not in found:
        found[Column.GIVEN] = found.pop(Column.NAME)
    for lonely in (Column.GIVEN, Column.FAMILY):
        if Column.NAME not in found and lonely in found and not {Column.GIVEN, Column.FAMILY} <= found.keys():
            found[Column.NAME] = found.pop(lonely)
    return found


def says_yes(cell: str) -> bool:
    """Return whether a cell says that the name may stand on the list. What is not understood is a no."""
    word = cell.strip().casefold()
    return word in _YES or folded(cell) in _YES


def named_by(columns: Iterable[Column]) -> bool:
    """Return whether these columns make up a name."""
    return bool({Column.NAME, Column.FAMILY} & set(columns))


@dataclass(frozen=True, slots=True)
class Typed:
    """A row as somebody wrote it, on one line each; `row` counts from 1 as on the sheet or in the file."""

    row: int
    name: str = ""
    town: str = ""
    postcode: str = ""
    country: str = ""
    email: str = ""
    is_listed: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written; a tick alone is nothing."""
        return not (self.name or self.town or self.postcode or self.email)

    @property
    def person(self) -> tuple[str, str, str]:
        """What tells people without an address apart within one sheet or table."""
        return folded(self.name), folded(self.town), folded(self.postcode)


def without_dittos(town: str, above: str) -> str:
    """Return a cell with the marks that mean "as above" replaced by what stands above."""
    return above if town.replace(" ", "") in DITTO else town


def read_table(
    rows: Sequence[Sequence[str]], columns: Mapping[Column, int], *, has_header: bool, country: str
) -> Iterator[Typed]:
    """Yield the rows of a table that are not empty, numbered as a spreadsheet shows them."""
    for number, cells in enumerate(rows, 1):
        if has_header and number == 1:
            continue
        found = {column: cells[place] if place < len(cells) else "" for column, place in columns.items()}
        given, family = found.get(Column.GIVEN, ""), found.get(Column.FAMILY, "")
        typed = Typed(
            row=number,
            name=found.get(Column.NAME, "") or f"{given} {family}".strip(),
            town=found.get(Column.TOWN, ""),
            postcode=found.get(Column.POSTCODE, ""),
            country=found.get(Column.COUNTRY, "").upper() or country,
            email=found.get(Column.EMAIL, ""),
            is_listed=says_yes(found.get(Column.LISTED, "")),
        )
        if not typed.is_empty:
            yield typed


class Phase(StrEnum):
    """How far an import has come."""

    MAPPING = "mapping"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    UNDOING = "undoing"
    UNDONE = "undone"


class Step(StrEnum):
    """What an organizer can do with an import."""

    START = "start"
    CANCEL = "cancel"
    UNDO = "undo"


AT_WORK: Final = frozenset({Phase.RUNNING, Phase.UNDOING})
WAITING: Final = frozenset({Phase.MAPPING, Phase.READY})
_STEPS: Final = {
    (Phase.READY, Step.START): Phase.RUNNING,
    (Phase.MAPPING, Step.CANCEL): Phase.CANCELLED,
    (Phase.READY, Step.CANCEL): Phase.CANCELLED,
    (Phase.RUNNING, Step.CANCEL): Phase.CANCELLED,
    (Phase.DONE, Step.UNDO): Phase.UNDOING,
    (Phase.CANCELLED, Step.UNDO): Phase.UNDOING,
}


def after(phase: Phase, step: Step) -> Phase | None:
    """Return where `step` leads from `phase`, or None where it cannot be done."""
    return _STEPS.get((phase, step))
