"""The worker: takes what is due, hands it to whoever knows the kind, settles what became of it."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from campaigns.db import Work
from campaigns.kernel.clock import Clock
from campaigns.kernel.ports import Mailer, MailNotAccepted, Message, Payload
from campaigns.outbox import operations, queries
from campaigns.outbox.operations import Claimed

log = logging.getLogger(__name__)

Job = Callable[[Payload], None]
MailBuilder = Callable[[Payload], Message]
Tick = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Recurring:
    """A job that runs once per cluster every so often."""

    key: str
    every: timedelta
    run: Tick


@dataclass(frozen=True, slots=True)
class Registry:
    """Who knows what to do with which kind; filled by the factory."""

    mails: Mapping[str, MailBuilder] = field(default_factory=dict)
    jobs: Mapping[str, Job] = field(default_factory=dict)
    recurring: tuple[Recurring, ...] = ()
    slow: frozenset[str] = frozenset()

    def kinds(self) -> frozenset[str]:
        """Return each kind that can be worked on here."""
        return frozenset(self.mails) | frozenset(self.jobs)


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker. Any number may run on any number of machines."""

    name: str
    work: Work
    reading: Work
    clock: Clock
    mailer: Mailer
    registry: Registry
    mail_domain: str

    def run_once(self) -> bool:
        """Run what is due of the schedule and one item; return whether there was anything."""
        with self.reading() as session:  # nobody who signs waits for a worker that only looks
            now = self.clock()
            later = queries.not_yet_due(session, now)
            has_item = queries.is_due(session, now, self.registry.kinds())
        ran = [self._tick(recurring) for recurring in self.registry.recurring if recurring.key not in later]
        return (has_item and self._run_item()) or any(ran)

    def drain(self) -> int:
        """Run items until none is due; return how many."""
        count = 0
        while self._run_item():
            count += 1
        return count

    def _tick(self, recurring: Recurring) -> bool:
        with self.work() as session:
            mine = operations.take_turn(session, recurring.key, recurring.every, self.name, self.clock())
        if mine:
            _guarded(recurring.key, recurring.run)
        return mine

    def _run_item(self) -> bool:
        with self.work() as session:
            claimed = operations.claim(session, self.name, self.clock(), self.registry.kinds(), self.registry.slow)
        if claimed is None:
            return False
        problem, final = self._try(claimed)
        self._settle(claimed, problem, final, self.clock())
        return True

    def _settle(self, claimed: Claimed, problem: str, final: bool, now: datetime) -> None:
        with self.work() as session:
            if problem:
                operations.postpone(session, claimed, problem, now, final=final)
            else:
                operations.finish(session, claimed, now)

    def _try(self, claimed: Claimed) -> tuple[str, bool]:
        """Return (problem, is it final); an empty problem means that it is done."""
        try:
            self._perform(claimed)
        except MailNotAccepted as refused:
            log.warning("mail not accepted", extra={"kind": claimed.kind, "item": str(claimed.id)})
            return type(refused).__name__, refused.final
        except Exception as failure:
            log.exception("outbox item failed", extra={"kind": claimed.kind, "item": str(claimed.id)})
            return type(failure).__name__, False
        return "", False

    def _perform(self, claimed: Claimed) -> None:
        if claimed.kind in self.registry.jobs:
            self.registry.jobs[claimed.kind](claimed.payload)
            return
        message = self.registry.mails[claimed.kind](claimed.payload)
        self.mailer.send(_identified(message, f"<{claimed.id}@{self.mail_domain}>"))


def _identified(message: Message, message_id: str) -> Message:
    return Message(message.to, message.subject, message.text, message.html, message_id, message.headers)


def _guarded(key: str, run: Tick) -> None:
    try:
        run()
    except Exception:
        log.exception("scheduled job failed", extra={"kind": key})
