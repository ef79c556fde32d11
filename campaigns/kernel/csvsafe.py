"""Tables for spreadsheets, in which no cell is run as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

# What a spreadsheet takes for the beginning of a formula or command (OWASP, CSV injection), full-width forms too.
_RISKY: Final = frozenset("=+-@\t\r\n|%＝＋－＠")
_MARK: Final = "\ufeff"  # by which Excel knows UTF-8


def cell(text: str) -> str:
    """Return `text` as a cell that stays text: behind an apostrophe where a spreadsheet would run it."""
    return f"'{text}" if text[:1] in _RISKY or text.lstrip()[:1] in _RISKY else text


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a CSV file (RFC 4180, UTF-8 with its mark) with every cell made safe."""
    out = io.StringIO()
    out.write(_MARK)
    writer = csv.writer(out)
    for row in (head, *rows):
        writer.writerow([cell(each) for each in row])
    return out.getvalue()
