"""The list that is handed over, as print HTML: a letter, then names in columns.

Pure: values in, HTML out. Names stand in paragraphs of one name a line, since a box for each name would double the time
a list takes; so this file decides itself where lines, columns and pages end.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from gettext import NullTranslations
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any, Literal

import segno
from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from campaigns.kernel.ports import ListedName, PrintChunk, PrintFooter
from campaigns.rendering.formats import long_date, number
from campaigns.rendering.typed import is_showable, one_line

Paper = Literal["letter", "a4"]

CHUNK_NAMES = 960  # cut by number, so that a chunk stays as it is while the list grows

_FOLDER = "deliveries/print"
_HEADLINE_SIZES = {"large": 48, "medium": 110, "small": 240}  # up to how many characters
_SHORT_DIGEST_GROUPS = 3
_GROUP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDocument:
    """What one list says. `total` = named + withheld + on paper (withheld too); `digest` is hexadecimal; `qr_svg` SVG.

    `demands` are (title, detail); `language` is a BCP 47 tag; `statement` is the sentence above the demands.
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

    @property
    def locale(self) -> Locale:
        """The language with its rules for numbers and dates."""
        return Locale.parse(self.language, sep="-" if "-" in self.language else "_")

    @property
    def groups(self) -> list[str]:
        """The digest in groups of four, as people compare it."""
        return [self.digest[start : start + _GROUP] for start in range(0, len(self.digest), _GROUP)]


def print_environment(templates: Path, translations: NullTranslations | None = None) -> Environment:
    """Return what the functions below render with; `templates` is the folder of all templates."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    install: Any = environment  # the i18n extension adds the method
    install.install_gettext_translations(translations or NullTranslations(), newstyle=True)
    return environment


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


# What League Gothic has; a headline with anything else is set in Noto Sans, whole.
GOTHIC = re.compile(
    "[ -~\u00a0-\u00b4\u00b6-\u0107\u010a-\u0113\u0116-\u011b\u011e-\u0123\u0126-\u012b\u012e-\u0133\u0136\u0137"
    "\u0139-\u013f\u0141-\u0148\u014a-\u014d\u0150-\u015b\u015e-\u016b\u016e-\u017e\u01a0\u01a1\u01af\u01b0"
    "\u0218-\u021b\u1e80-\u1e85\u1e9e\u1ea0-\u1ef9\u2013\u2014\u2018-\u201a\u201c-\u201e\u2022\u2026\u2039\u203a"
    "\u20ac\u2122]*"
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

    Nothing in a chunk but its own names, the language and the paper decides on its HTML.
    """
    template = environment.get_template(f"{_FOLDER}/names.html")
    for place, (_, members) in enumerate(groupby(rows, key=lambda row: (row.number - 1) // CHUNK_NAMES)):
        listed = list(members)
        yield _chunk(listed, document, template, is_first=place == 0)


def _chunk(listed: Sequence[ListedName], document: ListDocument, template: Any, *, is_first: bool) -> PrintChunk:
    sheet, locale = _SHEETS[document.paper], document.locale
    is_mirrored = locale.text_direction == "rtl"
    fields = [(f"{row.number}", _field(row.name), _field(_beside(row))) for row in listed]
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


def _beside(row: ListedName) -> str:
    """The place, and after it what else stands there."""
    return " · ".join(filter(None, (row.place, row.details)))


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
                tuple(_broken(name, room / _NAME_SIZE, always)),
                tuple(_broken(place, room / _PLACE_SIZE, always)),
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


# Advance widths of Noto Sans Bold from U+0020 to U+007E, in thousandths of the type size.
_ASCII = (
    260, 286, 472, 646, 572, 901, 750, 266, 339, 339, 545, 572, 285, 322, 285, 413, 572, 572, 572, 572, 572, 572, 572,
    572, 572, 572, 285, 285, 572, 572, 572, 477, 897, 690, 672, 637, 740, 560, 549, 724, 765, 389, 331, 664, 565, 943,
    813, 796, 628, 796, 660, 551, 579, 756, 650, 967, 667, 624, 579, 331, 413, 331, 572, 411, 362, 604, 633, 514, 633,
    591, 387, 633, 657, 305, 305, 620, 305, 982, 657, 619, 633, 633, 454, 497, 434, 657, 569, 856, 578, 569, 488, 394,
    551, 394, 572,
)  # fmt: skip
# Other letters, by block: what three quarters of them do not exceed in the fonts the list names.
_BLOCKS = (
    (0x0370, 0.75), (0x0400, 0.8), (0x0530, 0.77), (0x0590, 0.68), (0x0600, 0.8), (0x0900, 0.8), (0x0980, 0.85),
    (0x0A00, 0.75), (0x0A80, 0.9), (0x0B00, 0.9), (0x0B80, 1.4), (0x0C00, 0.95), (0x0D00, 1.45), (0x0D80, 1.1),
    (0x0E00, 0.68), (0x0F00, 0.8), (0x1000, 1.1), (0x10A0, 0.75), (0x1100, 1.0), (0x1200, 0.9), (0x1400, 1.0),
    (0x1780, 0.85), (0x1800, 1.0), (0x1E00, 0.75), (0x2000, 1.1),
)  # fmt: skip
_LATIN_LETTER = 0.72
_IDEOGRAPH = 1.0


@lru_cache(maxsize=4096)
def _advance(character: str) -> float:
    """Return about how wide `character` is in bold, in ems."""
    plain = unicodedata.normalize("NFD", character)[0]
    if " " <= plain <= "~":
        return _ASCII[ord(plain) - 0x20] / 1000
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return _IDEOGRAPH
    return next((width for start, width in reversed(_BLOCKS) if start <= ord(character)), _LATIN_LETTER)


def _width(text: str) -> float:
    return sum(map(_advance, text))


def _broken(text: str, room: float, always: bool) -> list[str]:
    """Return `text` in lines of at most `room` ems, broken at spaces, within a word only where it is too long.

    Each line is isolated if it may run the other way, or `always`.
    """
    if not text:
        return ["\u00a0"]
    lines = [""]
    for piece in [text] if _width(text) <= room else _pieces(text, room):
        longer = f"{lines[-1]}{piece}"
        if _width(longer.rstrip()) <= room:
            lines[-1] = longer
        else:
            lines.append(piece)
    return [isolated(line.rstrip(), always) for line in lines if line]


def _pieces(text: str, room: float) -> Iterator[str]:
    """Yield words with the space after them; a word wider than a line is cut, never within what is read as one."""
    for word in _WORDS.findall(text):
        start, used = 0, 0.0
        for place, character in enumerate(word):
            advance = _advance(character)
            if used + advance > room and place > start and not _belongs(word[place - 1], character):
                yield word[start:place]
                start, used = place, 0.0
            used += advance
        yield word[start:]


def _belongs(before: str, character: str) -> bool:
    """Tell whether `character` is a mark on the one before, or joined to it (a virama, a zero-width joiner)."""
    is_mark = unicodedata.category(character) in ("Mn", "Mc", "Me", "Sk", "Zs")
    return is_mark or "\u200d" in (before, character) or unicodedata.combining(before) == 9


_WORDS = re.compile(r"\S+\s?")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")


def isolated(text: str, always: bool) -> str:
    """Keep a field that may run the other way from turning its neighbours round (Unicode's isolates, UAX 9)."""
    return f"\u2068{text}\u2069" if always or _RIGHT_TO_LEFT.search(text) else text
