"""`make run` as a whole, around a site, a worker and a sandbox of a few lines each."""

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.waiting import free_port, wait_for
from tools import demo

TOOLS = Path(demo.__file__).parent
MARK = "UNDERSIGNED_TEST_RUN"
looks_into_proc = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc for what was left running")

SITE = """
import os, signal, sys
from pathlib import Path
import click
from flask import Flask
from flask.cli import AppGroup

app = Flask(__name__)
instance = Path(os.environ.get("INSTANCE_PATH", "instance"))
database, demo = AppGroup("database"), AppGroup("demo")
app.cli.add_command(database)
app.cli.add_command(demo)

@app.get("/healthz")
def health():
    return "ok"

@database.command("upgrade")
def upgrade():
    if os.environ.get("BROKEN") == "database":
        sys.exit("The database is not there.")
    (instance / "undersigned.sqlite3").touch()
    with (instance / "upgrades").open("a") as file:
        file.write("x")

@demo.command("load")
def load():
    print("organizer@example.org  a-fresh-password")

@app.cli.command("worker")
def worker():
    if os.environ.get("BROKEN") == "worker":
        sys.exit("The worker has no work.")
    signal.pause()
"""
SANDBOX = """
import asyncio, sys
ports = [sys.argv[n + 1] for n, word in enumerate(sys.argv) if word.endswith("-port")]

async def main():
    for port in ports:
        await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", int(port))
    await asyncio.Event().wait()

asyncio.run(main())
"""


class Demo:
    """One start of the demo in a folder of its own."""

    def __init__(self, root: Path, **settings: str) -> None:
        self.mark = f"{root}-{time.monotonic_ns()}"
        self.port = settings.pop("PORT", None) or str(free_port())
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment = {**inherited, **settings, "PORT": self.port, MARK: self.mark}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tools.demo"],
            cwd=root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said = ""

    def until_up(self) -> "Demo":
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if line.startswith("Ctrl-C"):
                return self
        raise AssertionError(self.said)

    def until_ended(self) -> int:
        self.said += self.process.communicate(timeout=30)[0]
        return self.process.returncode

    def left(self) -> list[str]:
        """Return the processes that this start has left behind."""
        return [command(pid) for pid in Path("/proc").iterdir() if pid.name.isdigit() and self._is_mine(pid)]

    def _is_mine(self, pid: Path) -> bool:
        try:
            return f"{MARK}={self.mark}".encode() in (pid / "environ").read_bytes().split(b"\0")
        except OSError:
            return False


