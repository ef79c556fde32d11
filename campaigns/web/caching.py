"""Whole pages kept for a moment, so that a crowd costs one rendering.

Only pages that are the same for everyone come here. Nobody waits behind a lock while another thread renders
a page that is merely old: the old one is served.
"""

import gzip
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps

from flask import Response, current_app, request
from flask_babel import get_locale

KEPT_SECONDS = 1.0
MAX_PAGES = 512
_EXTENSION = "undersigned.pages"


@dataclass(slots=True)
class _Kept:
    plain: bytes
    packed: bytes
    etag: str
    content_type: str
    cache_control: str
    until: float
    renewing: threading.Lock = field(default_factory=threading.Lock)


Pages = dict[tuple[str, str], _Kept]


def kept_page(view: Callable[..., Response]) -> Callable[..., Response]:
    """Keep a public GET page's bytes for a second; other answers than 200 are not kept."""

    @wraps(view)
    def answer(*args: str, **kwargs: str) -> Response:
        pages: Pages = current_app.extensions.setdefault(_EXTENSION, {})
        key = (request.path, str(get_locale()))
        kept = pages.get(key)
        if kept is None or (time.monotonic() > kept.until and kept.renewing.acquire(blocking=False)):
            response = view(*args, **kwargs)
            if response.status_code != 200:
                pages.pop(key, None)
                return response
            if len(pages) >= MAX_PAGES:
                pages.clear()
            kept = pages[key] = _keep(response)
        return _answer(kept)

    return answer


def _keep(response: Response) -> _Kept:
    body = response.get_data()
    response.add_etag()
    return _Kept(
        body,
        gzip.compress(body, 6, mtime=0),
        response.headers["ETag"],
        response.content_type or "text/html; charset=utf-8",
        response.headers.get("Cache-Control", "public, max-age=5, stale-while-revalidate=60"),
        time.monotonic() + KEPT_SECONDS,
    )


def _answer(kept: _Kept) -> Response:
    packs = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(kept.packed if packs else kept.plain, content_type=kept.content_type)
    if packs:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding, Accept-Language"
    response.headers["Cache-Control"] = kept.cache_control
    response.headers["ETag"] = f"W/{kept.etag}"
    response.make_conditional(request)
    return response
