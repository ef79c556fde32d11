"""A real SMTP server on loopback, which answers as it is told and keeps what it took."""

import asyncio
import logging
import socket
import ssl
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from types import TracebackType

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Taken:
    """One message as it arrived: the envelope, and the mail inside."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        mail = message_from_bytes(self.raw, _class=EmailMessage, policy=SMTP_POLICY)
        assert isinstance(mail, EmailMessage)
        return mail


@dataclass
class Answers:
    """What the server says at each step; an empty answer lets the step pass."""

    recipient: str = ""
    data: str = ""
    quit: str = ""
    taken: list[Taken] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)

    async def handle_RCPT(self, _server: SMTP, _s: Session, envelope: Envelope, address: str, _o: list[str]) -> str:
        if self.recipient:
            return self.recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if not self.data:
            raw = envelope.original_content or b""
            self.taken.append(Taken(envelope.mail_from or "", list(envelope.rcpt_tos), raw))
        return self.data or "250 OK"

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:
        return self.quit or "221 Bye"

    def log_in(self, _server: SMTP, _s: Session, _e: Envelope, _mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"pass:word/", handled=False)


class SmtpServer(Controller):
    """Use it as a context manager. `tls` is spoken after STARTTLS, or from the first byte where it is `at_once`."""

    def __init__(self, tls: ssl.SSLContext | None = None, *, at_once: bool = False, smtputf8: bool = True) -> None:
        self.answers = Answers()
        self._socket = socket.create_server(("127.0.0.1", 0))
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # aiosmtpd tells every connection otherwise
        super().__init__(
            self.answers,
            hostname="127.0.0.1",
            port=self._socket.getsockname()[1],
            ssl_context=tls if at_once else None,
            tls_context=None if at_once else tls,
            enable_SMTPUTF8=smtputf8,
            authenticator=self.answers.log_in,
            auth_require_tls=False,
            ready_timeout=60,
        )

    def _create_server(self) -> "asyncio.Future[asyncio.AbstractServer]":
        serving = self.loop.create_server(self._factory_invoker, sock=self._socket, ssl=self.ssl_context)
        return self.loop.create_task(serving)

    def __enter__(self) -> "SmtpServer":
        self.start()
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _tb: TracebackType | None) -> None:
        if not self.loop.is_closed():  # a test may have stopped it before
            self.stop()
