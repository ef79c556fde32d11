"""Is everything set up and on time? One line for each question; nothing is changed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaigns.db import Work
from campaigns.kernel.clock import Clock
from campaigns.kernel.ports import Books, PaymentsUnavailable, RemoteEndpoint
from campaigns.ledger import queries as journal
from campaigns.ledger.checks import Finding
from campaigns.ledger.rules import Account
from campaigns.outbox import queries as outbox
from campaigns.payments import checks, operations, queries
from campaigns.payments.rules import EVENTS
from campaigns.payments.sweeping import CURSOR, read_from

CLOCK_ERROR = timedelta(seconds=60)  # webhooks are believed within five minutes
CURSOR_AGE = timedelta(minutes=30)  # six sweeps
EVENT_LATE = timedelta(hours=1)
WORK_LATE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Line:
    """The answer to one question."""

    name: str
    is_well: bool
    sentence: str

    def __str__(self) -> str:
        return f"{'ok   ' if self.is_well else 'WRONG'} {self.name}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Doctor:
    """`reading` gives sessions that cannot write, `webhook` is our own address at which the provider rings."""

    reading: Work
    books: Books
    clock: Clock
    livemode: bool
    webhook: str

    def examine(self) -> list[Line]:
        """Answer every question. A provider that does not answer is a line of its own."""
        answers: list[Callable[[], Iterator[Line]]] = [self._provider, self._endpoint, self._ours, self._balance]
        return [line for answer in answers for line in _or_away(answer)]

    def _provider(self) -> Iterator[Line]:
        is_live = self.books.balance().livemode
        yield Line("mode", is_live == self.livemode, "the key is a live one" if is_live else "the key is a test key")
        account_id = self.books.account_id()
        with self.reading() as session:
            known = queries.fact(session, operations.ACCOUNT)
        is_ours = known is None or known.value == account_id
        yield Line("account", is_ours, account_id if is_ours or not known else f"{account_id}, until now {known.value}")
        error = abs(self.books.server_clock() - self.clock())
        yield Line("clock", error <= CLOCK_ERROR, f"{error.total_seconds():.0f} seconds apart from the provider's")

    def _endpoint(self) -> Iterator[Line]:
        ours = [end for end in self.books.endpoints() if end.url == self.webhook and end.livemode == self.livemode]
        if len(ours) != 1:
            yield Line("endpoint", False, f"{len(ours)} endpoints have the address {self.webhook}; make it one")
            return
        yield Line("endpoint", ours[0].is_enabled, self.webhook if ours[0].is_enabled else "it is switched off")
        yield from self._endpoint_details(ours[0])

    def _endpoint_details(self, end: RemoteEndpoint) -> Iterator[Line]:
        missing = set() if "*" in end.events else EVENTS - set(end.events)
        yield Line("events", not missing, f"not rung for {', '.join(sorted(missing))}" if missing else "all are rung")
        wanted = self.books.api_version
        told = f"{end.api_version or 'the account’s own'}, and we speak {wanted}"
        yield Line("version", end.api_version == wanted, wanted if end.api_version == wanted else told)

    def _ours(self) -> Iterator[Line]:
        now = self.clock()
        with self.reading() as session:
            yield _last_event(session)
            yield _cursor(session, now)
            yield _waiting(session, now)
            parked = queries.parked(session)
            yield Line("parked", parked == 0, f"{parked} payments wait for a person")
            yield _suspense(session)
            yield _findings("mirrors", checks.verify(session, now))

    def _balance(self) -> Iterator[Line]:
        remote = self.books.balance()
        with self.reading() as session:
            since = read_from(session, self.clock())
        listed = [each for page in self.books.movements(since) for each in page]
        with self.reading() as session:
            yield _findings("transactions", list(checks.transactions(session, listed, self.clock())))
            yield _findings("balance", list(checks.balance(session, remote, listed)))


def _or_away(answer: Callable[[], Iterator[Line]]) -> list[Line]:
    try:
        return list(answer())
    except PaymentsUnavailable as away:
        return [Line("provider", False, f"it does not answer: {away}")]


def _last_event(session: Session) -> Line:
    """Events are doorbells: where gifts are paid and it does not ring, something is wrong with the door."""
    event, paid = queries.last_event_at(session), queries.last_paid_at(session)
    if event is None or paid is None:
        return Line("last event", paid is None, "none yet" if paid is None else "none, though gifts were paid")
    return Line("last event", paid - event <= EVENT_LATE, f"{_moment(event)}; the last gift was paid {_moment(paid)}")


def _cursor(session: Session, now: datetime) -> Line:
    cursor = queries.fact(session, CURSOR)
    if cursor is None:
        return Line("sweep", False, "the provider's books were never read: is a worker running?")
    return Line("sweep", now - cursor.noted_at <= CURSOR_AGE, f"the books were last read {_moment(cursor.noted_at)}")


def _waiting(session: Session, now: datetime) -> Line:
    rows = [row for row in outbox.backlog(session, now) if row.kind.startswith("payments.")]
    oldest, failed = max((row.oldest_seconds for row in rows), default=0), sum(row.failed for row in rows)
    is_well = oldest <= WORK_LATE.total_seconds() and not failed
    return Line("work", is_well, f"the oldest waits for {oldest:.0f} seconds, {failed} were given up")


def _suspense(session: Session) -> Line:
    there = [each.balance for each in journal.balances(session) if each.account == Account.SUSPENSE and each.balance]
    told = ", ".join(str(-each) for each in there)
    return Line("suspense", not there, f"{told} that nobody can explain yet" if there else "empty")


def _findings(name: str, found: list[Finding]) -> Line:
    return Line(name, not found, "; ".join(map(str, found)) or "as it should be")


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")
