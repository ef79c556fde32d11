"""Everything at once: the Stripe stand-in with its webhooks, and the mail catcher with its page."""

import fcntl
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from sandbox import ports
from sandbox.look import Places
from sandbox.loops import Loop
from sandbox.mail import web as mail_web
from sandbox.mail.catcher import Catcher
from sandbox.mail.store import MailStore
from sandbox.stripe import app as stripe_app
from sandbox.stripe import webhook_endpoints
from sandbox.stripe.account import Account
from sandbox.stripe.delivery import Courier

_TICK_SECONDS = 0.5


class StateInUse(Exception):
    """Another sandbox keeps its state in the same folder."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the sandbox is started. Port 0 takes any free port; None leaves that half out.

    Without a webhook address no events are sent. The mail catcher needs both of its ports.
    """

    state: Path
    stripe_port: int | None = 0
    mail_port: int | None = 0
    smtp_port: int | None = 0
    webhook_url: str | None = None
    webhook_secret: str = ""
    site_url: str = "http://localhost:8000"


class _Closable(Protocol):
    def close(self) -> None: ...


class _Part(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None: ...


Held = TypeVar("Held", bound=_Closable)


class Sandbox:
    """The running sandbox. Raises PortTaken or StateInUse when it cannot be made; then nothing is left open.

    `account` and `mails` are what the halves keep; a half that was left out has none.
    """

    def __init__(self, options: Options) -> None:
        self._undo: list[Callable[[], None]] = []
        self._parts: list[_Part] = []
        self.account: Account | None = None
        self.mails: MailStore | None = None
        self.smtp_port: int | None = None
        try:
            self._build(options)
        except BaseException:
            self.stop()
            raise

    def _build(self, options: Options) -> None:
        for_stripe = self._port(options.stripe_port, "the Stripe stand-in")
        for_mail = self._port(options.mail_port, "the mail page")
        for_smtp = self._port(options.smtp_port, "SMTP")
        self._hold(_Lock(options.state))
        self.places = Places(options.site_url, _address(for_stripe), _address(for_mail))
        if for_stripe:
            self._build_stripe(options, for_stripe)
        if for_mail and for_smtp:
            self._build_mail(options, for_mail, for_smtp)

    def _build_stripe(self, options: Options, taken: socket.socket) -> None:
        account = stripe_app.open_account(options.state / "stripe.sqlite", self.places.stripe or "")
        self._hold(account.store)
        webhook_endpoints.configure(account, options.webhook_url)
        site = stripe_app.create_app(account, self.places)
        self._parts += [ports.WebServer(taken, site, "Stripe stand-in"), Loop("what is due", lambda: _tick(account))]
        if options.webhook_url:
            self._parts.append(Courier(account, options.webhook_secret))
        self.account = account

    def _build_mail(self, options: Options, for_page: socket.socket, for_smtp: socket.socket) -> None:
        self.mails = self._hold(MailStore(options.state / "mail.sqlite"))
        page = mail_web.create_app(self.mails, self.places)
        self._parts += [ports.WebServer(for_page, page, "mail page"), Catcher(for_smtp, self.mails)]
        self.smtp_port = ports.number(for_smtp)

    def _port(self, port: int | None, purpose: str) -> socket.socket | None:
        return None if port is None else self._hold(ports.take(port, purpose))

    def _hold(self, thing: Held) -> Held:
        self._undo.append(thing.close)
        return thing

    def start(self) -> None:
        """Begin to answer, to deliver and to catch."""
        for part in self._parts:
            part.start()
            self._undo.append(part.stop)

    def stop(self) -> None:
        """Stop everything, last started first, and give the ports and files back."""
        while self._undo:
            self._undo.pop()()


def _address(taken: socket.socket | None) -> str | None:
    return f"http://localhost:{ports.number(taken)}" if taken else None


def _tick(account: Account) -> float:
    account.catch_up()
    return _TICK_SECONDS


class _Lock:
    """Holds the state folder, which is made if need be, for one process. Raises StateInUse."""

    def __init__(self, state: Path) -> None:
        state.mkdir(parents=True, exist_ok=True)
        self._file = (state / "lock").open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            self._file.close()
            raise StateInUse(f"Another sandbox is using the folder {os.fspath(state)}.") from problem

    def close(self) -> None:
        self._file.close()
