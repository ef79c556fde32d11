"""Processes that are started together and end together, with whatever they have started themselves.

Each gets a session of its own, so that a Ctrl-C at the terminal reaches only the one that started them, which then
ends them in order. On Linux each is also told when that one dies, however it dies.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
LOOK_AGAIN_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Child:
    """A started process; all that it says goes into `log`."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def has_ended(self) -> bool:
        """Return whether it is gone."""
        return self.process.poll() is not None

    def last_lines(self, count: int = 12) -> str:
        """Return the end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])


def start(name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> Child:
    """Start `command` in `folder`, in a session of its own, with a fresh `log`. Raises OSError."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_tie_to_this_process(),  # noqa: PLW1509  (no threads here)
        )
    return Child(name, process, log)


def _tie_to_this_process() -> Callable[[], None] | None:
    """Return what a child runs before its program, so that it is asked to end when this process is gone."""
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it was gone before it could be asked for
            os._exit(1)

    return tie


def end(children: Sequence[Child], patience_seconds: float) -> None:
    """Ask each child to end, wait for all, then kill what is left of them and of what they started."""
    try:
        for child in children:
            _signal(child, os.kill, signal.SIGTERM)
        _wait(children, patience_seconds)
    finally:
        for child in children:
            _signal(child, os.killpg, signal.SIGKILL)
            child.process.wait()


def _signal(child: Child, send: Callable[[int, int], None], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS answers the latter for the dead
        if send is os.killpg or not child.has_ended():
            send(child.process.pid, number)


def _wait(children: Sequence[Child], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit and not all(child.has_ended() for child in children):
        time.sleep(LOOK_AGAIN_SECONDS)
