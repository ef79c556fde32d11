"""The list that is handed over, as print HTML: a letter, then names in columns.

Pure: values in, HTML out. Names stand in paragraphs of one name a line, since a box for each name would double the time
a list takes; so this file decides itself where lines, columns and pages end.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, groupby
from typing import Any, Literal

import segno
from babel import Locale
from jinja2 import Environment
from markupsafe import Markup

from campaigns.deliveries.breaking import broken
from campaigns.kernel.ports import ListedName, PrintChunk, PrintFooter
from campaigns.rendering.formats import long_date, number
from campaigns.rendering.printing import GOTHIC, isolated
from campaigns.rendering.typed import is_showable, one_line

Paper = Literal["letter", "a4"]

CHUNK_NAMES = 960  # cut by number, so that a chunk stays as it is while the list grows

_FOLDER = "deliveries/print"
_HEADLINE_SIZES = {"large": 48, "medium": 110, "small": 240}  # up to how many characters
_SHORT_DIGEST_GROUPS = 3
_GROUP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierText:
    """A text that was corrected, and how many on the list signed it as it was."""

    version: int
    headline: str
    demands: Sequence[tuple[str, str]]
    signed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDocument:
    """What one list says. `total` = named + withheld + on paper (withheld too); `digest` is hexadecimal; `qr_svg` SVG.

    `demands` are (title, detail) of text `version`, `earlier` the texts that others on the list signed. `language` is a
    BCP 47 tag; `statement` is the sentence above the demands.
    """

    list_number: int
    target_name: str
    target_address: Sequence[str]
    headline: str
    demands: Sequence[tuple[str, str]]
    statement: str
    named: int
    withheld: int
    on_paper: int
    named_on_paper: int = 0
    total: int
    answer_expected: date | None
    handed_over: date
    organisation: str
    contact: str
    verify_url: str
    digest: str
    language: str
    paper: Paper
    qr_svg: str
    version: int = 1
    earlier: Sequence[EarlierText] = ()

    @property
    def locale(self) -> Locale:
        """The language with its rules for numbers and dates."""
        return Locale.parse(self.language, sep="-" if "-" in self.language else "_")

    @property
    def groups(self) -> list[str]:
        """The digest in groups of four, as people compare it."""
        return [self.digest[start : start + _GROUP] for start in range(0, len(self.digest), _GROUP)]


def qr_code(url: str, title: str, *, is_scalable: bool = False) -> str:
    """Return `url` as a QR code (ISO 18004) with its quiet border: an SVG, with `title` for those who cannot see it."""
    return segno.make(url, error="m").svg_inline(scale=3, border=4, title=title, omitsize=is_scalable)


def letter_html(document: ListDocument, environment: Environment) -> str:
    """Return the pages before the names."""
    shown = document.verify_url.removeprefix("https://")
    link = Markup('<a href="{}">\u2066{}\u2069</a>').format(document.verify_url, shown)
    qr = Markup(document.qr_svg)  # noqa: S704  (our own drawing)
    return _render("letter.html", document, environment, link=link, qr=qr)


def footer(document: ListDocument, environment: Environment) -> PrintFooter:
    """Return what stands at the foot of every page."""
    left, page = _render("footer.txt", document, environment).strip().split("\n")
    return PrintFooter(left, page)


def _render(template: str, document: ListDocument, environment: Environment, **values: object) -> str:
    locale = document.locale
    return environment.get_template(f"{_FOLDER}/{template}").render(
        document=document,
        direction=locale.text_direction,
        number=lambda value: number(value, locale),
        day=lambda value: long_date(value, locale),
        is_gothic=GOTHIC.fullmatch,
        own=lambda text: isolated(text, locale.text_direction == "rtl"),
        size=next((size for size, length in _HEADLINE_SIZES.items() if len(document.headline) <= length), "smallest"),
        short_digest=" ".join(document.groups[:_SHORT_DIGEST_GROUPS]),
        **values,
    )


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A paper's measures in points: the room between the margins, and how far one name stands from the next."""

    width: float
    pitch: float

    def column(self, columns: int) -> float:
        """Return how wide each of `columns` is."""
        return (self.width - _GAP * (columns - 1)) / columns


