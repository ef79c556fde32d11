"""Every caught message, as it came in and taken apart, in one SQLite file."""

import json
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.mail.parsing import Parts

_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, received_at TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL,
    subject TEXT NOT NULL, text TEXT NOT NULL, html TEXT NOT NULL, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS recipients (
    message INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE, address TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS recipients_by_address ON recipients (address);
"""
_SELECT = "SELECT id, received_at, sender, recipients, subject, text, html FROM messages"
_INSERT = """
    INSERT INTO messages (received_at, sender, recipients, subject, text, html, raw) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_NEWEST_FIRST = " ORDER BY id DESC LIMIT ?"
_TO_EXACTLY = " WHERE id IN (SELECT message FROM recipients WHERE address = ?)"
_TO_PARTLY = " WHERE id IN (SELECT message FROM recipients WHERE instr(address, ?))"


@dataclass(frozen=True, slots=True)
class Mail:
    """One message. `recipients` are the envelope's, `received_at` is ISO 8601 in UTC."""

    id: int
    received_at: str
    sender: str
    recipients: list[str]
    subject: str
    text: str
    html: str

    @property
    def to(self) -> str:
        """The recipients in one line."""
        return ", ".join(self.recipients)

    def as_json(self) -> dict[str, Any]:
        """Return the message for programs."""
        return asdict(self) | {"to": self.to}


class MailStore:
    """One connection and one lock, for the SMTP thread and the page's threads."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False)
        pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
        self._database.executescript(pragmas + _SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def add(self, sender: str, recipients: Sequence[str], raw: bytes, parts: Parts, now: datetime) -> int:
        """Keep a message and return its number; it is on the disk when this returns."""
        values = (
            now.astimezone(UTC).isoformat(timespec="milliseconds"), sender, json.dumps(list(recipients)),
            parts.subject, parts.text, parts.html, raw,
        )  # fmt: skip
        with self._lock, self._database as database:
            number = database.execute(_INSERT, values).lastrowid or 0
            pairs = [(number, address.lower()) for address in recipients]
            database.executemany("INSERT INTO recipients (message, address) VALUES (?, ?)", pairs)
        return number

    def find(self, to: str = "", limit: int = -1) -> list[Mail]:
        """Return the messages, newest first; with `to`, those to this address, or to any that contains it.

        A text with something on both sides of an @ is a whole address and must match exactly, in any letter case.
        """
        wanted = to.strip().lower()
        if not wanted:
            return [_mail(row) for row in self._rows(_SELECT + _NEWEST_FIRST, [limit])]
        person, _, host = wanted.partition("@")
        which = _TO_EXACTLY if person and host else _TO_PARTLY
        return [_mail(row) for row in self._rows(_SELECT + which + _NEWEST_FIRST, [wanted, limit])]

    def get(self, number: int) -> Mail | None:
        """Return one message, or None."""
        found = self._rows(_SELECT + " WHERE id = ?", [number])
        return _mail(found[0]) if found else None

    def raw(self, number: int) -> bytes | None:
        """Return one message as it came in, or None."""
        found = self._rows("SELECT raw FROM messages WHERE id = ?", [number])
        return bytes(found[0][0]) if found else None

    def clear(self) -> None:
        """Delete every message."""
        with self._lock, self._database as database:
            database.execute("DELETE FROM messages")

    def _rows(self, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._lock, closing(self._database.execute(statement, values)) as cursor:
            return cursor.fetchall()


def _mail(row: tuple[Any, ...]) -> Mail:
    number, received_at, sender, recipients, *rest = row
    return Mail(number, received_at, sender, json.loads(recipients), *rest)
