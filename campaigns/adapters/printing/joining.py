"""Writes the parts of a list into one PDF (ISO 32000-1): one page tree, one tree of tags, one table of objects."""

from collections.abc import Iterable
from hashlib import sha256

from campaigns.adapters.printing.footers import Footer
from campaigns.adapters.printing.parts import (
    CATALOG,
    DOCUMENT,
    INFO,
    METADATA,
    OPENING,
    OUTLINES,
    PAGES,
    PARENT_TREE,
    STRUCTURE,
    Part,
    PartPage,
    descriptor_text,
)
from campaigns.adapters.printing.syntax import indirect, references, stream, text_string

# The second line tells programs that carry the file that it is binary (7.5.2).
_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_ENTRY = 7  # bytes of an entry in the table of objects: kind 1, place or stream 4, index 2
_FREE = b"\x00\x00\x00\x00\x00\xff\xff"


class Joining:
    """One PDF on its way. Add the parts in order, then `finish`."""

    def __init__(self, unprintable: Iterable[str] = ()) -> None:
        self._out = bytearray(_HEADER)
        self._table = bytearray()
        self._pages: list[PartPage] = []
        self._tops: list[int] = []
        self._trees: list[tuple[int, int, int]] = []
        self._bookmarks: list[tuple[str, int]] = []
        self._programs: dict[str, int] = {}
        self._language = ""
        self._unprintable = dict.fromkeys(unprintable)

    @property
    def pages(self) -> int:
        """How many pages there are so far."""
        return len(self._pages)

    @property
    def unprintable(self) -> tuple[str, ...]:
        """The characters that no font has, in the order they were met."""
        return tuple(self._unprintable)

    def add(self, part: Part) -> None:
        """Take in one part, after those before it."""
        start = len(self._out)
        self._out += part.body
        for number, offset in part.offsets:
            self._enter(number, 1, start + offset)
        for holder, first, count in part.packed:
            self._enter_packed(holder, first, count)
        self._add_fonts(part)
        self._pages += part.pages
        self._tops += part.tops
        self._bookmarks += part.bookmarks
        self._language = self._language or part.language
        self._unprintable.update(dict.fromkeys(part.unprintable))
        if part.pages:
            self._trees.append(part.tree)

    def finish(self, footer: Footer) -> bytes:
        """Draw the footers, write what binds the parts together, and return the file."""
        self._write_footers(footer)
        self._write_trees()
        self._write_outlines()
        self._put(CATALOG, self._catalog())
        return self._close()

    def _add_fonts(self, part: Part) -> None:
        """Write each font file that no earlier part brought."""
        for program in part.programs:
            if program.digest not in self._programs:
                self._programs[program.digest] = program.number
                self._put(program.number, part.fonts[program.start : program.start + program.size])
            self._put(program.descriptor, descriptor_text(program, self._programs[program.digest]))

    def _write_footers(self, footer: Footer) -> None:
        # The widths of the footer's forms are part of it, the forms themselves a part like any other, without pages.
        self.add(footer.part)
        self._put(OPENING, stream(b"", b"q"))
        total = self.pages
        for number, page in enumerate(self._pages, 1):
            self._put(page.footer, stream(b"", footer.content(number, total, page.width)))

    def _write_trees(self) -> None:
        kids = references([page.number for page in self._pages])
        self._put(PAGES, b"<</Type/Pages/Count %d/Kids[%s]>>" % (self.pages, kids))
        self._put(
            STRUCTURE,
            b"<</Type/StructTreeRoot/K[%d 0 R]/ParentTree %d 0 R/ParentTreeNextKey %d>>"
            % (DOCUMENT, PARENT_TREE, max(high for _, _, high in self._trees) + 1),
        )
        tops = references(self._tops)
        self._put(DOCUMENT, b"<</Type/StructElem/S/Document/P %d 0 R/K[%s]>>" % (STRUCTURE, tops))
        leaves = references([number for number, _, _ in sorted(self._trees, key=lambda tree: tree[1])])
        self._put(PARENT_TREE, b"<</Kids[%s]>>" % leaves)

    def _write_outlines(self) -> None:
        """Write the bookmarks, one after another on one level."""
        first = len(self._table) // _ENTRY
        count = len(self._bookmarks)
        for place, (title, page) in enumerate(self._bookmarks):
            before = b"/Prev %d 0 R" % (first + place - 1) if place else b""
            after = b"/Next %d 0 R" % (first + place + 1) if place + 1 < count else b""
            links = b"/Parent %d 0 R/Dest[%d 0 R/Fit]%s%s" % (OUTLINES, page, before, after)
            self._put(first + place, b"<</Title%s%s>>" % (text_string(title), links))
        ends = b"/First %d 0 R/Last %d 0 R" % (first, first + count - 1) if count else b""
        self._put(OUTLINES, b"<</Type/Outlines/Count %d%s>>" % (count, ends))

    def _catalog(self) -> bytes:
        refers = b"/Pages %d 0 R/StructTreeRoot %d 0 R/Metadata %d 0 R/Outlines %d 0 R" % (
            PAGES, STRUCTURE, METADATA, OUTLINES,
        )  # fmt: skip
        language = text_string(self._language)
        shown = b"/MarkInfo<</Marked true>>/ViewerPreferences<</DisplayDocTitle true>>/Lang" + language
        return b"<</Type/Catalog" + refers + shown + b">>"

    def _put(self, number: int, text: bytes) -> None:
        self._enter(number, 1, len(self._out))
        self._out += indirect(number, text)

    def _enter(self, number: int, kind: int, place: int) -> None:
        self._grow(number)
        self._table[number * _ENTRY : (number + 1) * _ENTRY] = b"%c%s\x00\x00" % (kind, place.to_bytes(4, "big"))

    def _enter_packed(self, holder: int, first: int, count: int) -> None:
        """Enter `count` objects from `first` on, which lie in the object stream `holder` one after another."""
        self._grow(first + count - 1)
        start = b"\x02" + holder.to_bytes(4, "big")
        entries = b"".join([start + index.to_bytes(2, "big") for index in range(count)])
        self._table[first * _ENTRY : (first + count) * _ENTRY] = entries

    def _grow(self, number: int) -> None:
        missing = number + 1 - len(self._table) // _ENTRY
        if missing > 0:
            self._table += _FREE * missing

    def _close(self) -> bytes:
        """Write the table of objects (7.5.8). The file's ID is made from its content."""
        number, place = len(self._table) // _ENTRY, len(self._out)
        self._enter(number, 1, place)
        digest = sha256(self._out).hexdigest()[:32].upper().encode()
        entries = b"/Type/XRef/W[1 4 2]/Size %d/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]" % (
            number + 1, CATALOG, INFO, digest, digest,
        )  # fmt: skip
        self._out += indirect(number, stream(entries, bytes(self._table), deflate=True))
        self._out += b"startxref\n%d\n%%%%EOF\n" % place
        return bytes(self._out)
