"""The SMTP side: takes every message from anybody on this machine."""

import asyncio
import logging
import socket
from datetime import UTC, datetime

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox import ports
from sandbox.mail.parsing import take_apart
from sandbox.mail.store import MailStore

LARGEST_BYTES = 32 * 1024 * 1024


class _Keeper:
    """aiosmtpd calls this with each message."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd gives the name
        raw = envelope.original_content or b""
        number = self._store.add(envelope.mail_from or "", envelope.rcpt_tos, raw, take_apart(raw), datetime.now(UTC))
        return f"250 OK kept as message {number}"


class Catcher(Controller):
    """An SMTP server with its own thread, on an already bound socket."""

    def __init__(self, taken: socket.socket, store: MailStore) -> None:
        self._taken = taken
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd tells every connection otherwise
        super().__init__(
            _Keeper(store),
            hostname=ports.HOST,
            port=ports.number(taken),
            enable_SMTPUTF8=True,
            data_size_limit=LARGEST_BYTES,
            ident="Sandbox mail catcher",
            ready_timeout=60,  # a machine that is busy with a demo's other processes may need some
        )

    def _create_server(self) -> "asyncio.Future[asyncio.AbstractServer]":
        """The place aiosmtpd has for serving on something else than a fresh socket."""
        return self.loop.create_task(self.loop.create_server(self._factory_invoker, sock=self._taken))
