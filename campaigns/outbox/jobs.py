"""The worker: takes what is due, hands it to whoever knows the kind, settles what became of it."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy.orm import Session

from campaigns.db import Work
from campaigns.kernel.clock import Clock
from campaigns.kernel.ports import Mailer, MailNotAccepted, Message, Payload
from campaigns.outbox import operations, queries
from campaigns.outbox.operations import Claimed

log = logging.getLogger(__name__)

Job = Callable[[Payload], None]
MailBuilder = Callable[[Payload], Message]
Tick = Callable[[], None]


class Duty(Enum):
    """What workers may do now."""

    ALL = "all"
    NO_MAIL = "no mail"
    NOTHING = "nothing"


class Paused(Exception):
    """Workers have to rest. A job that is at work stops between two of its steps, and goes on later."""


def _always(_session: Session) -> Duty:
    return Duty.ALL


@dataclass(frozen=True, slots=True)
class Recurring:
    """A job that runs once per cluster every so often."""

    key: str
    every: timedelta
    run: Tick
    is_about_mail: bool = False


@dataclass(frozen=True, slots=True)
class Registry:
    """Who knows what to do with which kind; filled by the factory."""

    mails: Mapping[str, MailBuilder] = field(default_factory=dict)
    jobs: Mapping[str, Job] = field(default_factory=dict)
    recurring: tuple[Recurring, ...] = ()
    slow: frozenset[str] = frozenset()

    def kinds(self, duty: Duty) -> frozenset[str]:
        """Return each kind that can be worked on here, and may be."""
        if duty is Duty.NOTHING:
            return frozenset()
        return frozenset(self.jobs) | (frozenset(self.mails) if duty is Duty.ALL else frozenset())

    def turns(self, duty: Duty) -> tuple[Recurring, ...]:
        """Return the scheduled jobs that may run. What only queues mails waits while none is sent."""
        if duty is Duty.ALL:
            return self.recurring
        return tuple(turn for turn in self.recurring if duty is Duty.NO_MAIL and not turn.is_about_mail)


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker. Any number may run on any number of machines. `duty` says what it may do, asked before each step."""

    name: str
    work: Work
    reading: Work
    clock: Clock
    mailer: Mailer
    registry: Registry
    mail_domain: str
    duty: Callable[[Session], Duty] = _always

    def run_once(self) -> bool:
        """Run what is due of the schedule and one item; return whether there was anything."""
        with self.reading() as session:  # nobody who signs waits for a worker that only looks
            now = self.clock()
            duty = self.duty(session)
            later = queries.not_yet_due(session, now)
            has_item = queries.is_due(session, now, self.registry.kinds(duty))
        ran = [self._tick(recurring) for recurring in self.registry.turns(duty) if recurring.key not in later]
        return (has_item and self._run_item(duty)) or any(ran)

    def drain(self) -> int:
        """Run items until none is due; return how many."""
        count = 0
        while self._run_item(self._duty_now()):
            count += 1
        return count

    def _duty_now(self) -> Duty:
        with self.reading() as session:
            return self.duty(session)

    def _tick(self, recurring: Recurring) -> bool:
        with self.work() as session:
            mine = operations.take_turn(session, recurring.key, recurring.every, self.name, self.clock())
        if mine:
            _guarded(recurring.key, recurring.run)
        return mine

    def _run_item(self, duty: Duty) -> bool:
        kinds = self.registry.kinds(duty)
        if not kinds:
            return False
        with self.work() as session:
            claimed = operations.claim(session, self.name, self.clock(), kinds, self.registry.slow)
        if claimed is None:
            return False
        try:
            problem, final = self._try(claimed)
        except Paused:
            with self.work() as session:
                operations.put_back(session, claimed, self.clock())
        else:
            self._settle(claimed, problem, final, self.clock())
        return True

    def _settle(self, claimed: Claimed, problem: str, final: bool, now: datetime) -> None:
        with self.work() as session:
            if problem:
                operations.postpone(session, claimed, problem, now, final=final)
            else:
                operations.finish(session, claimed, now)

    def _try(self, claimed: Claimed) -> tuple[str, bool]:
        """Return (problem, is it final); an empty problem means that it is done. Raises Paused."""
        try:
            self._perform(claimed)
        except Paused:
            raise
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
        self.mailer.send(replace(message, message_id=f"<{claimed.id}@{self.mail_domain}>"))


def _guarded(key: str, run: Tick) -> None:
    try:
        run()
    except Paused:
        log.info("scheduled job rests", extra={"kind": key})
    except Exception:
        log.exception("scheduled job failed", extra={"kind": key})
