"""Reads the tags WeasyPrint gave a run of names, and writes them anew as one list with one item for each name.

In print HTML a column of names is a paragraph with one name a line, which is laid out twice as fast as list items, and
its attribute `data-rows` says which name each line belongs to. A name and its place are two such lines.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pikepdf import Object, Pdf

from campaigns.adapters.printing.adopt import Adoption, number_of
from campaigns.adapters.printing.parts import DOCUMENT, PartWriter
from campaigns.adapters.printing.syntax import references, text_string

_ISOLATES = dict.fromkeys(range(0x2066, 0x206A))
_SPACES = re.compile(r"\s+")
_NO_LETTERS = re.compile(r"[\s.,]+")
_LEAVES = {"/H1", "/H2", "/H3", "/P"}


class NotAsWritten(ValueError):
    """The pages do not hold the lines that the chunk says they hold."""


@dataclass(slots=True)
class Block:
    """One tagged block on a page: its tag, its page's number, the numbers of its marked pieces."""

    tag: str
    page: int
    marks: list[int]


@dataclass(slots=True)
class Item:
    """One name: its page, its marked pieces, their texts."""

    page: int
    marks: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Listing:
    """What stands on the pages: headings, names in order, and pieces that are drawn for the eye only."""

    headings: list[Block]
    items: list[Item]
    ornaments: list[Block]


def read_listing(pdf: Pdf, tree: Any, lines: Sequence[str]) -> Listing:
    """Return what the pages hold; `tree` is the HTML's etree, `lines` the text of each name. Raises NotAsWritten."""
    paragraphs = iter(list(tree.iter("p")))
    listing = Listing([], [], [])
    found: dict[int, Item] = {}
    for block in _blocks(pdf.Root.StructTreeRoot.K[0]):
        if block.tag == "/P":
            _read_lines(block, next(paragraphs, None), found)
        else:
            (listing.ornaments if block.tag == "/Figure" else listing.headings).append(block)
    if sorted(found) != list(range(len(lines))):
        raise NotAsWritten(f"{len(found)} of {len(lines)} names are on the pages")
    listing.items = [found[row] for row in range(len(lines))]
    _compare(listing.items, lines)
    return listing


def _blocks(element: Object) -> Iterator[Block]:
    for kid in element.K:
        tag = str(kid.S)
        if tag in _LEAVES:
            yield Block(tag, number_of(kid.Pg), [int(span.K[0]) for span in kid.K])
        elif tag == "/Figure":
            yield Block(tag, number_of(kid.Pg), [int(mark) for mark in kid.K])
        else:
            yield from _blocks(kid)


def _read_lines(block: Block, paragraph: Any, found: dict[int, Item]) -> None:
    """Add the lines of one paragraph to the names they belong to."""
    rows = [int(row) for row in paragraph.get("data-rows", "").split()] if paragraph is not None else []
    texts = [line for line in (paragraph.text or "").split("\n") if line] if rows else []
    if not len(rows) == len(texts) == len(block.marks):
        raise NotAsWritten(f"a paragraph of {len(rows)} lines has {len(block.marks)} tags")
    for row, text, mark in zip(rows, texts, block.marks, strict=True):
        item = found.setdefault(row, Item(block.page))
        if item.page != block.page:
            raise NotAsWritten(f"name {row} of the chunk is cut by a page break")
        item.marks.append(mark)
        item.texts.append(_SPACES.sub(" ", text.translate(_ISOLATES)).strip())


def _compare(items: Sequence[Item], lines: Sequence[str]) -> None:
    for item, line in zip(items, lines, strict=True):
        if _NO_LETTERS.sub("", "".join(item.texts)) != _NO_LETTERS.sub("", line):
            raise NotAsWritten("a printed name differs from its exact text")


def write_listing(listing: Listing, lines: Sequence[str], adoption: Adoption, writer: PartWriter) -> None:
    """Write the tags of `listing` (ISO 32000-1, 14.8.4: L, LI, LBody), each name with its exact text."""
    owners: dict[int, dict[int, int]] = {number_of(page.obj): {} for page in adoption.pdf.pages}
    for heading in listing.headings:
        number = writer.reserve()
        writer.put(number, _element(heading.tag, DOCUMENT, adoption.numbers[heading.page], _marks(heading.marks)))
        writer.part.tops.append(number)
        owners[heading.page].update(dict.fromkeys(heading.marks, number))
    if listing.items:
        writer.part.tops.append(_write_items(listing.items, lines, adoption, writer, owners))
    tree = {adoption.numbers[page]: _parents(by_mark) for page, by_mark in owners.items()}
    writer.put_parent_tree(tree)


def _write_items(
    items: Sequence[Item],
    lines: Sequence[str],
    adoption: Adoption,
    writer: PartWriter,
    owners: dict[int, dict[int, int]],
) -> int:
    """Write the list and its items; note in `owners` whose each marked piece is. Return the list's number."""
    whole = writer.reserve()
    first = writer.reserve(2 * len(items))
    for number, item, line in zip(range(first, first + 2 * len(items), 2), items, lines, strict=True):
        page = adoption.numbers[item.page]
        writer.put(number, _element("/LI", whole, page, b"%d 0 R" % (number + 1)))
        exact = b"/ActualText" + text_string(line)
        writer.put(number + 1, _element("/LBody", number, page, _marks(item.marks), exact))
        owners[item.page].update(dict.fromkeys(item.marks, number + 1))
    kids = references(range(first, first + 2 * len(items), 2))
    writer.put(whole, _element("/L", DOCUMENT, adoption.numbers[items[0].page], b"[" + kids + b"]"))
    return whole


def _element(tag: str, parent: int, page: int, kids: bytes, more: bytes = b"") -> bytes:
    return b"<</Type/StructElem/S%s/P %d 0 R/Pg %d 0 R%s/K %s>>" % (tag.encode(), parent, page, more, kids)


def _marks(marks: Sequence[int]) -> bytes:
    return b"%d" % marks[0] if len(marks) == 1 else b"[%s]" % b" ".join([b"%d" % mark for mark in marks])


def _parents(by_mark: dict[int, int]) -> bytes:
    """Return the array that leads from each marked piece of a page back to its owner; ornaments have none."""
    marks = range(max(by_mark, default=-1) + 1)
    return b"[%s]" % b" ".join([b"%d 0 R" % by_mark[mark] if mark in by_mark else b"null" for mark in marks])
