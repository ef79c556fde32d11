"""The systemd units: what systemd itself says about them, and their own command lines really run."""

import http.client
import os
import re
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.deploy.install import FOLDER, UNITS, Install, Running, setting
from tests.journeys.stack import answers
from tests.waiting import free_port, wait_for

ANALYZE = shutil.which("systemd-analyze")
# Of 10, where 10 is no protection at all. What is left is what a site needs: the network, files, threads.
EXPOSED_AT_MOST = 2.0
SIGN = "/campaigns/five-days-in-bessemer/sign"

analyzed = pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze on this machine")
each_unit = pytest.mark.parametrize("unit", UNITS)


def analyze(*arguments: str) -> str:
    """Return all that systemd-analyze says; it has to end well."""
    done = subprocess.run([str(ANALYZE), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def copied(unit: str, install: Install, folder: Path, changed: tuple[str, str] = ("", "")) -> str:
    """Return the path of the unit as it reads for `install`."""
    name = UNITS[unit].name.replace("@.", "@1.")
    copy = folder / name
    copy.write_text(install.moved(UNITS[unit].read_text()).replace(*changed))
    return str(copy)


@analyzed
@each_unit
def test_systemd_finds_nothing_wrong_with_the_unit(unit: str, install: Install, tmp_path: Path) -> None:
    said = analyze("verify", "--man=no", copied(unit, install, tmp_path))
    assert [line for line in said.splitlines() if UNITS[unit].stem.rstrip("@") in line] == []


@analyzed
@each_unit
def test_systemd_would_find_what_is_wrong(unit: str, install: Install, tmp_path: Path) -> None:
    path = copied(unit, install, tmp_path, ("PrivateTmp=yes", "PrivateTemp=yes"))
    done = subprocess.run([str(ANALYZE), "verify", "--man=no", path], capture_output=True, text=True, check=False)
    assert "PrivateTemp" in done.stderr


@analyzed
@each_unit
def test_the_unit_is_shut_in(unit: str, install: Install, tmp_path: Path) -> None:
    if "--offline" not in analyze("--help"):
        pytest.skip("this systemd-analyze looks at running units only")
    copy = copied(unit, install, tmp_path)
    said = analyze("security", "--offline=yes", "--no-pager", f"--threshold={EXPOSED_AT_MOST * 10:.0f}", copy)
    score = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert score
    assert float(score[1]) <= EXPOSED_AT_MOST


@each_unit
def test_the_unit_may_write_where_the_site_keeps_its_files(unit: str) -> None:
    assert setting(UNITS[unit], "ReadWritePaths") == f"{FOLDER}/instance"
    assert setting(UNITS[unit], "ProtectSystem") == "strict"


def files_of(install: Install) -> dict[str, tuple[int, int]]:
    """Return size and time of each file of the install, but for the folder that a unit may write to."""
    everything = [Path(root, name) for root, _, names in os.walk(install.folder) for name in names]
    ours = [path for path in everything if "instance" not in path.parts and path.suffix != ".pyc"]
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in ours}


def test_web_and_worker_answer_work_and_stop_when_told_to(install: Install) -> None:
    port, before = free_port(), files_of(install)
    with install.web(port) as web, install.running("worker") as worker:
        assert answers(f"http://127.0.0.1:{port}{SIGN}")
        wait_for(lambda: has_worked(install), "the worker counts")
        for running in (worker, web):
            running.is_told(signal.SIGTERM)
            assert running.ends() == 0, running.log.read_text()
    assert files_of(install) == before


def has_worked(install: Install) -> bool:
    """Tell whether a worker has been at work: it is who writes down when what is due next."""
    with closing(sqlite3.connect(install.folder / "instance" / "undersigned.sqlite3")) as database:
        return bool(database.execute("SELECT 1 FROM schedule WHERE key = 'signatures.count'").fetchone())


def test_a_stopping_web_server_finishes_what_it_has_begun(install: Install) -> None:
    port, body = free_port(), b"name=&email="
    with install.web(port) as web, socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(
            f"POST {SIGN} HTTP/1.1\r\nHost: example.org\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        assert line.recv(1000).startswith(b"HTTP/1.1 100")  # the site asks for the body: it is at work
        web.is_told(signal.SIGTERM)
        wait_for(lambda: not listens(port), "nobody else is let in")
        line.sendall(body)
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert answer.status == 422
        assert b"<form" in answer.read()
        assert web.ends() == 0


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_an_idle_visitor_does_not_hold_up_the_stop(install: Install) -> None:
    port = free_port()
    with install.web(port) as web, socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: example.org\r\n\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 200")
        web.is_told(signal.SIGTERM)
        assert web.ends() == 0


def test_a_reload_replaces_each_process_and_the_site_stays(install: Install) -> None:
    port = free_port()
    command = shlex.split(setting(UNITS["web"], "ExecReload"))
    assert command[-1] == "$MAINPID"
    with install.web(port) as web:
        before = web.children()
        subprocess.run([*command[:-1], str(web.process.pid)], check=True)
        wait_for(lambda: not web.children() & before, "the former processes are gone")
        web.says("Started worker-", times=4)
        assert answers(f"http://127.0.0.1:{port}/readyz")
        web.is_told(signal.SIGTERM)
        assert web.ends() == 0


def test_a_dead_process_of_the_web_server_is_replaced(install: Install) -> None:
    port = free_port()
    with install.web(port) as web:
        os.kill(serving(web), signal.SIGKILL)
        web.says("Started worker-", times=3)
        assert answers(f"http://127.0.0.1:{port}/readyz")
        web.is_told(signal.SIGTERM)
        assert web.ends() == 0


def serving(web: Running) -> int:
    """Return one process that serves: the newest, for a helper of Python's may stand before it."""
    return max(web.children())
