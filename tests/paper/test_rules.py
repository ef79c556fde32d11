"""What columns mean, what a yes is, how far an import may go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.paper.rules import (
    ROWS,
    Column,
    Phase,
    Step,
    after,
    consent_on_sheet,
    guessed_columns,
    named_by,
    read_table,
    says_yes,
    without_dittos,
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (["Name", "Town", "Postcode", "E-mail"], "name town postcode email"),
        (["First name", "Last name", "City", "ZIP"], "given family town postcode"),
        (["Nombre", "Apellidos", "Localidad", "Código postal", "Correo"], "given family town postcode email"),
        (["Nombre", "Ciudad"], "name town"),
        (["NOM", "Prénom", "Ville", "Code postal"], "family given town postcode"),
        (["Nom", "Ville"], "name town"),
        (["Nome", "Cognome", "Città", "CAP"], "given family town postcode"),
        (["Name", "Vorname", "Ort", "PLZ"], "name given town postcode"),
        (["Ana First", "Hebron"], ""),
        ([], ""),
    ],
)  # fmt: skip
def test_columns_are_guessed_by_their_headings(header: list[str], expected: str) -> None:
    found = guessed_columns(header)
    assert " ".join(column.value for column, _ in sorted(found.items(), key=lambda pair: pair[1])) == expected


@pytest.mark.parametrize("cell", ["yes", "Y", " x ", "1", "TRUE", "sí", "Oui", "ja", "✓", "نعم"])
def test_a_yes_in_many_spellings_is_one(cell: str) -> None:
    assert says_yes(cell)


@pytest.mark.parametrize("cell", ["", "no", "0", "-", "maybe", "never", "?"])
def test_whatever_is_no_yes_is_a_no(cell: str) -> None:
    assert not says_yes(cell)


def test_a_mark_means_what_stands_above() -> None:
    assert [without_dittos(cell, "Hebron") for cell in ('"', "”", "〃", "' '", "Erlanger", "")] == [
        "Hebron", "Hebron", "Hebron", "Hebron", "Erlanger", "",
    ]  # fmt: skip


def test_rows_of_a_table_are_numbered_as_a_spreadsheet_shows_them() -> None:
    rows = [["name", "town"], ["Ana First", "Hebron"], [], ["", ""], ["Ben Second"]]
    columns = {Column.NAME: 0, Column.TOWN: 1}
    read = list(read_table(rows, columns, has_header=True, country="US"))
    assert [(each.row, each.name, each.town, each.country) for each in read] == [
        (2, "Ana First", "Hebron", "US"),
        (5, "Ben Second", "", "US"),
    ]


def test_a_name_is_put_together_from_its_parts() -> None:
    columns = {Column.FAMILY: 0, Column.GIVEN: 1}
    (read,) = read_table([["Ortiz", "Maria"]], columns, has_header=False, country="US")
    assert read.name == "Maria Ortiz"
    assert named_by(columns)
    assert not named_by([Column.GIVEN, Column.TOWN])


def test_the_wording_says_who_keeps_the_sheet_and_what_the_tick_does() -> None:
    words = consent_on_sheet("Hub Workers", "Hub Management")
    assert "Hub Workers keeps this sheet and hands it to nobody" in words
    assert "only if you tick the box" in words
    assert "14 days" in words


@given(st.sampled_from(Phase), st.sampled_from(Step))
def test_a_step_leads_somewhere_else_or_nowhere(phase: Phase, step: Step) -> None:
    assert after(phase, step) is not phase
    if step is Step.UNDO and phase not in (Phase.DONE, Phase.CANCELLED):
        assert after(phase, step) is None


def test_a_whole_sheet_fits_what_a_form_may_carry() -> None:
    assert ROWS * 5 + 5 < 200  # the site's limit on parts of a form
