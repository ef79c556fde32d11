"""What spans units of work: ask the provider outside any transaction, then take in the answer."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from campaigns.db import Work
from campaigns.kernel.clock import Clock
from campaigns.kernel.ports import Books, Checkout, Payload, PaymentsUnavailable, is_away
from campaigns.payments import operations, payouts, queries
from campaigns.payments.alarms import alarm
from campaigns.payments.booking import Handlers
from campaigns.payments.rules import State, Word
from campaigns.payments.sweeping import Sweep

log = logging.getLogger(__name__)
SWEEP_EVERY = timedelta(minutes=5)
MONTH_EVERY = timedelta(days=1)
SWEEP_AFTER = timedelta(minutes=2)
SWEEP_BATCH = 200


class Monthly(Protocol):
    """What is paid again and again through the same provider: asked first, for a charge of its own looks like ours."""

    def look_into(self, kind: str, object_id: str) -> State | None:
        """Sync what is behind an object; return the state of its payment, None where it is nothing monthly."""

    def first_asked_at(self, session: Session) -> datetime | None:
        """Return when anything was first asked for, None where nothing was."""

    def sweep(self, older_than: timedelta) -> int:
        """Take in what no event has told us; return how much was looked at."""


@dataclass(frozen=True, slots=True)
class Payments:
    """The payment flows with what the factory hands them. There are no books where no payment key is set."""

    work: Work
    checkout: Checkout
    handlers: Handlers
    clock: Clock
    livemode: bool
    books: Books | None
    monthly: Monthly

    def sync(self, session_id: str) -> State | None:
        """Fetch a session and take in what it says; idempotent. Raises PaymentsUnavailable."""
        try:
            remote = self.checkout.fetch_session(session_id)
        except LookupError:
            log.warning("the provider knows no such session", extra={"session": session_id})
            return None
        with self.work() as session:
            state = operations.take_in(session, remote, self.handlers, livemode=self.livemode, now=self.clock())
        if state is State.PARKED:
            log.error("payment does not match what was asked; parked for the treasurer", extra={"session": session_id})
        if state is None:
            log.warning("a session that is not ours", extra={"session": session_id})
        return state

    def sync_subject(self, payload: Payload) -> None:
        """Job: sync what an event is about. Raises PaymentsUnavailable."""
        self.look_into(payload["kind"], payload["id"])

    def look_into(self, kind: str, object_id: str) -> State | None:
        """Sync what is behind an object of the provider's; return the state of its payment, None where it has none.

        Raises PaymentsUnavailable.
        """
        try:
            if kind == "payout":
                self._sync_payout(object_id)
                return None
            if state := self.monthly.look_into(kind, object_id):
                return state
            root = self.checkout.find_root(kind, object_id)
        except LookupError:
            log.warning("the provider knows no such object", extra={"kind": kind})
            return None
        if root is None:
            return None
        state = self.sync(root.id)
        if kind == "radar.early_fraud_warning" and state:
            self._warn(object_id, root.id)
        return state

    def _open_books(self) -> Books:
        if self.books is None:
            raise PaymentsUnavailable("no payment key is set")
        return self.books

    def _sync_payout(self, payout_id: str) -> None:
        remote = self._open_books().fetch_payout(payout_id)
        with self.work() as session:
            payouts.take_in(session, remote, self.clock())

    def _warn(self, warning_id: str, session_id: str) -> None:
        """A bank calls a payment fraudulent: the treasurer may give it back before it is disputed."""
        with self.work() as session:
            payment_id = queries.id_of_session(session, session_id)
            alarm(session, Word.FRAUD_WARNING, warning_id, self.clock(), payment_id=payment_id)

    def sweep(
        self, older_than: timedelta = SWEEP_AFTER, back: timedelta | None = None, *, further: bool = False
    ) -> int:
        """Take in everything that no event has told us; return how many payments were looked at.

        `back` reads the provider's books so far back, instead of from where the last sweep ended; with `further` also
        what moved before this site began.
        One thing that cannot be taken in keeps no other waiting. Raises PaymentsUnavailable: the next sweep goes on.
        """
        if self.books is None:
            return self._sweep_payments(older_than)
        sweep = self._pass(self.books)
        sweep.account()
        sweep.events()
        count = self._sweep_payments(older_than) + self.monthly.sweep(older_than)
        sweep.movements(back, further=further)
        return count

    def sweep_movement(self, payload: Payload) -> None:
        """Job: take in one balance transaction that a sweep stumbled over. Raises PaymentsUnavailable."""
        self._pass(self._open_books()).again(payload["id"])

    def _pass(self, books: Books) -> Sweep:
        return Sweep(self.work, books, self.clock, self.look_into, self._first_asked_at, self.livemode)

    def _first_asked_at(self, session: Session) -> datetime | None:
        moments = (queries.first_payment_at(session), self.monthly.first_asked_at(session))
        return min((moment for moment in moments if moment), default=None)

    def _sweep_payments(self, older_than: timedelta) -> int:
        count, place = 0, None
        with self.work() as session:
            operations.close_unopened(session, self.clock())
        while True:
            with self.work() as session:
                waiting = queries.unsettled(
                    session, self.clock(), older_than=older_than, after=place, limit=SWEEP_BATCH
                )
            for one in waiting:
                self._sync_or_log(one.session_id)
            count += len(waiting)
            if len(waiting) < SWEEP_BATCH:
                return count
            place = waiting[-1].place

    def _sync_or_log(self, session_id: str) -> None:
        try:
            self.sync(session_id)
        except Exception as problem:
            if is_away(problem):
                raise
            log.exception("payment cannot be taken in", extra={"session": session_id})
