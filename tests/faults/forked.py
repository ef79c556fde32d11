"""Processes that start in a twentieth of a second: forked from one that has imported the site and has no threads."""

import os
import sys
from collections.abc import Callable, Mapping
from multiprocessing import get_context
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any

from tests.journeys.stack import ROOT, SECONDS_TO_START

PROCESSES = get_context("forkserver")  # one for all of a run's tests, with one list
# What is imported only where it is used, too: a process that is to be killed soon should not spend its life on it.
PROCESSES.set_forkserver_preload(
    [
        "tests.faults.launcher",
        "tests.histories.dying",
        "campaigns.factory",
        "campaigns.adapters.stripe_checkout",
        "campaigns.adapters.printing.footers",
        "campaigns.adapters.printing.making",
        "campaigns.adapters.printing.weasy",
    ]
)


class Forked:
    """A process of its own session, as `Stack` holds them. `log` takes what it says."""

    def __init__(self, environment: Mapping[str, str], log: Path, run: Callable[..., object], *given: str) -> None:
        self._process = PROCESSES.Process(target=_begin, args=(dict(environment), log, run, given))
        self._process.start()
        self.pid = self._process.pid or 0

    def poll(self) -> int | None:
        """Return how it ended, or None while it lives."""
        return self._process.exitcode

    def wait(self, seconds: float = SECONDS_TO_START) -> int:
        """Return how it ended. Raises TimeoutExpired."""
        self._process.join(seconds)
        if self._process.exitcode is None:
            raise TimeoutExpired("a forked process", seconds)
        return self._process.exitcode


def said_by(environment: Mapping[str, str], folder: Path, run: Callable[..., object], *given: str) -> str:
    """Run something to its end in a process of its own; return what it printed."""
    log = folder / "said.log"
    log.unlink(missing_ok=True)
    status = Forked(environment, log, run, *given).wait()
    assert status == 0, log.read_text()
    return log.read_text()


def _begin(environment: dict[str, str], log: Path, run: Callable[..., object], given: tuple[Any, ...]) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    with log.open("ab") as file:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(file.fileno(), stream.fileno())
    run(*given)
