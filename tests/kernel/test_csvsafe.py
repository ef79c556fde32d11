"""Cells that a spreadsheet would run stay text."""

import csv
import io

import pytest

from campaigns.kernel.csvsafe import cell, table


@pytest.mark.parametrize(
    "text",
    ['=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "|cmd", "%x", "＝1", "＋1", "\n@x"],
)
def test_what_a_spreadsheet_would_run_stands_behind_an_apostrophe(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Maria Ortiz", "maria@example.org", "O'Neil", "3-4", "Zoë", "a=b"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert cell(text) == text


def test_a_table_is_read_back_as_it_was_with_commas_quotes_and_lines() -> None:
    rows = [("Ana, the first", 'says "no"'), ("two\nlines", "=1")]
    content = table(("name", "words"), rows)
    assert content.startswith("\ufeffname,words\r\n")
    read = list(csv.reader(io.StringIO(content.removeprefix("\ufeff"))))
    assert read == [["name", "words"], ["Ana, the first", 'says "no"'], ["two\nlines", "'=1"]]
