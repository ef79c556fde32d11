"""What no event told us: events that did not arrive, and the provider's own books from where we last read them."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from campaigns.db import Work
from campaigns.kernel.clock import Clock
from campaigns.kernel.ports import Books, SourcedMovement, is_away
from campaigns.ledger import queries as journal
from campaigns.outbox import operations as outbox
from campaigns.outbox.operations import insert_ignoring
from campaigns.payments import operations, queries, suspense
from campaigns.payments.alarms import alarm
from campaigns.payments.models import PaymentFact
from campaigns.payments.rules import State, Word, stays_unexplained

log = logging.getLogger(__name__)
EVENTS_KEPT = timedelta(days=30)  # by the provider (docs.stripe.com/api/events/list)
OVERLAP = timedelta(hours=48)
MONTH = timedelta(days=31)
MOVEMENT_JOB = "payments.movement"
CURSOR, BEGIN = "movements", "begin"


@dataclass(frozen=True, slots=True)
class Sweep:
    """One pass. `look_into` syncs what is behind an object and returns the state of its payment.

    `first_asked_at` says when anything was first asked for: the provider's books of before are not ours to read.
    """

    work: Work
    books: Books
    clock: Clock
    look_into: Callable[[str, str], State | None]
    first_asked_at: Callable[[Session], datetime | None]
    livemode: bool

    def events(self) -> None:
        """Store the events that reached us not at all, so that they are worked on like any other."""
        now = self.clock()
        bells = [bell for bell in self.books.undelivered(now - EVENTS_KEPT) if bell.livemode == self.livemode]
        with self.work() as session:
            for bell in bells:
                operations.store_event(session, bell, b"", now=now, is_delivery=False)

    def account(self) -> None:
        """Keep whose books these are: an event of another account is turned away."""
        account_id = self.books.account_id()
        with self.work() as session:
            known = queries.fact(session, operations.ACCOUNT)
            if known is None:
                keep_fact(session, operations.ACCOUNT, account_id, self.clock())
            elif known.value != account_id:
                alarm(session, Word.OTHER_ACCOUNT, account_id, self.clock())

    def movements(self, back: timedelta | None = None, *, further: bool = False) -> None:
        """Take in the balance transactions since the last sweep and 48 hours before it, or of all the time `back`.

        What moved before this site began is not ours to explain, unless somebody asks for it with `further`.
        Only when all of them were taken in, or handed to a job of their own, the next sweep begins here.
        """
        began = self.clock()
        with self.work() as session:
            since = _since(session, began, back, self.first_asked_at, further=further)
        for page in self.books.movements(since):
            self._take_in(page)
        with self.work() as session:
            keep_fact(session, CURSOR, began.isoformat(), began)

    def again(self, movement_id: str) -> None:
        """Take in one balance transaction. Raises PaymentsUnavailable, and whatever stands in its way."""
        self._explain(self.books.fetch_movement(movement_id))

    def _take_in(self, page: Sequence[SourcedMovement]) -> None:
        with self.work() as session:
            booked = journal.booked(session, [f"bt:{each.movement.id}" for each in page])
        for each in page:
            if f"bt:{each.movement.id}" not in booked:
                self._explain_or_defer(each)

    def _explain_or_defer(self, each: SourcedMovement) -> None:
        try:
            self._explain(each)
        except Exception as problem:
            if is_away(problem):
                raise
            log.exception("balance transaction cannot be taken in", extra={"movement": each.movement.id})
            with self.work() as session:
                payload, now = {"id": each.movement.id}, self.clock()
                alarm(session, Word.NOT_TAKEN_IN, each.movement.id, now)
                outbox.enqueue(session, MOVEMENT_JOB, each.movement.id, payload, now=now)

    def _explain(self, each: SourcedMovement) -> None:
        """Sync what moved. What is still not booked then is nobody's: it goes to suspense, unless it is too early."""
        state = self.look_into(each.source_kind, each.source_id) if each.source_id else None
        now = self.clock()
        if stays_unexplained(state, now - each.movement.created_at):
            with self.work() as session:
                suspense.keep(session, each.movement, now)


def _since(
    session: Session,
    now: datetime,
    back: timedelta | None,
    first_asked_at: Callable[[Session], datetime | None],
    *,
    further: bool,
) -> datetime:
    """Return from where to read, and note from where on the provider's books are ours, the first time or `further`."""
    begin, cursor = _moment(session, BEGIN), _moment(session, CURSOR)
    if begin is None:
        first = first_asked_at(session)
        begin = first - OVERLAP if first else now
        keep_fact(session, BEGIN, begin.isoformat(), now)
    wanted = now - back if back else (cursor or now) - OVERLAP
    if further and wanted < begin:
        begin = wanted
        keep_fact(session, BEGIN, begin.isoformat(), now)
    return max(wanted, begin) if back or cursor else begin


def read_from(session: Session, now: datetime) -> datetime:
    """Return from where the next sweep will read."""
    return max((_moment(session, CURSOR) or now) - OVERLAP, _moment(session, BEGIN) or now)


def _moment(session: Session, name: str) -> datetime | None:
    fact = queries.fact(session, name)
    return datetime.fromisoformat(fact.value) if fact else None


def keep_fact(session: Session, name: str, value: str, now: datetime) -> None:
    """Note something about the provider, in place of what was noted before."""
    insert_ignoring(session, PaymentFact, {"name": name, "value": value, "noted_at": now})
    session.execute(update(PaymentFact).where(PaymentFact.name == name).values(value=value, noted_at=now))
