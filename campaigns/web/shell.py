"""The application class: one unit of work per request, calm errors, guarded doors."""

import logging
import secrets
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote_from_bytes

from flask import Flask, Request, Response, abort, g, render_template, request
from flask.globals import request_ctx
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_babel import gettext
from jinja2 import StrictUndefined
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.utils import cached_property
from werkzeug.wrappers import Response as BaseResponse

from campaigns.kernel.errors import Refusal
from campaigns.kernel.ports import PaymentsUnavailable
from campaigns.web import caching
from campaigns.web.again import Sent, sent_form
from campaigns.web.bodies import take_in_the_rest
from campaigns.web.context import DESK, EXTENSION, Services, close_unit
from campaigns.web.guard import refuse_cross_site
from campaigns.web.headers import add_security_headers

log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
MAX_BODY_BYTES = 256 * 1024
MAX_FORM_PARTS = 200
_ASCII = bytes(range(128))

_SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not take that.",
    413: "That is more than this form can take. Please shorten it.",
    400: "The browser sent something this site could not read.",
    403: "You may not open this page.",
    429: "Too many tries in a short time. Please wait a minute.",
}
_BUSY = "The site is very busy. Nothing was lost: please try again in a minute."
_BROKEN = "Something went wrong on our side. Nothing was charged or signed twice; please try again in a minute."
_PAYMENTS_AWAY = (
    "The payment page cannot be reached at the moment. No money has moved. Please try again in a few minutes."
)


class DeskSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, at the desk alone: elsewhere nothing is kept and no answer depends on a cookie."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the cookie where this is the desk; elsewhere the session is empty, whatever the browser sent."""
        return super().open_session(app, request) if request.path.startswith(DESK) else self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set the cookie where this is the desk."""
        if request.path.startswith(DESK):
            super().save_session(app, session, response)


class Visit(Request):
    """A request whose query and cookies can be read: on bytes that are no ASCII, Flask and the sign-in library fail."""

    def __init__(self, environ: Any, populate_request: bool = True, shallow: bool = False) -> None:
        """Write such a query as a browser would have: percent-encoded."""
        super().__init__(environ, populate_request, shallow)
        if not self.query_string.isascii():
            self.query_string = quote_from_bytes(self.query_string, safe=_ASCII).encode()

    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        """Hold an uploaded file in memory: the library would write names to the disk, in clear."""
        return BytesIO()

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """Only what may be ours: all of our cookies are ASCII."""
        return ImmutableMultiDict([pair for pair in super().cookies.items(multi=True) if pair[1].isascii()])


class Site(Flask):
    """A Flask application in which returning commits and raising rolls back."""

    request_class = Visit
    session_interface = DeskSessions()

    def log_exception(self, exc_info: Any) -> None:
        """Log what even the page of errors failed at, by its door: Flask's own line quotes the address, and tokens."""
        log.error("request failed", exc_info=exc_info, extra={"path": request.endpoint})

    def dispatch_request(self) -> Response:
        """Run the view inside the request's unit of work."""
        try:
            response = self.make_response(super().dispatch_request())
        except BaseException as failure:
            close_unit(failure)
            raise
        close_unit(None)
        return response


def make_site(services: Services) -> Site:
    """Return the bare application: templates, errors, guards and headers, but no door yet."""
    site = Site("campaigns", root_path=str(ROOT), template_folder="templates", static_folder=None)
    site.extensions[EXTENSION] = services
    site.config.update(_flask_settings(services))
    site.url_map.merge_slashes = False  # its redirect would lead to whatever host the visitor named, or to none
    site.jinja_env.undefined = StrictUndefined
    site.jinja_env.trim_blocks = site.jinja_env.lstrip_blocks = True
    site.before_request(_begin)
    site.before_request(refuse_cross_site)
    site.after_request(caching.keep_marked)  # the first one named runs last
    site.after_request(_add_request_id)
    site.after_request(add_security_headers)
    site.after_request(take_in_the_rest)
    _register_errors(site)
    proxies = services.settings.trusted_proxies
    if proxies:
        site.wsgi_app = ProxyFix(site.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]  # Flask's documented way to wrap
    return site


def _flask_settings(services: Services) -> dict[str, Any]:
    settings = services.settings
    return {
        "SECRET_KEY": settings.secret_key,
        "MAX_CONTENT_LENGTH": MAX_BODY_BYTES,
        "MAX_FORM_MEMORY_SIZE": MAX_BODY_BYTES,
        "MAX_FORM_PARTS": MAX_FORM_PARTS,
        "SESSION_COOKIE_PATH": DESK,
        "SESSION_COOKIE_NAME": "__Secure-desk" if settings.https else "desk",
        "SESSION_COOKIE_SECURE": settings.https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PREFERRED_URL_SCHEME": "https" if settings.https else "http",
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
    }


def _begin() -> Response | None:
    g.request_id = secrets.token_hex(8)
    if (
        request_ctx.url_adapter is None
    ):  # a host that no machine can have; no page can be made for it, for lack of links
        return Response(f"{gettext(_SENTENCES[400])}\n", 400, mimetype="text/plain")
    if "\x00" in request.path:  # PostgreSQL takes no such text, and nothing here has such an address
        abort(404)
    return None


def _add_request_id(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    return response


def _register_errors(site: Site) -> None:
    site.register_error_handler(Refusal, _show_refusal)
    site.register_error_handler(HTTPException, _show_http_error)
    site.register_error_handler(OperationalError, _show_database_away)
    site.register_error_handler(InterfaceError, _show_database_away)
    site.register_error_handler(NoConnectionLeft, _show_database_away)
    site.register_error_handler(PaymentsUnavailable, _show_payments_away)
    site.register_error_handler(Exception, _show_broken)


def error_page(status: int, sentence: str, sent: Sent | None = None) -> tuple[str, int]:
    """Return the calm page for `status`, with a button that sends `sent` again."""
    number = g.get("request_id", "")
    page = render_template("errors/page.html", status=status, sentence=sentence, request_id=number, sent=sent)
    return page, status


def _show_refusal(refusal: Refusal) -> tuple[str, int]:
    return error_page(refusal.status, gettext(str(refusal)))


def _show_http_error(error: HTTPException) -> BaseResponse | tuple[str, int, list[tuple[str, str]]]:
    if error.response is not None or (error.code or 500) < HTTPStatus.BAD_REQUEST:
        return error.get_response()  # a redirect that werkzeug raised
    status = error.code or 500
    sentence = gettext(_SENTENCES.get(status, _SENTENCES[400] if status < 500 else _BROKEN))
    said = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]  # Allow, Retry-After, …
    return *error_page(status, sentence), said


def _show_database_away(error: Exception) -> tuple[str, int, dict[str, str]]:
    log.error(
        "database not available", extra={"problem": type(error.__cause__ or error).__name__, "path": request.endpoint}
    )
    return *error_page(503, gettext(_BUSY), sent_form()), {"Retry-After": "30"}


def _show_payments_away(_error: PaymentsUnavailable) -> tuple[str, int, dict[str, str]]:
    log.error("payments not available", extra={"path": request.endpoint})
    return *error_page(503, gettext(_PAYMENTS_AWAY)), {"Retry-After": "120"}


def _show_broken(_error: Exception) -> tuple[str, int]:
    log.exception("request failed", extra={"path": request.endpoint})
    return error_page(500, gettext(_BROKEN))
