"""What spans units of work: ask the provider outside any transaction, then take in the answer."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from campaigns.db import Work
from campaigns.kernel.clock import Clock
from campaigns.kernel.ports import Checkout, Payload, PaymentsUnavailable
from campaigns.payments import operations, queries
from campaigns.payments.booking import Handlers
from campaigns.payments.rules import State

log = logging.getLogger(__name__)
SWEEP_EVERY = timedelta(minutes=5)
SWEEP_AFTER = timedelta(minutes=2)
SWEEP_BATCH = 200


@dataclass(frozen=True, slots=True)
class Payments:
    """The payment flows with what the factory hands them."""

    work: Work
    checkout: Checkout
    handlers: Handlers
    clock: Clock
    livemode: bool

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
        """Job: sync the session behind an event's subject. Raises PaymentsUnavailable."""
        try:
            session_id = self.checkout.find_session(payload["kind"], payload["id"])
        except LookupError:
            log.warning("the provider knows no such object", extra={"kind": payload["kind"]})
            return
        if session_id is not None:
            self.sync(session_id)

    def sweep(self, older_than: timedelta = SWEEP_AFTER) -> int:
        """Sync every payment that no event has settled; return how many were looked at.

        One that cannot be taken in keeps no other waiting. Raises PaymentsUnavailable: the next sweep goes on.
        """
        with self.work() as session:
            waiting = queries.unsettled(session, self.clock(), older_than=older_than, limit=SWEEP_BATCH)
        for session_id in waiting:
            self._sync_or_log(session_id)
        return len(waiting)

    def _sync_or_log(self, session_id: str) -> None:
        try:
            self.sync(session_id)
        except PaymentsUnavailable:
            raise
        except Exception:
            log.exception("payment cannot be taken in", extra={"session": session_id})
