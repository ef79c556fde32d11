"""Ports for servers that are still to start, and waiting for a fact: a test that runs beside others has both here."""

import itertools
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeVar

# Below those that the kernel gives out by itself, and other ones for each process of a run.
FIRST_PORT, PORTS_EACH = 12_000, 2_000
SECONDS = 60
BETWEEN_LOOKS = 0.02

T = TypeVar("T")


def _ports() -> Iterator[int]:
    """From anywhere in the row, as there may be another run beside this one."""
    row = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 9
    first, begin = FIRST_PORT + row * PORTS_EACH, secrets.randbelow(PORTS_EACH)
    return itertools.cycle(first + (begin + number) % PORTS_EACH for number in range(PORTS_EACH))


_PORTS = _ports()


def free_port() -> int:
    """Return a port of this machine that nobody listens on, and that no other call has returned lately."""
    for port in itertools.islice(_PORTS, PORTS_EACH):
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def wait_for(fact: Callable[[], T], what: str = "it", seconds: float = SECONDS) -> T:
    """Return the first true answer of `fact`; fail when there is none in time.

    A server that does not answer yet, or a file that is not there yet, is no answer: it is asked again.
    """
    deadline, last = time.monotonic() + seconds, None
    while time.monotonic() < deadline:
        try:
            if answer := fact():
                return answer
        except OSError as error:
            last = error
        time.sleep(BETWEEN_LOOKS)  # between two looks at a fact, not instead of one
    raise AssertionError(f"not within {seconds} s: {what}") from last
