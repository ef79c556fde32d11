"""Files as spreadsheets and other programs write them."""

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.paper import tables
from campaigns.paper.tables import NoTable, TooLong, read

ROWS = [["name", "town"], ["Zoë Müller", "Hebron, KY"], ["Łukasz O’Brien", "Zwolle"]]
LATIN = [["name", "town"], ["Zoë Müller", "Hebron, KY"], ["O’Brien", "Zwolle"]]


def written(rows: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_is_read_in_each_encoding_with_each_delimiter(encoding: str, delimiter: str) -> None:
    assert read(written(ROWS, delimiter).encode(encoding)) == ROWS


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_an_old_windows_file_is_read(delimiter: str) -> None:
    assert read(written(LATIN, delimiter).encode("cp1252")) == LATIN


def test_commas_in_places_do_not_part_columns_of_a_table_with_semicolons() -> None:
    text = "name;town\nAna First;Hebron, Kentucky, US\nBen Second;Erlanger, Kentucky, US\n"
    assert read(text.encode())[1] == ["Ana First", "Hebron, Kentucky, US"]


def test_a_quoted_cell_may_hold_lines_and_delimiters() -> None:
    assert read(b'name,town\n"Ana\nFirst","Hebron, KY"\n')[1] == ["Ana\nFirst", "Hebron, KY"]


def test_a_single_column_is_a_table_too() -> None:
    assert read(b"Ana First\nBen Second\n") == [["Ana First"], ["Ben Second"]]


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"\x89PNG\r\n\x1a\n\x00\x00\x00", b"PK\x03\x04\x00\x00", b"a" * 200_000]
)
def test_what_is_no_table_is_refused(data: bytes) -> None:
    with pytest.raises(NoTable):
        read(data)


def test_a_table_that_is_too_long_is_refused() -> None:
    with pytest.raises(TooLong):
        read(b"a,b\n" * (tables.MOST_ROWS + 1))
    with pytest.raises(TooLong):
        read(b"a" * (tables.MOST_BYTES + 1))


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=6), st.sampled_from(",;\t"))
def test_whatever_a_program_writes_is_read_or_refused_and_never_breaks(rows: list[list[str]], delimiter: str) -> None:
    try:
        found = read(written(rows, delimiter).encode())
    except NoTable:
        return
    assert len(found) >= 1


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_refused(data: bytes) -> None:
    with suppress(NoTable):
        assert read(data)
