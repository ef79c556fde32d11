"""Security headers for every answer, in one place (OWASP Secure Headers Project)."""

from functools import cache
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Response, make_response, request

from campaigns.web.context import DESK, services

_POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # same-origin, not no-referrer: under no-referrer browsers send "Origin: null" with our own forms
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def private(content: str | bytes, status: int = HTTPStatus.OK) -> Response:
    """Return an answer about one person, which nobody keeps and nobody lists."""
    response = make_response(content, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def add_security_headers(response: Response) -> Response:
    """Add the policies; a page that says nothing about caching is not cached."""
    for name, value in _FIXED.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", content_policy())
    if services().settings.https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store" if request.path.startswith(DESK) else "no-cache"
    return response


def content_policy() -> str:
    """Return the Content-Security-Policy: nothing from elsewhere, forms go here or to the payment provider's pages."""
    settings = services().settings
    return _policy(settings.stripe_api_base if settings.stand_in else "")


@cache
def _policy(stand_in_base: str) -> str:
    policy = {**_POLICY, "form-action": f"'self' {_payment_origins(stand_in_base)}"}
    return "; ".join(f"{name} {value}" for name, value in policy.items())


def _payment_origins(stand_in_base: str) -> str:
    if not stand_in_base:
        return "https://checkout.stripe.com https://billing.stripe.com"
    port = urlsplit(stand_in_base).port or 80
    return f"http://127.0.0.1:{port} http://localhost:{port}"
