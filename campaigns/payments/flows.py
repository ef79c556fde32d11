"""What spans units of work: ask the provider outside any transaction, then take in the answer."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from campaigns.db import Work
from campaigns.kernel.clock import Clock
from campaigns.kernel.ports import Checkout, Payload
from campaigns.payments import operations, queries
from campaigns.payments.operations import Handlers
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
        remote = self.checkout.fetch_session(session_id)
        with self.work() as session:
            state = operations.take_in(session, remote, self.handlers, livemode=self.livemode, now=self.clock())
        if state is State.PARKED:
            log.error("payment does not match what was asked; parked for the treasurer", extra={"session": session_id})
        if state is None:
            log.warning("a session that is not ours", extra={"session": session_id})
        return state

    def sync_subject(self, payload: Payload) -> None:
        """Job: sync the session behind an event's subject. Raises PaymentsUnavailable."""
        session_id = self.checkout.find_session(payload["kind"], payload["id"])
        if session_id is not None:
            self.sync(session_id)

    def sweep(self, older_than: timedelta = SWEEP_AFTER) -> int:
        """Sync every payment that no event has settled; return how many were looked at."""
        with self.work() as session:
            waiting = queries.unsettled(session, self.clock(), older_than=older_than, limit=SWEEP_BATCH)
        for session_id in waiting:
            self.sync(session_id)
        return len(waiting)
