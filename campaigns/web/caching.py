"""Pages and facts kept for a moment, so that a crowd costs one rendering.

A page that is the same for everyone is kept whole and answered before Flask is asked: no session, no template, no
hook. While one thread renders it anew the others serve the old one. An answer that differs in a name or an address
alone is kept with a hole there, and what a busy door asks again and again is kept as a fact. Nothing personal is kept.
"""

import gzip
import re
import secrets
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from flask_babel import get_locale
from markupsafe import escape

# With the counting job's second and a worker's pause, a confirmed signature still shows within two.
KEPT_SECONDS = 0.5
COSTLY_TIMES = 50
MAX_PAGES = 512
LONGEST_QUERY = 64  # no page is kept under a longer one
EXTENSION = "undersigned.kept_pages"
DEFAULT_CONTROL = "public, max-age=5, stale-while-revalidate=60"

Headers = list[tuple[str, str]]
WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
T = TypeVar("T")


@dataclass(slots=True)
class _Kept:
    plain: bytes
    packed: bytes
    etag: str
    headers: Headers
    until: float
    renewing: threading.Lock = field(default_factory=threading.Lock)

    def is_servable(self) -> bool:
        """Fresh, or old while another thread renders it anew."""
        return time.monotonic() < self.until or self.renewing.locked()


@dataclass(slots=True)
class KeptPages:
    """Answers kept pages and hands everything else on. One page for each address and language."""

    application: WSGI
    language_of: Callable[[str], str]
    pages: dict[tuple[str, str], _Kept] = field(default_factory=dict)
    values: dict[Hashable, tuple[float, Any]] = field(default_factory=dict)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The WSGI call."""
        query = environ.get("QUERY_STRING", "")
        if environ["REQUEST_METHOD"] == "GET" and len(query) <= LONGEST_QUERY:
            language = self.language_of(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
            kept = self.pages.get((_address(environ["PATH_INFO"], query), language))
            if kept is not None and kept.is_servable():
                return _answer(kept, environ, start_response)
        return self.application(environ, start_response)

    def keep(self, path: str, language: str, page: _Kept) -> None:
        """Keep a page; a flood of different ones starts over instead of growing."""
        if len(self.pages) >= MAX_PAGES:
            self.pages.clear()
        self.pages[path, language] = page

    def value(self, key: Hashable, make: Callable[[], T], *, is_costly: bool) -> T:
        """Return what `make` returned for `key` a moment ago, or ask it again. None is not kept."""
        until, value = self.values.get(key, (0.0, None))
        began = time.monotonic()
        if began >= until:
            value = make()
            if len(self.values) >= MAX_PAGES:
                self.values.clear()
            if value is not None:
                made = time.monotonic()
                kept_for = max(KEPT_SECONDS, COSTLY_TIMES * (made - began) if is_costly else 0)
                self.values[key] = made + kept_for, value
        kept: T = value
        return kept

    def forget(self) -> None:
        """Start over: for tests, whose clock does not wait."""
        self.pages.clear()
        self.values.clear()


def _answer(kept: _Kept, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    headers = [*kept.headers, ("X-Request-Id", secrets.token_hex(8))]
    if kept.etag.removeprefix("W/") in environ.get("HTTP_IF_NONE_MATCH", ""):
        start_response("304 Not Modified", [pair for pair in headers if pair[0] != "Content-Type"])
        return ()
    body = kept.plain
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
    if "gzip" in accepted and "gzip;q=0" not in accepted:
        body = kept.packed
        headers.append(("Content-Encoding", "gzip"))
    headers.append(("Content-Length", str(len(body))))
    start_response("200 OK", headers)
    return (body,)


def install(site: Flask, language_of: Callable[[str], str]) -> None:
    """Put the kept pages before the application. `language_of` reads an Accept-Language header."""
    pages = KeptPages(site.wsgi_app, language_of)
    site.extensions[EXTENSION] = pages
    site.wsgi_app = pages  # type: ignore[method-assign]  # Flask's documented way to wrap


def kept_value(key: Hashable, make: Callable[[], T], *, is_costly: bool = False) -> T:
    """Return what `make` returns, or returned a moment ago for the same key. Never for what is about a person.

    What is costly is kept the longer, the longer it takes to make: a fiftieth of the time goes into it at most.
    """
    pages: KeptPages = current_app.extensions[EXTENSION]
    return pages.value(key, make, is_costly=is_costly)


def with_holes(key: Hashable, holes: Mapping[str, str], render: Callable[[Mapping[str, str]], str]) -> str:
    """Return the HTML that `render` makes of `holes`, rendered once a moment for each key and language.

    `render` is given a mark in the place of each value and must put it into the page as it is; the values are escaped
    and put where the marks stand. What else the page depends on belongs in `key`.
    """

    def template() -> list[str]:
        marks = {name: f"hole{secrets.token_hex(16)}" for name in holes}
        names = {mark: name for name, mark in marks.items()}
        pieces = re.split(f"({'|'.join(names)})", render(marks))
        return [names.get(piece, piece) for piece in pieces]

    pieces = kept_value((with_holes, key, str(get_locale())), template)
    # Every second piece is a hole: re.split keeps what it splits at.
    return "".join(str(escape(holes[piece])) if at % 2 else piece for at, piece in enumerate(pieces))


def kept_page(view: Callable[..., Response]) -> Callable[..., Response]:
    """Keep a public GET page's bytes for a moment; other answers than 200 are not kept."""

    @wraps(view)
    def answer(*args: str, **kwargs: str) -> Response:
        pages: KeptPages = current_app.extensions[EXTENSION]
        language = str(get_locale())
        old = pages.pages.get((_address(request.path, request.query_string.decode("latin-1")), language))
        renewing = old.renewing.acquire(blocking=False) if old else False
        try:
            response = view(*args, **kwargs)
        finally:
            if old and renewing:
                old.renewing.release()
        is_whole = not request.query_string or request.query_string == g.get(_QUERY)
        if response.status_code == 200 and request.method == "GET" and is_whole:
            response.headers.setdefault("Cache-Control", DEFAULT_CONTROL)
            response.headers["Vary"] = "Accept-Encoding, Accept-Language"
            response.headers[_MARK] = language
        return response

    return answer


def stays_with_query(query: str) -> None:
    """Let this page be kept under its own address with `query`, where the visitor's query is exactly that.

    For the few addresses that many people are sent to: what anybody can make up would drive the others out.
    """
    g.setdefault(_QUERY, query.encode())


def _address(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


_QUERY = "kept_query"
_MARK = "X-Keep"


def keep_marked(response: Response) -> Response:
    """After all other hooks: keep a marked page with the very headers that it was answered with."""
    language = response.headers.pop(_MARK, None)
    if language is None:
        return response
    response.add_etag(weak=True)
    body = response.get_data()
    headers = [(name, value) for name, value in response.headers if name not in _EACH_TIME]
    page = _Kept(
        body, gzip.compress(body, 6, mtime=0), response.headers["ETag"], headers, time.monotonic() + KEPT_SECONDS
    )
    pages: KeptPages = current_app.extensions[EXTENSION]
    pages.keep(_address(request.path, request.query_string.decode("latin-1")), language, page)
    return response


_EACH_TIME = frozenset({"Content-Length", "Content-Encoding", "X-Request-Id", "Set-Cookie"})
