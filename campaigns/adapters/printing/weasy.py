"""One call to WeasyPrint: print HTML in; PDF, the HTML's tree and what no font could draw out."""

import gc
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

# PDF for Universal Access: every piece of text is tagged, the title and the language are set (ISO 14289-1).
VARIANT = "pdf/ua-1"
_ASSETS = Path(__file__).resolve().parents[3] / "static" / "print"
_SCHEME = "print:"
# The families that print HTML may name beside those of the system.
_OWN_FAMILIES = """
@font-face { font-family: "League Gothic"; src: url(print:league-gothic.ttf) }
@font-face { font-family: "Undersigned Numerals"; font-weight: bold; src: url(print:numerals.ttf) }
"""
_CLOCK = "SOURCE_DATE_EPOCH"
_LOG = logging.getLogger("weasyprint")
_MISSING_GLYPH = ".notdef glyph"
_ONE_AT_A_TIME = Lock()  # threads of a web server share the process's environment, its log and its fonts


class OwnFiles(URLFetcher):  # type: ignore[misc]  # weasyprint brings no types
    """Answers `print:<file>` with a font that the program ships, and nothing else."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Return the font named by `url`. Raises ValueError for any other address."""
        name = url.removeprefix(_SCHEME)
        if name == url or name not in {path.name for path in _ASSETS.glob("*.ttf")}:
            raise ValueError(f"a style of print may not load {url}")
        return URLFetcherResponse(url, (_ASSETS / name).read_bytes(), {"Content-Type": "font/ttf"})


class NoFiles(URLFetcher):  # type: ignore[misc]  # weasyprint brings no types
    """Loads nothing: print HTML has all it needs, and may hold words that strangers typed."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Raise ValueError; WeasyPrint goes on without the file."""
        raise ValueError(f"print HTML may not load {url}")


class _Unprintable(logging.Handler):
    """Gathers the characters that WeasyPrint says it drew as an empty box."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.characters: dict[str, None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith(_MISSING_GLYPH) and isinstance(record.args, tuple):
            self.characters[str(record.args[0])] = None


@dataclass(frozen=True, slots=True)
class Printed:
    """A PDF as WeasyPrint made it; `tree` is the HTML's etree; `unprintable` the characters without a glyph."""

    pdf: bytes
    tree: Any
    unprintable: list[str]


def write(html: str) -> Printed:
    """Return `html` as a tagged PDF. The same HTML gives the same bytes."""
    source = weasyprint.HTML(string=html, url_fetcher=NoFiles())
    with _ONE_AT_A_TIME, _watching() as unprintable, _no_collection(), _no_clock():
        pdf = source.write_pdf(pdf_variant=VARIANT, font_config=_fonts())
    return Printed(pdf, source.etree_element, sorted(unprintable))


def anchors(html: str) -> tuple[bytes, list[dict[str, tuple[float, float]]], list[str]]:
    """Return `html` as an untagged PDF, per page where each element with an id stands (CSS px), and the unprintable."""
    with _watching() as unprintable, _no_clock():
        document = weasyprint.HTML(string=html, url_fetcher=NoFiles()).render(font_config=_fonts())
        pdf = document.write_pdf()
    places = [{name: (place[0], place[1]) for name, place in page.anchors.items()} for page in document.pages]
    return pdf, places, sorted(unprintable)


@cache
def _fonts() -> FontConfiguration:
    """Return this process's fonts: what Pango finds out about them for one document serves the next."""
    fonts = FontConfiguration()
    weasyprint.CSS(string=_OWN_FAMILIES, font_config=fonts, url_fetcher=OwnFiles())
    return fonts


@contextmanager
def _watching() -> Iterator[dict[str, None]]:
    handler = _Unprintable()
    _LOG.addHandler(handler)
    try:
        yield handler.characters
    finally:
        _LOG.removeHandler(handler)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python from searching the many live boxes for garbage again and again: a tenth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def _no_clock() -> Iterator[None]:
    """Keep fontTools, which WeasyPrint lets cut emoji fonts, from writing the time into them."""
    before = os.environ.get(_CLOCK)
    os.environ[_CLOCK] = "0"
    try:
        yield
    finally:
        os.environ.pop(_CLOCK)
        if before is not None:
            os.environ[_CLOCK] = before
