"""Cross-site requests: public forms carry no cookie and no token, so their origin is what guards them.

Sec-Fetch-Site and Origin cannot be set by a page (Fetch standard, forbidden request headers). A browser too
old to send either has no session to steal at a public form; the desk's forms also carry Flask-WTF's token.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import current_app, request

from campaigns.kernel.errors import Refusal
from campaigns.web.context import SAFE_METHODS, services

EXEMPT = "_takes_posts_from_elsewhere"
View = TypeVar("View", bound=Callable[..., Any])


class CrossSite(Refusal):
    """This form was sent from another site. Please open the page here and send it again."""

    status = HTTPStatus.FORBIDDEN


def takes_posts_from_elsewhere(view: View) -> View:
    """Mark a view that other machines post to; it must prove its callers itself."""
    setattr(view, EXEMPT, True)
    return view


def refuse_cross_site() -> None:
    """Raise CrossSite for an unsafe request that another site's page caused."""
    if request.method in SAFE_METHODS or is_for_machines():
        return
    if _is_cross_site(request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")):
        raise CrossSite


def _is_cross_site(fetch_site: str | None, origin: str | None) -> bool:
    if fetch_site is not None:
        return fetch_site not in ("same-origin", "none")
    if origin is None:
        return False
    return not _same_origin(origin)  # "null", a sandboxed frame's, has no place


def _same_origin(origin: str) -> bool:
    try:
        place = urlsplit(origin).netloc
    except ValueError:
        return False
    return place != "" and place in (urlsplit(services().settings.site_url).netloc, request.host)


def is_for_machines() -> bool:
    """Say whether this request's door is one that other machines post to."""
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, EXEMPT, False))
