"""Flask-Security, set up for the desk. Its own session is the one place besides db/work.py that commits."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from flask import Flask, Request, current_app, request
from flask_security import MailUtil, Security, SQLAlchemySessionUserDatastore
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import scoped_session, sessionmaker

from campaigns.accounts.models import Role, User, WebAuthn
from campaigns.accounts.rules import MIN_PASSWORD_LENGTH, NORMAL_FORM
from campaigns.db import reads_first
from campaigns.outbox import operations as outbox
from campaigns.web import context
from campaigns.web.context import DESK, Services

ACCOUNT_MAIL = "accounts.mail"
DATASTORE = "undersigned.datastore"


class OutboxMail(MailUtil):
    """Sends the library's mails through the outbox."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: str | tuple[str, str],
        sender: str | tuple[str, str],
        body: str | None,
        html: str | None,
        **_: Any,
    ) -> None:
        """Queue one mail; it goes out when the library commits its session, and not otherwise."""
        now = context.services().clock()
        address = recipient if isinstance(recipient, str) else recipient[1]
        payload = {"to": address, "subject": subject, "text": body or "", "html": html or ""}
        key = f"{template}:{hashlib.sha256(address.encode()).hexdigest()[:16]}:{now.isoformat()}"
        outbox.enqueue(current_app.extensions[DATASTORE].db.session, ACCOUNT_MAIL, key, payload, now=now)


def install(site: Flask, services: Services) -> Security:
    """Put sign-in, sign-out and password change under /desk/account."""
    sessions = scoped_session(sessionmaker(reads_first(services.engine)))
    site.config.update(_settings(services))
    CSRFProtect(site)
    datastore = SQLAlchemySessionUserDatastore(sessions, User, Role, WebAuthn)
    security = Security(site, datastore, mail_util_cls=OutboxMail)
    site.extensions[DATASTORE] = datastore
    _ask_at_the_desk_alone(security.principal)
    security.login_manager.request_loader(_nobody)

    @site.teardown_appcontext
    def _end_session(_error: BaseException | None) -> None:
        sessions.remove()

    return security


def _ask_at_the_desk_alone(principal: Any) -> None:
    """Nobody is signed in at a public door, and the busiest of them need not ask who it is."""
    asked = list(principal.identity_loaders)
    principal.identity_loaders.clear()
    principal.identity_loaders.extend(_at_the_desk(loader) for loader in asked)


def _at_the_desk(loader: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: loader() if request.path.startswith(DESK) else None


def _nobody(_request: Request) -> None:
    """People sign in by session alone. For a token the library would read each request's query and body, on every
    page, one about an error in that very query or body too.
    """


# The library's own sentences, said our way: (text, kind of notice).
_SENTENCES = {
    "SECURITY_MSG_PASSWORD_CHANGE": ("Your password is changed.", "success"),
    "SECURITY_MSG_UNAUTHENTICATED": ("Please sign in first.", "info"),
    "SECURITY_MSG_RETYPE_PASSWORD_MISMATCH": ("The two passwords are not the same. Type the new one twice.", "error"),
    "SECURITY_MSG_PASSWORD_INVALID_LENGTH": ("A password has at least %(length)s characters.", "error"),
    "SECURITY_MSG_INVALID_PASSWORD": ("This is not your password. Try again.", "error"),
    "SECURITY_MSG_PASSWORD_IS_THE_SAME": ("Choose a password that is not the old one.", "error"),
    "SECURITY_MSG_REAUTHENTICATION_REQUIRED": ("Please enter your password again to go on.", "info"),
}


def _settings(services: Services) -> dict[str, Any]:
    secret_key, https = services.settings.secret_key, services.settings.https
    return {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SALT": _derived(secret_key, "password salt"),
        "SECURITY_PASSWORD_LENGTH_MIN": MIN_PASSWORD_LENGTH,
        "SECURITY_PASSWORD_NORMALIZE_FORM": NORMAL_FORM,
        "SECURITY_TOTP_SECRETS": {"1": _derived(secret_key, "totp")},
        "SECURITY_URL_PREFIX": "/desk/account",
        "SECURITY_BLUEPRINT_NAME": "security",
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_CHANGEABLE": True,
        "SECURITY_TRACKABLE": False,
        "SECURITY_DATETIME_FACTORY": services.clock,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_POST_LOGIN_VIEW": "/desk/",
        "SECURITY_POST_LOGOUT_VIEW": "/desk/account/login",
        "SECURITY_POST_CHANGE_VIEW": "/desk/",
        "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
        "SECURITY_USE_REGISTER_V2": True,
        "SECURITY_DEFAULT_REMEMBER_ME": False,
        "SECURITY_FLASH_MESSAGES": True,
        "SECURITY_CACHE_CONTROL": {},  # the library would write "no-store=True", which no cache understands
        **_SENTENCES,
        "REMEMBER_COOKIE_PATH": "/desk",
        "REMEMBER_COOKIE_SECURE": https,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_CHECK_DEFAULT": False,
    }


def _derived(secret_key: str, purpose: str) -> str:
    return base64.urlsafe_b64encode(hmac.digest(secret_key.encode(), purpose.encode(), "sha256")).decode()
