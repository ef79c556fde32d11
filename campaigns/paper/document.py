"""Blank signing sheets as print HTML. Pure: values in, HTML out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from babel import Locale
from jinja2 import Environment
from markupsafe import Markup

from campaigns.paper.rules import ROWS
from campaigns.rendering.formats import number
from campaigns.rendering.printing import GOTHIC, isolated

_SHORT = 70  # up to how many characters a headline is set large
_LONG = 700  # from how many characters the demands have the whole width


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetDocument:
    """What every sheet of a pile says, and the number of each. `qr_svg` is safe SVG; `demands` are (title, detail)."""

    headline: str
    demands: Sequence[tuple[str, str]]
    version: int
    consent: str
    target_name: str
    organisation: str
    contact: str
    numbers: Sequence[int]
    paper: Literal["letter", "a4"]
    language: str
    campaign_url: str
    own_page_url: str
    qr_svg: str


def sheets_html(document: SheetDocument, environment: Environment) -> str:
    """Return the sheets, each beginning a page of its own."""
    locale = Locale.parse(document.language)
    is_mirrored = locale.text_direction == "rtl"
    return environment.get_template("paper/print/sheets.html").render(
        document=document,
        direction=locale.text_direction,
        rows=ROWS,
        number=lambda value: number(value, locale),
        own=lambda text: isolated(text, is_mirrored),
        size="large" if len(document.headline) <= _SHORT else "small",
        is_long=sum(len(title) + len(detail) for title, detail in document.demands) > _LONG,
        is_gothic=GOTHIC.fullmatch,
        shown_url=document.campaign_url.partition("://")[2],
        own_page=document.own_page_url.partition("://")[2],
        qr=Markup(document.qr_svg),  # noqa: S704  (our own drawing)
    )
