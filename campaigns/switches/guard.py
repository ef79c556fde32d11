"""What the switches do to requests: read for each of them, kept for a moment like other facts."""

from flask import Flask, Response, g, make_response, request
from flask_babel import gettext

from campaigns.switches import queries
from campaigns.switches.rules import Standing
from campaigns.web.again import sent_form
from campaigns.web.caching import kept_value
from campaigns.web.context import SAFE_METHODS, services, session
from campaigns.web.shell import error_page

# Somebody must be able to sign in and switch it off again.
WRITES_ALWAYS = frozenset({"security", "switches_desk"})
TRY_AGAIN_SECONDS = "120"
_READ_ONLY = "This site takes nothing in at the moment: it is being looked after. Please try again in a few minutes."


def install(site: Flask) -> None:
    """Refuse what would be written while the site is read-only, and give every page its banner."""
    site.before_request(_refuse_writing)
    site.context_processor(lambda: {"standing": standing})


def standing() -> Standing:
    """Return what holds now: read twice a second at most."""
    return kept_value("switches", _read)


def _read() -> Standing:
    """Never a second connection beside the request's own: a crowd would wait for itself."""
    if "session" in g or request.method in SAFE_METHODS:
        return queries.standing(session())
    with services().reading() as reading:
        return queries.standing(reading)


def _refuse_writing() -> Response | None:
    """A page that keeps what was typed; machines get the same status and come again (Stripe for three days)."""
    if request.method in SAFE_METHODS or request.blueprint in WRITES_ALWAYS or not standing().read_only:
        return None
    response = make_response(error_page(503, standing().read_only_words or gettext(_READ_ONLY), sent_form()))
    response.headers["Retry-After"] = TRY_AGAIN_SECONDS
    return response
