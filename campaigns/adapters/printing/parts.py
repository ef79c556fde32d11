"""A part: one run of finished pages, written as PDF objects under the numbers they keep in the whole list.

The first names of a list stay the same while it grows, so each part is made once, kept, and copied into every later
list byte by byte; joining 100,000 names takes no parsing. Each part owns a range of object numbers. What differs from
list to list (the footer, "page n of m", the order of pages) stands under numbers that the part only refers to.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from itertools import pairwise

from campaigns.adapters.printing.syntax import indirect, object_stream, references

# The objects of the whole list that every part refers to.
CATALOG, PAGES, STRUCTURE, DOCUMENT, PARENT_TREE, INFO, METADATA, OPENING, OUTLINES = range(1, 10)
FOOTER_LEFT = 10
FOOTER_LABEL = 11  # and the next ones: what stands before, between and after the numbers of a page label
LABEL_PIECES = 3
FOOTER_DIGITS = 14  # and the next nine

FOOTER_BASE = 24
CHUNK_BASE = 256
# 960 names take about 2,200. Not many more: qpdf takes a file for damaged whose numbers exceed a third of its bytes.
CHUNK_NUMBERS = 3_072

_STREAM_OBJECTS = 500
_FILE_MARK = b"%file%"


class TooManyObjects(ValueError):
    """A part is larger than its range of object numbers."""


@dataclass(slots=True)
class FontProgram:
    """A font file within `Part.fonts` from `start`, `size` bytes, and the descriptor that waits for its number."""

    number: int
    descriptor: int
    text: str
    digest: str
    start: int
    size: int


@dataclass(slots=True)
class PartPage:
    """A page's object, the number its footer will have, and its width in points."""

    number: int
    footer: int
    width: float


@dataclass(slots=True)
class Part:
    """Finished pages.

    `body` holds whole objects, whose numbers and places stand in `offsets`; `packed` says which numbers (first, count)
    each object stream holds. `tops` are the part's elements directly under the document.
    """

    pages: list[PartPage] = field(default_factory=list)
    tops: list[int] = field(default_factory=list)
    tree: tuple[int, int, int] = (0, 0, 0)
    bookmarks: list[tuple[str, int]] = field(default_factory=list)
    offsets: list[tuple[int, int]] = field(default_factory=list)
    packed: list[tuple[int, int, int]] = field(default_factory=list)
    programs: list[FontProgram] = field(default_factory=list)
    unprintable: list[str] = field(default_factory=list)
    language: str = ""
    body: bytes = b""
    fonts: bytes = b""

    def dump(self) -> bytes:
        """Return the part as bytes, for `load`."""
        facts = asdict(self)
        del facts["body"], facts["fonts"]
        head = json.dumps(facts | {"size": len(self.body)}).encode()
        return len(head).to_bytes(4, "big") + head + self.body + self.fonts

    @classmethod
    def load(cls, data: bytes) -> "Part":
        """Return the part that was dumped as `data`."""
        start = 4 + int.from_bytes(data[:4], "big")
        facts = json.loads(data[4:start])
        size = facts.pop("size")
        facts["pages"] = [PartPage(**page) for page in facts["pages"]]
        facts["programs"] = [FontProgram(**program) for program in facts["programs"]]
        return cls(**facts, body=data[start : start + size], fonts=data[start + size :])


class PartWriter:
    """Gives out the numbers of one range and gathers the objects written under them."""

    def __init__(self, base: int, limit: int = sys.maxsize) -> None:
        self.part = Part()
        self._next, self._limit = base, limit
        self._plain: dict[int, bytes] = {}
        self._body: list[bytes] = []
        self._size = 0
        self._fonts: list[bytes] = []

    def reserve(self, count: int = 1) -> int:
        """Return the first of `count` new numbers in a row. Raises TooManyObjects."""
        first, self._next = self._next, self._next + count
        if self._next > self._limit:
            raise TooManyObjects(f"a part may have {self._limit - first} more objects, not {count}")
        return first

    def put(self, number: int, text: bytes) -> None:
        """Write an object that is not a stream."""
        self._plain[number] = text

    def put_stream(self, number: int, text: bytes) -> None:
        """Write a whole stream as object `number`."""
        self.part.offsets.append((number, self._size))
        self._body.append(indirect(number, text))
        self._size += len(self._body[-1])

    def put_font(self, number: int, descriptor: int, text: bytes, program: bytes) -> None:
        """Write a font file, a whole stream, and the descriptor `text` in which `number` is referred to.

        Both stay open until the parts are joined: equal files are then written once.
        """
        start = sum(map(len, self._fonts))
        self._fonts.append(program)
        waiting = text.replace(b"%d 0 R" % number, _FILE_MARK).decode("latin-1")
        digest = sha256(program).hexdigest()
        self.part.programs.append(FontProgram(number, descriptor, waiting, digest, start, len(program)))

    def put_parent_tree(self, entries: Mapping[int, bytes]) -> None:
        """Write the part's leaf of the parent tree: for each key, which is a number of this part, its value."""
        number = self.reserve()
        texts = b" ".join([b"%d %s" % (key, entries[key]) for key in sorted(entries)])
        self.part.tree = (number, min(entries), max(entries))
        self.put(number, b"<</Nums[%s]/Limits[%d %d]>>" % (texts, min(entries), max(entries)))

    def finish(self) -> Part:
        """Pack what is not a stream into object streams and return the part."""
        numbers = sorted(self._plain)
        for run in _runs(numbers):
            stream_number = self.reserve()
            self.put_stream(stream_number, object_stream([(number, self._plain[number]) for number in run]))
            self.part.packed.append((stream_number, run[0], len(run)))
        self.part.body, self.part.fonts = b"".join(self._body), b"".join(self._fonts)
        return self.part


def descriptor_text(program: FontProgram, file_number: int) -> bytes:
    """Return the font descriptor with the number its font file has in the whole list."""
    return program.text.encode("latin-1").replace(_FILE_MARK, references([file_number]))


def _runs(numbers: list[int]) -> list[list[int]]:
    """Cut sorted `numbers` into runs without a gap, none longer than an object stream should be."""
    if not numbers:
        return []
    runs = [[numbers[0]]]
    for before, number in pairwise(numbers):
        if number != before + 1 or len(runs[-1]) == _STREAM_OBJECTS:
            runs.append([])
        runs[-1].append(number)
    return runs