_SHEETS: dict[Paper, _Sheet] = {"letter": _Sheet(526.96, 21.2), "a4": _Sheet(510.24, 22.7)}
_SLOTS = 33  # names in a column; ten pages of three columns take 960 names and thirty that need a second line
_FIGURE_SPACE, _EN_SPACE = "\u2007", "\u2002"
_GAP = 14.0
_NAME_SIZE, _PLACE_SIZE = 9.0, 7.6
_DIGIT = 572 / 1200 * _NAME_SIZE  # how wide a digit, or a figure space, of the numerals is
_AFTER_NUMBER = 500 / 1200 * _NAME_SIZE  # an en space
_CLOSE = 0.445  # of a pitch: from a name to its place
_ABOVE = 0.055  # of a pitch: from the line above a name to the name
_EVEN = re.compile("[ -\u052f\u1e00-\u206f\u20a0-\u20bf]*")  # scripts that Noto Sans itself has
_MARK = "text {}"
_MANY = 0.12  # a larger share of names that need a second line in three columns gets two


@dataclass(frozen=True, slots=True)
class _Entry:
    """A name broken to fit: `row` counts within the chunk, `slots` is the height in ordinary names."""

    row: int
    count: str
    name: tuple[str, ...]
    place: tuple[str, ...]

    @property
    def slots(self) -> int:
        return 1 if self.is_plain else (len(self.name) + len(self.place) + 1) // 2

    @property
    def is_plain(self) -> bool:
        return len(self.name) == len(self.place) == 1

    @property
    def is_even(self) -> bool:
        """Whether its lines are as high as they should be: a script from another font than the first adds to them."""
        return self.is_plain and all(_EVEN.fullmatch(line) for line in (*self.name, *self.place))


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """Lines of names, or of places, `pitch` points apart from `top` on; `rows` says whose each line is."""

    kind: str  # name, more (of a name), place
    top: float
    pitch: float
    rows: str
    text: str


@dataclass(slots=True)
class _Page:
    """Columns of paragraphs, and the path of the lines between the names (SVG)."""

    columns: list[list[_Paragraph]]
    rules: str


