"""The few pieces of PDF syntax (ISO 32000-1, 7.3 and 7.5) that the parts of a list are written in."""

import re
import zlib
from collections.abc import Mapping, Sequence

# A string is skipped whole, so that a name like "3 0 R" in one is not taken for a reference. qpdf escapes both
# parentheses within literal strings.
_REFERENCE = re.compile(rb"\((?:[^\\()]|\\.)*\)|<[0-9A-Fa-f]*>|(?<![^\s\[])(\d+) 0 R(?![A-Za-z0-9])", re.DOTALL)
_PRINTABLE = re.compile("[ -~]*")
_LEVEL = 6


def renumbered(text: bytes, numbers: Mapping[int, int]) -> bytes:
    """Return one object's `text` with each reference "old 0 R" pointed at `numbers[old]`. Raises KeyError."""

    def replace(match: re.Match[bytes]) -> bytes:
        return b"%d 0 R" % numbers[int(match[1])] if match[1] else match[0]

    return _REFERENCE.sub(replace, text)


def text_string(text: str) -> bytes:
    """Return `text` as a PDF text string: PDFDocEncoding where that is ASCII, else UTF-16 (7.9.2.2)."""
    if _PRINTABLE.fullmatch(text):
        return b"(" + re.sub(rb"([\\()])", rb"\\\1", text.encode()) + b")"
    return b"<" + ("\ufeff" + text).encode("utf-16-be").hex().encode() + b">"


def stream(entries: bytes, data: bytes, *, deflate: bool = False) -> bytes:
    """Return a stream with the dictionary `entries` (no brackets, no /Length); `deflate` compresses `data`."""
    if deflate:
        data, entries = zlib.compress(data, _LEVEL), entries + b"/Filter/FlateDecode"
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(data), data)


def indirect(number: int, text: bytes) -> bytes:
    """Return `text` as the body of object `number`."""
    return b"%d 0 obj\n%s\nendobj\n" % (number, text)


def object_stream(members: Sequence[tuple[int, bytes]]) -> bytes:
    """Return an object stream (7.5.7) that holds `members`, each an object's number and text."""
    offset, index = 0, []
    for number, text in members:
        index.append(b"%d %d" % (number, offset))
        offset += len(text) + 1
    head = b" ".join(index) + b"\n"
    body = b"\n".join(text for _, text in members)
    return stream(b"/Type/ObjStm/N %d/First %d" % (len(members), len(head)), head + body, deflate=True)


def references(numbers: Sequence[int]) -> bytes:
    """Return references to `numbers`, as they stand in an array."""
    return b" ".join([b"%d 0 R" % number for number in numbers])
