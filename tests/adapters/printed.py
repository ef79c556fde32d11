"""Reads a printed list back: its tags, its text, its footers. Only pikepdf is needed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Object, Page, Pdf, Stream

_MAPPED = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]*)>")
_GLYPH = 2  # bytes


@dataclass(frozen=True)
class Tagged:
    """One element that owns marked pieces: its tag, exact text if any, page (from 0), pieces, number."""

    tag: str
    text: str | None
    page: int
    marks: list[int]
    number: int


class PrintedList:
    """A PDF as a reader meets it."""

    def __init__(self, data: bytes) -> None:
        self.pdf = Pdf.open(BytesIO(data))
        self._pages = {page.obj.objgen[0]: place for place, page in enumerate(self.pdf.pages)}

    @cached_property
    def tagged(self) -> list[Tagged]:
        """Every element that owns marked pieces, in the order of the tags."""
        return list(self._walk(self.pdf.Root.StructTreeRoot))

    @property
    def items(self) -> list[Tagged]:
        """The items of the list of names."""
        return [element for element in self.tagged if element.tag == "/LBody" and element.text is not None]

    def _walk(self, element: Object) -> Iterator[Tagged]:
        kids = element.K if isinstance(element.K, Array) else [element.K]
        marks = [int(kid) for kid in kids if isinstance(kid, int)]
        if marks:
            text = str(element.ActualText) if "/ActualText" in element else None
            yield Tagged(str(element.S), text, self._pages[element.Pg.objgen[0]], marks, element.objgen[0])
        for kid in kids:
            if isinstance(kid, Dictionary) and "/S" in kid:
                assert kid.P.objgen == element.objgen
                yield from self._walk(kid)

    @cached_property
    def owners(self) -> dict[tuple[int, int], int]:
        """(page, piece) → the number of the element that the parent tree leads back to."""
        leaves = list(_leaves(self.pdf.Root.StructTreeRoot.ParentTree))
        by_key = {int(leaf.Nums[i]): leaf.Nums[i + 1] for leaf in leaves for i in range(0, len(leaf.Nums), 2)}
        found = {}
        for place, page in enumerate(self.pdf.pages):
            for mark, owner in enumerate(by_key[int(page.obj.StructParents)]):
                if isinstance(owner, Dictionary):
                    found[place, mark] = owner.objgen[0]
        return found

    def marked(self, page: int) -> dict[int, str]:
        """Return the text of each marked piece of a page: what its glyphs stand for, or the exact text attached."""
        return _marked(self.pdf.pages[page])

    def footer(self, page: int) -> str:
        """Return the text of a page's footer, piece after piece as it is placed."""
        place = self.pdf.pages[page]
        drawn = place.obj.Contents[2].read_bytes().decode()
        forms = place.obj.Resources.XObject
        return "".join(form_text(forms[name]) for name in re.findall(r"(/\w+) Do", drawn))

    @property
    def text(self) -> str:
        """Return all that is drawn, page after page."""
        return "\n".join("\n".join(self.marked(page).values()) for page in range(len(self.pdf.pages)))

    @property
    def everything(self) -> str:
        """Return each string and each stream there is, drawn or not: tags, titles, properties, what is attached."""
        return "\n".join(piece for each in self.pdf.objects for piece in _strings(each))

    @property
    def bookmarks(self) -> list[str]:
        with self.pdf.open_outline() as outline:
            return [entry.title for entry in outline.root]


def _strings(value: Any) -> Iterator[str]:
    """Yield the strings in one object; what it refers to is an object of its own."""
    if isinstance(value, pikepdf.String):
        yield str(value)
    if isinstance(value, Stream):
        data = bytes(value.read_bytes())
        yield from (data.decode("latin-1"), data.decode("utf-16-be", "replace"))
        value = value.stream_dict
    parts = value.as_dict().values() if isinstance(value, Dictionary) else ()
    for part in value if isinstance(value, Array) else parts:
        if not getattr(part, "is_indirect", False):
            yield from _strings(part)


def _leaves(tree: Object) -> Iterator[Object]:
    if "/Nums" in tree:
        yield tree
    for kid in tree.get("/Kids", ()):
        yield from _leaves(kid)


def form_text(form: Object) -> str:
    """Return what a drawing's glyphs stand for."""
    texts: dict[int, str] = {}
    _read(form, _maps(form.Resources), texts)
    return texts.get(-1, "")


def _marked(page: Page) -> dict[int, str]:
    texts: dict[int, str] = {}
    _read(page, _maps(page.obj.Resources), texts)
    return texts


def _maps(resources: Object) -> dict[str, dict[bytes, str]]:
    """Return each font's glyph → text."""
    return {name: _map(font.ToUnicode.read_bytes()) for name, font in resources.get("/Font", {}).items()}


def _map(cmap: bytes) -> dict[bytes, str]:
    section = cmap.partition(b"endcodespacerange")[2]
    return {
        bytes.fromhex(code.decode()): bytes.fromhex(text.decode()).decode("utf-16-be")
        for code, text in _MAPPED.findall(section)
    }


def _read(content: Page | Object, maps: dict[str, dict[bytes, str]], texts: dict[int, str]) -> None:
    """Gather the text of each marked piece; what has no mark is gathered under -1."""
    mark, exact, glyphs = -1, None, {}
    for operands, operator in pikepdf.parse_content_stream(content):
        name = str(operator)
        if name == "BDC" and "/MCID" in operands[1]:
            mark = int(operands[1].MCID)
            exact = str(operands[1].ActualText) if "/ActualText" in operands[1] else None
        elif name == "EMC":
            texts[mark] = exact if exact is not None else texts.get(mark, "")
            mark, exact = -1, None
        elif name == "Tf":
            glyphs = maps[str(operands[0])]
        elif name == "TJ":
            texts[mark] = texts.get(mark, "") + _decoded(operands[0], glyphs)


def _decoded(run: Any, glyphs: dict[bytes, str]) -> str:
    whole = b"".join(bytes(piece) for piece in run if isinstance(piece, pikepdf.String))
    codes = [whole[start : start + _GLYPH] for start in range(0, len(whole), _GLYPH)]
    return "".join(glyphs.get(code, "\ufffd") for code in codes)


def font_programs(pdf: Pdf) -> list[bytes]:
    """Return every font file in the PDF."""
    return [bytes(value.read_raw_bytes()) for value in pdf.objects if isinstance(value, Stream) and "/Length1" in value]
