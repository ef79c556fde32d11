"""What a file with a table says: its encoding, what parts its columns, its rows.

csv.Sniffer looks at characters and takes a comma in "Hebron, KY" for one that parts columns. Here each candidate parses
the beginning of the file, and the one that gives the most rows of one width wins.
"""

import csv
import io
from collections import Counter
from typing import Final

from campaigns.kernel.errors import InvalidValue

MOST_BYTES: Final = 2 * 1024 * 1024
MOST_ROWS: Final = 10_000
MOST_COLUMNS: Final = 60
_DELIMITERS: Final = ",;\t|"
_LOOKED_AT: Final = 200
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class NoTable(InvalidValue):
    """This file is no table of text. Save it as CSV, and choose it again."""


class TooLong(InvalidValue):
    """This table is too long. Split it: a file may have 10,000 rows and 2 MB."""


def read(data: bytes) -> list[list[str]]:
    """Return the rows of a CSV file in UTF-8, UTF-16 or Windows-1252. Raises NoTable, TooLong."""
    if len(data) > MOST_BYTES:
        raise TooLong
    text = _decoded(data)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise NoTable from error
    if len(rows) > MOST_ROWS:
        raise TooLong
    if not any(any(row) for row in rows) or max(map(len, rows)) > MOST_COLUMNS:
        raise NoTable
    return rows


def _decoded(data: bytes) -> str:
    for encoding in (_encoding(data), "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        if "\x00" not in text:
            return text
    raise NoTable


def _encoding(data: bytes) -> str:
    """By its mark; without one, text in UTF-16 has a zero in every second byte."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding
    if b"\x00" in data[:200]:
        return "utf-16-le" if data[1:2] == b"\x00" else "utf-16-be"
    return "utf-8"


def _delimiter(text: str) -> str:
    """Return what parts the columns; a table of one column has no such thing, and gets the comma."""
    lines = io.StringIO(text, newline="")
    beginning = "".join(line for line, _ in zip(lines, range(_LOOKED_AT), strict=False))
    return max(_DELIMITERS, key=lambda delimiter: _fit(beginning, delimiter))


def _fit(text: str, delimiter: str) -> tuple[int, int]:
    """How many rows have the commonest width above one, and that width."""
    widths = Counter(len(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if len(row) > 1)
    return max(((number, width) for width, number in widths.items()), default=(0, 0))