def chunks(rows: Iterable[ListedName], document: ListDocument, environment: Environment) -> Iterator[PrintChunk]:
    """Yield the names, which come in the order of their numbers, in chunks cut by number: 1-960, 961-1920, …

    Nothing in a chunk but its own names, the language, the paper and which text is the newest decides on its HTML.
    """
    template = environment.get_template(f"{_FOLDER}/names.html")
    for place, (_, members) in enumerate(groupby(rows, key=lambda row: (row.number - 1) // CHUNK_NAMES)):
        listed = list(members)
        yield _chunk(listed, document, template, is_first=place == 0)


def _chunk(listed: Sequence[ListedName], document: ListDocument, template: Any, *, is_first: bool) -> PrintChunk:
    sheet, locale = _SHEETS[document.paper], document.locale
    is_mirrored = locale.text_direction == "rtl"
    fields = [(f"{row.number}", _field(row.name), _field(_beside(row, document))) for row in listed]
    digits = len(str(-(-listed[-1].number // CHUNK_NAMES) * CHUNK_NAMES))  # those of the last that may come
    columns, entries = _fitted(fields, sheet, digits, always=is_mirrored)
    width = sheet.column(columns)
    starts = [column * (width + _GAP) for column in range(columns)][:: -1 if is_mirrored else 1]
    html = template.render(
        language=document.language, direction=locale.text_direction, paper=document.paper, is_first=is_first,
        first=number(listed[0].number, locale), last=number(listed[-1].number, locale), is_gothic=GOTHIC.fullmatch,
        pages=[_set_page(page, sheet, starts, width) for page in _pages(entries, columns)],
        sheet=sheet, height=sheet.pitch * _SLOTS, width=width, starts=starts, indent=digits * _DIGIT + _AFTER_NUMBER,
    )  # fmt: skip
    return PrintChunk(html, [f"{count}. {', '.join(filter(None, field))}" for count, *field in fields])


def _beside(row: ListedName, document: ListDocument) -> str:
    """The place, after it what else stands there, and which text was signed where it is not the one on page one."""
    is_other = row.version not in (0, document.version)
    mark = _MARK.format(number(row.version, document.locale)) if is_other else ""
    return " · ".join(filter(None, (row.place, row.details, mark)))


def _field(text: str) -> str:
    """Return `text` on one line, without what HTML cannot hold."""
    line = one_line(text)
    return line if is_showable(line) else "".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cs"))


def _fitted(
    fields: Sequence[tuple[str, str, str]], sheet: _Sheet, digits: int, *, always: bool
) -> tuple[int, list[_Entry]]:
    """Return how many columns there are, three where most names are short, else two, and the names broken to fit."""
    for columns in (3, 2):
        room = sheet.column(columns) - digits * _DIGIT - _AFTER_NUMBER
        entries = [
            _Entry(
                row,
                f"{count.rjust(digits, _FIGURE_SPACE)}{_EN_SPACE}",
                tuple(broken(name, room / _NAME_SIZE, always)),
                tuple(broken(place, room / _PLACE_SIZE, always)),
            )
            for row, (count, name, place) in enumerate(fields)
        ]
        if sum(not entry.is_plain for entry in entries) <= _MANY * len(entries):
            break
    return columns, entries


def _pages(entries: Sequence[_Entry], columns: int) -> list[list[list[_Entry]]]:
    """Return pages of columns of names. The last page's columns are equally long."""
    filled = _columns(entries, _SLOTS)
    pages = [filled[start : start + columns] for start in range(0, len(filled), columns)]
    left = [entry for column in pages[-1] for entry in column]
    height = -(-sum(entry.slots for entry in left) // columns)
    while len(_columns(left, height)) > columns:
        height += 1
    return [*pages[:-1], _columns(left, height)]


def _columns(entries: Sequence[_Entry], height: int) -> list[list[_Entry]]:
    """Cut `entries` into columns of at most `height` slots; one that is higher by itself has a column for itself."""
    columns: list[list[_Entry]] = [[]]
    used = 0
    for entry in entries:
        if columns[-1] and used + entry.slots > height:
            columns.append([])
            used = 0
        columns[-1].append(entry)
        used += entry.slots
    return columns


def _set_page(columns: Sequence[Sequence[_Entry]], sheet: _Sheet, starts: Sequence[float], width: float) -> _Page:
    """Place a page's names; `starts` says where columns begin, from the left, `width` how wide they are, in points."""
    page = _Page([], "")
    for column, start in zip(columns, starts, strict=False):
        slots = accumulate((entry.slots for entry in column), initial=0)
        paragraphs = [*_set_together(column, sheet.pitch)]
        for entry, slot in zip(column, slots, strict=False):
            page.rules += f"M{start:.2f} {slot * sheet.pitch:.2f}h{width:.2f}"
            if not entry.is_even:
                paragraphs += _set_alone(entry, slot * sheet.pitch, sheet.pitch)
        page.columns.append(paragraphs)
    return page


def _set_together(column: Sequence[_Entry], pitch: float) -> Iterator[_Paragraph]:
    """Yield the even names of a column, then their places, with empty lines where the others go."""
    rows = " ".join(str(entry.row) for entry in column if entry.is_even)
    names, places = [], []
    for entry in column:
        names += [f"{entry.count}{entry.name[0]}"] if entry.is_even else [""] * entry.slots
        places += [entry.place[0]] if entry.is_even else [""] * entry.slots
    # As much of a line's height lies above its letters as below them.
    top = pitch * (_ABOVE + (_CLOSE - 1) / 2)
    if rows:
        yield _Paragraph("name", top, pitch, rows, "\n".join(names).rstrip("\n"))
        yield _Paragraph("place", top + pitch * _CLOSE, pitch, rows, "\n".join(places).rstrip("\n"))


def _set_alone(entry: _Entry, top: float, pitch: float) -> Iterator[_Paragraph]:
    """Yield a name's lines and its place's, each as a paragraph."""
    lines = [f"{entry.count}{entry.name[0]}", *entry.name[1:], *entry.place]
    kinds = ["name", *["more"] * (len(entry.name) - 1), *["place"] * len(entry.place)]
    for i, (kind, line) in enumerate(zip(kinds, lines, strict=True)):
        yield _Paragraph(kind, top + pitch * (_ABOVE + _CLOSE * i), pitch * _CLOSE, str(entry.row), line)
