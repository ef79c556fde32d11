"""Mends what the pages of names draw: order, exact text, ornaments."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from pikepdf import Pdf

from campaigns.adapters.printing.adopt import number_of
from campaigns.adapters.printing.syntax import text_string
from campaigns.adapters.printing.tagging import Listing

# Text whose glyphs give its characters back one by one, from left to right. For the rest the exact text is attached.
_PLAIN = re.compile(
    "[\u0020-\u02ff\u0370-\u052f\u0531-\u058f\u10a0-\u10ff\u1200-\u139f\u1e00-\u1fff"
    "\u2010-\u2027\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0002fa1f]*"
)
# Readers turn attached text around once more when it runs from right to left: there it stays with the item alone.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")

# One marked piece as WeasyPrint writes it: its tag and number, perhaps the colour from here on, what it draws.
_PIECE = re.compile(rb"/(Span|Figure)\s+<</MCID (\d+)>>\s+BDC\n((?:/\S+ gs\n|[\d. ]+ rg\n)*)(.*?)EMC\n", re.DOTALL)
_STATES_ONLY = re.compile(rb"[qQ\s]*")


@dataclass(slots=True)
class _Piece:
    """A marked piece: its colour, its drawing, where it stood."""

    tag: bytes
    mark: int
    colour: bytes
    drawing: bytes
    start: int
    end: int


def mend_contents(pdf: Pdf, listing: Listing) -> None:
    """Draw each name with its place, in the order of the list, as people copy it.

    Also attach the exact text where glyphs do not give it back, and turn ornaments into artifacts.
    """
    order: dict[int, list[int]] = {}
    exact: dict[int, dict[int, str]] = {}
    for item in listing.items:
        order.setdefault(item.page, []).extend(item.marks)
        for mark, text in zip(item.marks, item.texts, strict=True):
            if not _PLAIN.fullmatch(text) and not _RIGHT_TO_LEFT.search(text):
                exact.setdefault(item.page, {})[mark] = text
    for page in pdf.pages:
        number = number_of(page.obj)
        content = _ordered(page.obj.Contents.read_bytes(), order.get(number, []), exact.get(number, {}))
        page.obj.Contents.write(content.replace(b">0<", b""))  # kerning by nothing


def _ordered(content: bytes, order: list[int], exact: dict[int, str]) -> bytes:
    """Return `content` with the marked pieces in `order`; those not in it, which come first, stay where they are."""
    pieces = _pieces(content)
    names = [piece for piece in pieces if piece.mark in set(order)]
    if not names or not _can_move(content, names):
        return _PIECE.sub(lambda match: _written(_piece(match), exact), content)
    head = _PIECE.sub(lambda match: _written(_piece(match), exact), content[: names[0].start])
    by_mark = {piece.mark: piece for piece in names}
    moved = b"".join(_written(by_mark[mark], exact) for mark in order)
    return head + moved + content[names[-1].end :]


def _pieces(content: bytes) -> list[_Piece]:
    """Return the marked pieces, each with the colour in force: within a paragraph only the first one says it."""
    pieces: list[_Piece] = []
    for match in _PIECE.finditer(content):
        piece = _piece(match)
        if not piece.colour and pieces and pieces[-1].end == piece.start:
            piece.colour = pieces[-1].colour
        pieces.append(piece)
    return pieces


def _piece(match: re.Match[bytes]) -> _Piece:
    return _Piece(match[1], int(match[2]), match[3], match[4], match.start(), match.end())


def _can_move(content: bytes, pieces: Iterable[_Piece]) -> bool:
    """Tell whether between the pieces nothing is drawn or set, only graphics states are saved and restored."""
    gaps = pairwise(pieces)
    return all(_STATES_ONLY.fullmatch(content, before.end, after.start) for before, after in gaps)


def _written(piece: _Piece, exact: dict[int, str]) -> bytes:
    if piece.tag == b"Figure":
        return b"/Artifact BMC\n%s%sEMC\n" % (piece.colour, piece.drawing)
    text = b"/ActualText" + text_string(exact[piece.mark]) if piece.mark in exact else b""
    return b"/Span<</MCID %d%s>>BDC\n%s%sEMC\n" % (piece.mark, text, piece.colour, piece.drawing)
