"""What all pages of the sandbox share: the frame, the style sheet, and who may talk to them."""

from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, abort, request, send_file
from jinja2 import ChoiceLoader, FileSystemLoader

_HERE = Path(__file__).parent

# No form-action: after paying, the form leads back to the site.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Places:
    """Where a person finds the site, the Stripe stand-in and the mail catcher; None where a half is not running."""

    site: str
    stripe: str | None
    mail: str | None


def dress(app: Flask, places: Places) -> None:
    """Give `app` the sandbox's frame, its style sheet and its guards.

    Only requests addressed to this machine by name are answered (a foreign site could otherwise point its own name
    here), and forms are taken only from pages that are not somebody else's.
    """
    app.config["TRUSTED_HOSTS"] = ["localhost", "127.0.0.1"]
    loaders = [FileSystemLoader(_HERE / "templates"), app.jinja_env.loader]
    app.jinja_env.loader = ChoiceLoader([loader for loader in loaders if loader])
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # put there by the extension
    app.jinja_env.globals["places"] = places
    app.add_url_rule("/look/sandbox.css", "look", lambda: send_file(_HERE / "static" / "sandbox.css", max_age=0))
    app.before_request(_refuse_foreign_forms)
    app.after_request(_protect)


def _refuse_foreign_forms() -> None:
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(403)


def _protect(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    return response