def command(pid: Path) -> str:
    try:
        return (pid / "cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""  # it has ended meanwhile


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "a folder with spaces"
    (root / "sandbox").mkdir(parents=True)
    (root / "migrations").mkdir()
    shutil.copytree(TOOLS, root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "campaigns").mkdir()
    shutil.copy(TOOLS.parent / "campaigns" / "settings.py", root / "campaigns")
    shutil.copytree(TOOLS.parent / "campaigns" / "kernel", root / "campaigns" / "kernel")  # what settings are read by
    (root / "app.py").write_text(SITE)
    (root / "sandbox" / "__main__.py").write_text(SANDBOX)
    return root


@pytest.fixture
def alone() -> Iterator[None]:
    """One demo at a time on this machine: each looks for free ports first and takes them later."""
    with (Path(tempfile.gettempdir()) / "undersigned-demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def start(root: Path, alone: None) -> Iterator[Callable[..., Demo]]:
    started: list[Demo] = []

    def start_demo(**settings: str) -> Demo:
        started.append(Demo(root, **settings))
        return started[-1]

    yield start_demo
    for each in started:
        each.process.terminate()
        each.process.wait(20)
        if each.process.stdout:
            each.process.stdout.close()


def test_a_newcomer_reads_where_everything_is_and_signs_in(start: Callable[..., Demo], root: Path) -> None:
    up = start().until_up()
    assert f"http://localhost:{up.port}" in up.said
    assert len(re.findall(r"http://localhost:\d+", up.said)) == 3
    assert "organizer@example.org  a-fresh-password" in up.said
    kept = root / "instance" / "demo-sign-ins.txt"
    assert kept.read_text() == "organizer@example.org  a-fresh-password\n"
    assert kept.stat().st_mode & 0o077 == 0


@looks_into_proc
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_told_to_stop_it_leaves_nothing_running(start: Callable[..., Demo], number: signal.Signals) -> None:
    up = start().until_up()
    assert len(up.left()) >= 4
    up.process.send_signal(number)
    assert up.until_ended() == 0
    assert up.left() == []


@looks_into_proc
def test_a_ctrl_c_that_reaches_all_of_its_group_is_the_same(start: Callable[..., Demo]) -> None:
    up = start().until_up()
    os.killpg(up.process.pid, signal.SIGINT)
    assert up.until_ended() == 0
    assert up.left() == []


@looks_into_proc
def test_killed_outright_it_leaves_nothing_running_either(start: Callable[..., Demo]) -> None:
    up = start().until_up()
    up.process.kill()
    wait_for(lambda: not up.left())


def test_a_second_start_leaves_the_database_alone_and_says_where_the_sign_ins_are(
    start: Callable[..., Demo], root: Path
) -> None:
    for _ in range(2):
        up = start().until_up()
        up.process.send_signal(signal.SIGINT)
        up.until_ended()
    assert (root / "instance" / "upgrades").read_text() == "x"
    assert "a-fresh-password" not in up.said
    assert "instance/demo-sign-ins.txt" in up.said


@pytest.mark.parametrize("change", ["migration", "database"])
def test_a_new_migration_or_a_new_database_is_seen_to(start: Callable[..., Demo], root: Path, change: str) -> None:
    up = start().until_up()
    up.process.send_signal(signal.SIGINT)
    up.until_ended()
    if change == "migration":
        (root / "migrations" / "0002.py").write_text("")
    else:
        (root / "instance" / "undersigned.sqlite3").unlink()
    start().until_up()
    assert (root / "instance" / "upgrades").read_text() == "xx"


@looks_into_proc
def test_a_child_that_ends_takes_the_others_with_it_and_says_why(start: Callable[..., Demo]) -> None:
    ended = start(BROKEN="worker")
    assert ended.until_ended() == 1
    assert "The worker has ended by itself, so all was stopped." in ended.said
    assert "instance/log/worker.log:\nThe worker has no work." in ended.said
    assert ended.left() == []


def test_a_database_that_is_not_there_is_said_in_one_sentence(start: Callable[..., Demo]) -> None:
    ended = start(BROKEN="database")
    assert ended.until_ended() == 1
    assert ended.said.splitlines()[1:] == [
        "`flask --app app database upgrade` failed; instance/log/setup.log has it all.",
        "The database is not there.",
    ]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SITE_URL", "http://example.org", "SITE_URL must begin with https://"),
        ("STRIPE_SECRET_KEY", "sk_test_mine", "Set STRIPE_WEBHOOK_SECRET"),
        ("TRUSTED_PROXIES", "some", "TRUSTED_PROXIES must be a whole number."),
    ],
)
def test_a_wrong_setting_is_one_sentence(start: Callable[..., Demo], name: str, value: str, sentence: str) -> None:
    ended = start(**{name: value})
    assert ended.until_ended() == 1
    assert len(ended.said.splitlines()) == 1
    assert sentence in ended.said


def test_a_busy_port_is_one_sentence(start: Callable[..., Demo]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = start(PORT=str(server.getsockname()[1]))
        assert ended.until_ended() == 1
    assert len(ended.said.splitlines()) == 1


def test_a_folder_that_cannot_be_written_to_is_one_sentence(start: Callable[..., Demo], root: Path) -> None:
    (root / "instance").write_text("a file stands in the way")
    ended = start()
    assert ended.until_ended() == 1
    assert len(ended.said.splitlines()) == 1
    assert "Traceback" not in ended.said
