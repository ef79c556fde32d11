"""The footer of every page, drawn once for the whole list.

Numbers of pages are known only when all parts lie together. So WeasyPrint sets the pieces of "Page {n} of {m}" and the
ten digits, each as a drawing of its own (a form, ISO 32000-1, 8.10); a page's footer then only places the pieces.
Pango shapes them, so a footer may be in any script.
"""

import html
import json
import re
import unicodedata
from dataclasses import dataclass
from io import BytesIO

from pikepdf import Pdf

from campaigns.adapters.printing.adopt import FOOTER_FORMS, Adoption
from campaigns.adapters.printing.parts import (
    CHUNK_BASE,
    FOOTER_BASE,
    LABEL_PIECES,
    Part,
    PartWriter,
)
from campaigns.adapters.printing.syntax import stream
from campaigns.kernel.ports import PrintFooter

# Where the footer stands, in points. The print style leaves 16 mm free at the bottom of each page, 15 mm at the sides.
_SIDE = 42.52
_BASELINE = 18.0
_PIECE_WIDTH = 600  # px; a wider piece would be cut
_POINTS_PER_PIXEL = 0.75
_STYLE = (
    f"@page{{size:{_PIECE_WIDTH}px 20px;margin:0}}"
    "body{margin:0;color:#333;font:10px/16px 'Noto Sans','Noto Sans Arabic','Noto Sans Hebrew','Noto Sans Devanagari',"
    "'Noto Sans Bengali','Noto Sans Tamil','WenQuanYi Micro Hei'}"
    "div{white-space:pre;break-after:page}"
)
_PLACES = re.compile(r"\{([nm])\}")


@dataclass(slots=True)
class Footer:
    """The pieces as a part, and their widths in points by the name of their form. `order` is of n and m."""

    part: Part
    widths: dict[str, float]
    order: str
    from_right: bool

    def dump(self) -> bytes:
        """Return the footer as bytes, for `load`."""
        head = json.dumps([self.widths, self.order, self.from_right]).encode()
        return len(head).to_bytes(4, "big") + head + self.part.dump()

    @classmethod
    def load(cls, data: bytes) -> "Footer":
        """Return the footer that was dumped as `data`."""
        start = 4 + int.from_bytes(data[:4], "big")
        return cls(Part.load(data[start:]), *json.loads(data[4:start]))

    def content(self, page: int, pages: int, width: float) -> bytes:
        """Return what draws the footer on page `page` of `pages`, which is `width` points wide."""
        label = self._label(page, pages)
        label_width = sum(self.widths[name] for name in label)
        if self.from_right:
            left_at, label_at, label = width - _SIDE - self.widths["/UFL"], _SIDE, label[::-1]
        else:
            left_at, label_at = _SIDE, width - _SIDE - label_width
        drawn = [_placed("/UFL", left_at)]
        for name in label:
            drawn.append(_placed(name, label_at))
            label_at += self.widths[name]
        return b"Q /Artifact<</Type/Pagination/Subtype/Footer>>BDC\n%s\nEMC" % b"\n".join(drawn)

    def _label(self, page: int, pages: int) -> list[str]:
        """Return the forms that make "Page {n} of {m}", in reading order; digits run to the right in every script."""
        values = {"n": str(page), "m": str(pages)}
        names = ["/UFP0"]
        for place, letter in enumerate(self.order, 1):
            digits = [f"/UFD{digit}" for digit in values[letter]]
            names += [*(digits[::-1] if self.from_right else digits), f"/UFP{place}"]
        return [name for name in names if self.widths[name]]


def _placed(name: str, x: float) -> bytes:
    return b"q 1 0 0 1 %.2f %.2f cm %s Do Q" % (x, _BASELINE, name.encode())


def make_footer(footer: PrintFooter) -> Footer:
    """Return `footer` drawn. Raises ValueError for a label that has {n} or {m} twice."""
    from campaigns.adapters.printing import weasy

    texts, order = _pieces(footer)
    from_right = _runs_from_right(footer.page)
    pdf_bytes, places, unprintable = weasy.anchors(_pieces_html(texts, from_right=from_right))
    with Pdf.open(BytesIO(pdf_bytes)) as pdf:
        writer = PartWriter(FOOTER_BASE, CHUNK_BASE)
        _write_forms(pdf, writer, texts)
        part = writer.finish()
    part.unprintable = unprintable
    return Footer(part, _widths(texts, places, from_right=from_right), order, from_right)


def _pieces(footer: PrintFooter) -> tuple[dict[str, str], str]:
    """Return the text of each form, and in which order the numbers come."""
    parts = _PLACES.split(footer.page)
    order = "".join(parts[1::2])
    if len(set(order)) != len(order):
        raise ValueError(f"{footer.page!r} counts a page twice")
    label = [*parts[::2], "", ""][:LABEL_PIECES]
    texts = {"/UFL": footer.left}
    texts |= {f"/UFP{i}": piece for i, piece in enumerate(label)}
    texts |= {f"/UFD{digit}": str(digit) for digit in range(10)}
    return texts, order


def _runs_from_right(text: str) -> bool:
    """Tell whether the first letter with a direction runs from right to left (Unicode's rule P2)."""
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((direction != "L" for direction in directions if direction in ("L", "R", "AL")), False)


def _pieces_html(texts: dict[str, str], *, from_right: bool) -> str:
    """One piece a page, with a mark at its end to measure it by."""
    direction = "rtl" if from_right else "ltr"
    pieces = "".join(
        f'<div>{html.escape(text)}<span id="e{place}"></span></div>' for place, text in enumerate(texts.values())
    )
    return f'<!doctype html><html lang="en" dir="{direction}"><meta charset="utf-8"><style>{_STYLE}</style>{pieces}'


def _widths(
    texts: dict[str, str], places: list[dict[str, tuple[float, float]]], *, from_right: bool
) -> dict[str, float]:
    ends = [page[f"e{i}"][0] for i, page in enumerate(places)]
    widths = [(_PIECE_WIDTH - end if from_right else end) * _POINTS_PER_PIXEL for end in ends]
    return dict(zip(texts, widths, strict=True))


def _write_forms(pdf: Pdf, writer: PartWriter, texts: dict[str, str]) -> None:
    """Write each page of `pdf` as the form of its piece, with the fonts they share."""
    adoption = Adoption(pdf, writer)
    resources = pdf.pages[0].obj.Resources
    adoption.write([resources])
    for name, page in zip(texts, pdf.pages, strict=True):
        box = b"[0 0 %s %s]" % tuple(str(page.mediabox[side]).encode() for side in (2, 3))
        entries = b"/Type/XObject/Subtype/Form/BBox%s/Resources %s" % (box, adoption.reference_or_text(resources))
        writer.put_stream(FOOTER_FORMS[name], stream(entries, page.obj.Contents.read_bytes(), deflate=True))
