"""Takes pages of a PDF into a part: every object they need, under the part's numbers."""

from collections.abc import Iterable, Iterator
from typing import cast

from pikepdf import Array, Dictionary, Name, Object, Page, Pdf, Stream

from campaigns.adapters.printing.parts import (
    FOOTER_DIGITS,
    FOOTER_LABEL,
    FOOTER_LEFT,
    LABEL_PIECES,
    OPENING,
    PAGES,
    PartPage,
    PartWriter,
)
from campaigns.adapters.printing.syntax import renumbered, stream

# By which name a page's content draws the pieces of the footer.
FOOTER_FORMS = {
    "/UFL": FOOTER_LEFT,
    **{f"/UFP{i}": FOOTER_LABEL + i for i in range(LABEL_PIECES)},
    **{f"/UFD{i}": FOOTER_DIGITS + i for i in range(10)},
}
_FONT_FILES = ("/FontFile2", "/FontFile3")


class Adoption:
    """Objects of one PDF on their way into a part. `numbers`: the number here → the number there."""

    def __init__(self, pdf: Pdf, writer: PartWriter) -> None:
        self.pdf, self.writer = pdf, writer
        self.numbers = {number_of(pdf.Root.Pages): PAGES}

    def elsewhere(self, number: int) -> Object:
        """Return a stand-in to refer to object `number`, which somebody else writes."""
        stand_in = self.pdf.make_indirect(Dictionary())
        self.numbers[number_of(stand_in)] = number
        return stand_in

    def pages(self, roots: Iterable[Object] = ()) -> None:
        """Write all pages, and `roots`, with what they refer to. A page's key in the parent tree is its new number."""
        pages = list(self.pdf.pages)
        for page in pages:
            number = self.writer.reserve()
            self.numbers[number_of(page.obj)] = page.obj.StructParents = number
        self._make_room_for_footers(pages)
        written = {number_of(page.obj) for page in pages}
        self.write([page.obj for page in pages], written=written)
        self.write(roots)

    def write(self, roots: Iterable[Object], written: Iterable[int] = ()) -> None:
        """Write `roots` and what they refer to, except what has a number already; `written` has one, yet is due."""
        due = list(_reachable(roots, set(self.numbers) - set(written)))
        for value in due:
            if number_of(value) not in self.numbers:
                self.numbers[number_of(value)] = self.writer.reserve()
        programs = {number_of(program): program for value in due if (program := _font_program(value)) is not None}
        for value in due:
            if number_of(value) not in programs:
                self._write_one(value)

    def text(self, value: Object) -> bytes:
        """Return the text of `value`, with the part's numbers."""
        return renumbered(value.unparse(resolved=True), self.numbers)

    def reference_or_text(self, value: Object) -> bytes:
        """Return a reference to `value` if it is indirect, else its text."""
        return renumbered(value.unparse(), self.numbers)

    def stream(self, value: Object) -> bytes:
        """Return the stream `value` as a whole, with the part's numbers."""
        entries = Dictionary({key: entry for key, entry in value.items() if key != "/Length"})
        inner = renumbered(entries.unparse(), self.numbers).removeprefix(b"<<").removesuffix(b">>").strip()
        return stream(inner, value.read_raw_bytes(), deflate="/Filter" not in value)

    def _write_one(self, value: Object) -> None:
        number = self.numbers[number_of(value)]
        program = _font_program(value)
        if program is not None:
            file_number = self.numbers[number_of(program)]
            self.writer.put_font(file_number, number, self.text(value), self.stream(program))
        elif isinstance(value, Stream):
            self.writer.put_stream(number, self.stream(value))
        else:
            self.writer.put(number, self.text(value))

    def _make_room_for_footers(self, pages: list[Page]) -> None:
        """Wrap each page's content, since WeasyPrint leaves its axes turned, and let a footer follow it."""
        opening = self.elsewhere(OPENING)
        forms = {name: self.elsewhere(number) for name, number in FOOTER_FORMS.items()}
        for page in pages:
            footer = self.writer.reserve()
            page.obj.Contents = Array([opening, page.obj.Contents, self.elsewhere(footer)])
            drawn = page.obj.Resources.get(Name.XObject, Dictionary())
            page.obj.Resources.XObject = Dictionary({**dict(drawn.items()), **forms})
            width = float(page.mediabox[2]) - float(page.mediabox[0])
            self.writer.part.pages.append(PartPage(self.numbers[number_of(page.obj)], footer, width))


def number_of(value: Object) -> int:
    """Return the number of an indirect object, 0 for a direct one."""
    return value.objgen[0]


def mend_fonts(pdf: Pdf) -> None:
    """Give the later glyphs of a cluster a character that takes no room: PDF/UA wants one for each (7.21.7)."""
    for font in pdf.pages[0].obj.Resources.get(Name.Font, Dictionary()).values():
        cmap = font.ToUnicode.read_bytes()
        if b"<>" in cmap:
            font.ToUnicode.write(cmap.replace(b"<>", b"<200b>"))


def bookmarks(adoption: Adoption) -> Iterator[tuple[str, int]]:
    """Yield the title and the page's new number of each bookmark on the first level."""
    root = adoption.pdf.Root.get(Name.Outlines)
    entry = root.get(Name.First) if root is not None else None
    while entry is not None:
        yield str(entry.Title), adoption.numbers[number_of(entry.Dest[0])]
        entry = entry.get(Name.Next)


def _font_program(value: Object) -> Object | None:
    if isinstance(value, Dictionary) and value.get(Name.Type) == Name.FontDescriptor:
        return next((value[key] for key in _FONT_FILES if key in value), None)
    return None


def _reachable(roots: Iterable[Object], known: set[int]) -> Iterator[Object]:
    """Yield each indirect object that can be come to from `roots` without passing one of `known`, each once."""
    seen = set(known)
    waiting = list(roots)
    while waiting:
        value = waiting.pop()
        if number_of(value):
            if number_of(value) in seen:
                continue
            seen.add(number_of(value))
            yield value
        waiting.extend(_children(value))


def _children(value: Object) -> list[Object]:
    """Return what `value` holds or refers to and that may itself refer to something."""
    if isinstance(value, Dictionary | Stream):
        kids: Iterable[object] = value.values()
    else:
        kids = cast(Iterable[object], value) if isinstance(value, Array) else ()
    return [kid for kid in kids if isinstance(kid, Dictionary | Stream | Array)]
