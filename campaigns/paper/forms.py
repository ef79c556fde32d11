"""The desk's forms for paper, and words for what cannot be entered."""

from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, FileField, IntegerField, RadioField
from wtforms.validators import InputRequired, NumberRange

from campaigns.paper.checks import Refused, tidied
from campaigns.paper.rules import MOST_SHEETS, ROWS, Column, Problem, Typed, without_dittos
from campaigns.web.choices import SelectChoice

PROBLEMS = {
    Problem.NAME: lazy_gettext("Enter the name in letters, without an address."),
    Problem.LONG: lazy_gettext("This is too long. Shorten it."),
    Problem.UNREADABLE: lazy_gettext("Type this again: it holds characters that cannot be shown."),
    Problem.EMAIL: lazy_gettext("This is no e-mail address. Correct it, or leave it empty."),
    Problem.COUNTRY: lazy_gettext("This country is not known. Use its two letters."),
    Problem.TWICE: lazy_gettext("The same person stands further up."),
    Problem.KNOWN: lazy_gettext("This address has signed already, or was asked to confirm: it is not counted twice."),
}
COLUMNS = {
    Column.NAME: lazy_gettext("Name"),
    Column.GIVEN: lazy_gettext("First name"),
    Column.FAMILY: lazy_gettext("Family name"),
    Column.TOWN: lazy_gettext("Town"),
    Column.POSTCODE: lazy_gettext("Postcode"),
    Column.COUNTRY: lazy_gettext("Country"),
    Column.EMAIL: lazy_gettext("E-mail"),
    Column.LISTED: lazy_gettext("May stand on the list (yes, x, 1)"),
}
FIELDS = ("name", "town", "postcode", "email")


class PrintForm(FlaskForm):
    """How many sheets, and on which paper."""

    sheets = IntegerField(lazy_gettext("How many"), [InputRequired(), NumberRange(min=1, max=MOST_SHEETS)], default=10)
    paper = RadioField(
        lazy_gettext("Paper"),
        choices=[
            SelectChoice("letter", lazy_gettext("Letter (United States, Canada)")),
            SelectChoice("a4", lazy_gettext("A4 (elsewhere)")),
        ],
        default="letter",
    )


class TableForm(FlaskForm):
    """A table to import, and the word of whoever imports it."""

    table = FileField(lazy_gettext("CSV file"))
    holds = BooleanField(
        lazy_gettext("We hold these signatures on paper, and each of these people agreed to be counted."),
        [InputRequired(lazy_gettext("Tick this if it is so. Else these rows are no signatures."))],
    )


def typed_rows(form: Mapping[str, str], country: str) -> list[Typed]:
    """Return the rows of a sheet as they were typed, the empty ones too; marks for "as above" are filled in."""
    rows: list[Typed] = []
    above = Typed(0)
    for row in range(1, ROWS + 1):
        name, town, postcode, email = (form.get(f"{field}-{row}", "") for field in FIELDS)
        town, postcode = without_dittos(town, above.town), without_dittos(postcode, above.postcode)
        above = tidied(Typed(row, name, town, postcode, country, email, f"listed-{row}" in form))
        rows.append(above)
    return rows


def errors_of(refused: Sequence[Refused]) -> dict[str, object]:
    """Return the sentence for each field that must be put right, by its name in the form."""
    return {f"{each.field}-{each.row}": PROBLEMS[each.problem] for each in refused}


def columns_of(form: Mapping[str, str]) -> dict[Column, int]:
    """Return what was chosen for each column of a table; a choice that is none is left out."""
    chosen = {column: form.get(column.value, "") for column in Column}
    return {column: int(place) for column, place in chosen.items() if place.isascii() and place.isdecimal()}
