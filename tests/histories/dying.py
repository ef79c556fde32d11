"""What a process of the site does until it is killed: run as a process of its own, on the database of a test."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from campaigns.adapters.stripe_client import connect
from campaigns.db import make_engine
from tests.faults.forked import PROCESSES
from tests.faults.launcher import WROTE, note_writes
from tests.histories.site import Site, Ticking


@dataclass(frozen=True, slots=True)
class Life:
    """One process: where its site is, what time it is, what it does, and at which commit it dies (0: at none).

    `moment` is before or after: the commit is undone, or done without anybody hearing of it.
    """

    url: str
    instance: Path
    provider: str
    now: datetime
    act: str
    given: dict[str, Any] = field(default_factory=dict)
    moment: str = "before"
    number: int = 0


def lived_through(life: Life) -> bool:
    """Run a process; return whether it came to its end alive. Raises AssertionError where it failed in another way."""
    process = PROCESSES.Process(target=_live, args=(life,))
    process.start()
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL), f"{life.act} ended with {process.exitcode}"
    return process.exitcode == 0


def _live(life: Life) -> None:
    if life.number:
        note_writes()
        _arm(life.moment, life.number)
    site = Site.of(
        make_engine(life.url),
        life.url,
        life.instance,
        connect("sk_test_nobody", life.provider),
        Ticking(lambda: life.now),
    )
    ACTS[life.act](site, life.given)


def _arm(moment: str, number: int) -> None:
    seen = 0

    def die_at_the_nth(session: Session) -> None:
        nonlocal seen
        if session.info.get(WROTE):
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Session, f"{moment}_commit", die_at_the_nth)


def _give(site: Site, form: dict[str, Any]) -> None:
    answer = site.give(**form)
    assert answer.status_code == 303, answer.text


def _ring(site: Site, letters: dict[str, Any]) -> None:
    for body, signature in letters["letters"]:
        assert site.hand_in(body, signature) == 200


def _work(site: Site, _given: dict[str, Any]) -> None:
    site.work()


def _sweep(site: Site, _given: dict[str, Any]) -> None:
    site.sweep()
    site.work()


ACTS: dict[str, Callable[[Site, dict[str, Any]], None]] = {"give": _give, "ring": _ring, "work": _work, "sweep": _sweep}
