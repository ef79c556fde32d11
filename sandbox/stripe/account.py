"""The one account of the stand-in: what every resource needs at hand."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from sandbox.clock import Clock
from sandbox.stripe.store import Json, Store

API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True, slots=True)
class Asked:
    """The API request that is being answered; both are None when a person on a page or the clock is the cause."""

    request: str | None = None
    idempotency_key: str | None = None


_NOBODY = Asked()
_asked: ContextVar[Asked] = ContextVar("asked", default=_NOBODY)


_moment: ContextVar[int | None] = ContextVar("moment", default=None)
CLOCK_SETTING = "clock_ahead"


@contextmanager
def _at(moment: int) -> Iterator[None]:
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)


@dataclass(frozen=True)
class Account:
    """`base_url` is where the stand-in is reached, without a slash at the end."""

    store: Store
    clock: Clock
    base_url: str
    actions: Mapping[str, Callable[["Account", str], object]] = field(default_factory=dict)

    def now(self) -> int:
        """Return the account's time in seconds since 1970; what was due happens at the time it was due."""
        return _moment.get() or self.clock.now()

    def move_clock(self, seconds: int) -> None:
        """Move the account's time forward and do what has become due; the move outlives a restart."""
        self.clock.move(seconds)
        with self.store.transaction():
            self.store.set(CLOCK_SETTING, self.clock.ahead)
            self.catch_up()

    @property
    def asked(self) -> Asked:
        """The API request that is being answered in this thread."""
        return _asked.get()

    @contextmanager
    def answering(self, asked: Asked) -> Iterator[None]:
        """Let the events made inside name the request that caused them."""
        token = _asked.set(asked)
        try:
            yield
        finally:
            _asked.reset(token)

    def later(self, at: int, action: str, subject: str) -> None:
        """Have `actions[action]` called with `subject` once the account's time reaches `at`."""
        statement = "INSERT OR REPLACE INTO due (at, action, subject) VALUES (?, ?, ?)"
        self.store.rows(statement, (at, action, subject))

    def catch_up(self) -> None:
        """Do everything that is due by now, oldest first, in one transaction."""
        with self.store.transaction(), self.answering(_NOBODY):
            while found := self._next_due():
                seq, at, action, subject = found
                self.store.rows("DELETE FROM due WHERE seq = ?", (seq,))
                with _at(at):
                    self.actions[action](self, subject)

    def _next_due(self) -> tuple[Any, ...] | None:
        statement = "SELECT seq, at, action, subject FROM due WHERE at <= ? ORDER BY at, seq LIMIT 1"
        found = self.store.rows(statement, (self.now(),))
        return found[0] if found else None

    def changed(self, thing: Json, **fields: Any) -> Json:
        """Store `thing` with new values of some fields; return what the fields held before."""
        before = {name: thing[name] for name in fields if thing[name] != fields[name]}
        self.store.save({**thing, **fields})
        thing.update(fields)
        return before
