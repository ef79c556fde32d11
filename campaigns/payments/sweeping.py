"""What no event told us: events that did not arrive, and the provider's own books from where we last read them."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaigns.db import Work
from campaigns.kernel.clock import Clock
from campaigns.kernel.ports import Books, PaymentsUnavailable, SourcedMovement
from campaigns.ledger import queries as journal
from campaigns.outbox import operations as outbox
from campaigns.payments import operations, queries, suspense
from campaigns.payments.alarms import alarm
from campaigns.payments.models import PaymentFact
from campaigns.payments.rules import State, Word, stays_unexplained

log = logging.getLogger(__name__)
EVENTS_KEPT = timedelta(days=30)  # by the provider (docs.stripe.com/api/events/list)
OVERLAP = timedelta(hours=48)
MONTH = timedelta(days=31)
MOVEMENT_JOB = "payments.movement"
CURSOR = "movements"


@dataclass(frozen=True, slots=True)
class Sweep:
    """One pass. `look_into` syncs what is behind an object and returns the state of its payment."""

    work: Work
    books: Books
    clock: Clock
    look_into: Callable[[str, str], State | None]
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

    def movements(self, back: timedelta | None = None) -> None:
        """Take in the balance transactions since the last sweep and 48 hours before it, or since `back`.

        Only when all of them were taken in, or handed to a job of their own, the next sweep begins here.
        """
        began = self.clock()
        with self.work() as session:
            since = began - back if back else _since(session, began)
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
        except PaymentsUnavailable:
            raise
        except Exception:
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


def _since(session: Session, now: datetime) -> datetime:
    """Return from where to read: 48 hours before the last sweep, or before the first payment was prepared."""
    cursor = queries.fact(session, CURSOR)
    begin = datetime.fromisoformat(cursor.value) if cursor else queries.first_payment_at(session) or now
    return begin - OVERLAP


def keep_fact(session: Session, name: str, value: str, now: datetime) -> None:
    """Note something about the provider, in place of what was noted before."""
    session.merge(PaymentFact(name=name, value=value, noted_at=now))
