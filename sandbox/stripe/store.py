"""Everything the stand-in knows, in one SQLite file: Stripe's objects as JSON, and what is still to be done."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Json = dict[str, Any]
Test = Literal["=", "<", "<=", ">", ">=", "in", "is"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, created INTEGER NOT NULL,
    body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, seq);
CREATE TABLE IF NOT EXISTS due (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
    UNIQUE (action, subject));
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, endpoint TEXT NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, first_at REAL NOT NULL, next_at REAL NOT NULL,
    outcome TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (event, seq);
CREATE INDEX IF NOT EXISTS deliveries_waiting ON deliveries (state, next_at);
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    request TEXT NOT NULL, created INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Where:
    """A condition on a field of the stored JSON; `field` may be a path with dots and never comes from a request."""

    field: str
    test: Test
    value: Any

    def sql(self) -> tuple[str, list[Any]]:
        """Return the condition and its bound values."""
        place = f"json_extract(body, '$.{self.field}')"
        if self.test != "in":
            return f"{place} {self.test} ?", [self.value]
        return f"{place} IN ({','.join('?' * len(self.value))})", list(self.value)


class Store:
    """One connection, one lock: requests and background threads take turns, each in its own transaction.

    `changed` is set after every commit that wrote something.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self.changed = threading.Event()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        # With a write-ahead log, NORMAL loses nothing when the process is killed, only when the power goes.
        self._database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" + _SCHEMA)

    def close(self) -> None:
        """Wait for the transaction that is running, then close the file."""
        with self._lock:
            self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep everything that happens inside, or nothing. Inside another transaction it can be undone alone."""
        with self._lock:
            opening, keeping, undoing = self._words()
            before = self._database.total_changes
            self._database.execute(opening)
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                for statement in undoing:  # not as a script: Python would commit before it
                    self._database.execute(statement)
                raise
            self._depth -= 1
            self._database.execute(keeping)
            if not self._depth and self._database.total_changes != before:
                self.changed.set()

    def _words(self) -> tuple[str, str, list[str]]:
        if not self._depth:
            return "BEGIN IMMEDIATE", "COMMIT", ["ROLLBACK"]
        name = f"part{self._depth}"
        return f"SAVEPOINT {name}", f"RELEASE {name}", [f"ROLLBACK TO {name}", f"RELEASE {name}"]

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        with self._lock:
            return self._database.execute(statement, values).fetchall()

    def add(self, thing: Json) -> Json:
        """Store a new object under its `id`; its kind is its `object`. Returns it."""
        values = (thing["id"], thing["object"], thing.get("created", 0), json.dumps(thing))
        self.rows("INSERT INTO objects (id, kind, created, body) VALUES (?, ?, ?, ?)", values)
        return thing

    def save(self, thing: Json) -> Json:
        """Write an object that is already stored. Returns it."""
        self.rows("UPDATE objects SET body = ? WHERE id = ?", (json.dumps(thing), thing["id"]))
        return thing

    def get(self, identity: str, kind: str | None = None) -> Json | None:
        """Return a fresh copy of the object, or None; with `kind`, only if it is of that kind."""
        found = self.rows("SELECT body, kind FROM objects WHERE id = ?", (identity,))
        if not found or (kind and found[0][1] != kind):
            return None
        body: Json = json.loads(found[0][0])
        return body

    def must(self, identity: str) -> Json:
        """Return the object that another object names; raises LookupError if it is not there."""
        thing = self.get(identity)
        if thing is None:
            raise LookupError(identity)
        return thing

    def place(self, identity: str, kind: str) -> int | None:
        """Return where the object stands in the order of creation, or None."""
        found = self.rows("SELECT seq FROM objects WHERE id = ? AND kind = ?", (identity, kind))
        return int(found[0][0]) if found else None

    def find(
        self,
        kind: str,
        where: Sequence[Where] = (),
        *,
        limit: int = -1,
        older_than: int | None = None,
        newer_than: int | None = None,
        oldest_first: bool = False,
    ) -> list[Json]:
        """Return the objects of `kind` for which every condition holds, newest first unless told otherwise.

        `older_than` and `newer_than` are places as `place` gives them.
        """
        tests = ["kind = ?"]
        values: list[Any] = [kind]
        for condition in where:
            test, bound = condition.sql()
            tests.append(test)
            values.extend(bound)
        for test, edge in (("seq < ?", older_than), ("seq > ?", newer_than)):
            if edge is not None:
                tests.append(test)
                values.append(edge)
        order = "ASC" if oldest_first else "DESC"
        # Conditions are made of field names that stand in this package, and of bound values.
        statement = f"SELECT body FROM objects WHERE {' AND '.join(tests)} ORDER BY seq {order} LIMIT ?"  # noqa: S608
        return [json.loads(body) for (body,) in self.rows(statement, [*values, limit])]

    def setting(self, name: str, default: Any) -> Any:
        """Return a stored setting, or `default`."""
        found = self.rows("SELECT value FROM settings WHERE name = ?", (name,))
        return json.loads(found[0][0]) if found else default

    def set(self, name: str, value: Any) -> None:
        """Store a setting."""
        self.rows("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (name, json.dumps(value)))
