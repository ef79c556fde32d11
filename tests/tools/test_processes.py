"""Processes that were started together end together, however stubborn they are."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.waiting import wait_for
from tools import processes
from tools.processes import Child

ENDS_WHEN_ASKED = "import signal, time; print('up', flush=True); signal.pause()"
IGNORES_THE_REQUEST = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\nwhile True: signal.pause()"
)
HAS_A_CHILD_OF_ITS_OWN = f"""
import signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {IGNORES_THE_REQUEST!r}], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
signal.pause()
"""
ENDS_BY_ITSELF = "print('first'); print('last words'); raise SystemExit(3)"


def runs(pid: int) -> bool:
    """Return whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Child]]:
    started: list[Child] = []

    def start_python(program: str) -> Child:
        log = tmp_path / f"{len(started)}.log"
        child = processes.start("child", [sys.executable, "-c", program], os.environ, tmp_path, log)
        started.append(child)
        return child

    yield start_python
    processes.end(started, 0)


def test_a_child_that_is_asked_to_end_ends(start: Callable[[str], Child]) -> None:
    child = start(ENDS_WHEN_ASKED)
    wait_for(child.last_lines)
    processes.end([child], 20)
    assert child.process.returncode == -signal.SIGTERM


def test_a_child_that_does_not_listen_is_killed(start: Callable[[str], Child]) -> None:
    child = start(IGNORES_THE_REQUEST)
    wait_for(child.last_lines)
    processes.end([child], 0.1)
    assert child.process.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_what_a_child_has_started_goes_with_it(start: Callable[[str], Child]) -> None:
    child = start(HAS_A_CHILD_OF_ITS_OWN)
    wait_for(child.last_lines)
    grandchild = int(child.last_lines())
    processes.end([child], 20)
    wait_for(lambda: not runs(grandchild))


def test_ending_twice_is_harmless(start: Callable[[str], Child]) -> None:
    child = start(ENDS_WHEN_ASKED)
    processes.end([child], 20)
    processes.end([child], 20)


def test_a_child_that_ended_is_noticed_and_its_last_words_are_kept(start: Callable[[str], Child]) -> None:
    child = start(ENDS_BY_ITSELF)
    wait_for(child.has_ended)
    assert child.process.returncode == 3
    assert child.last_lines(1) == "last words"


def test_a_child_is_out_of_reach_of_the_terminals_ctrl_c(start: Callable[[str], Child]) -> None:
    child = start(ENDS_WHEN_ASKED)
    assert os.getsid(child.process.pid) == child.process.pid != os.getsid(0)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own promise, and only Linux makes it")
def test_children_end_when_the_one_who_started_them_is_killed(tmp_path: Path) -> None:
    program = f"""
import os, signal, sys
from pathlib import Path
from tools import processes
child = processes.start("child", [sys.executable, "-c", {ENDS_WHEN_ASKED!r}], os.environ, Path("."), Path(sys.argv[1]))
print(child.process.pid, flush=True)
signal.pause()
"""
    command = [sys.executable, "-c", program, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(processes.__file__).parent.parent) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert runs(child)
        parent.kill()
    wait_for(lambda: not runs(child))
