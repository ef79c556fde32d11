"""flask --app app worker: stops when it is told, after the item at hand."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from campaigns.cli import worker
from campaigns.kernel.clock import utc_now
from campaigns.outbox.models import DONE, DUE, OutboxItem
from tests.make import ENVIRONMENT, World
from tests.waiting import free_port, wait_for

ROOT = Path(__file__).resolve().parents[2]


class SlowPost:
    """A mail server that keeps its first sender waiting until the test lets it go."""

    def __init__(self) -> None:
        self.came = threading.Event()
        self.let_go = threading.Event()

    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:
        self.came.set()
        await asyncio.get_running_loop().run_in_executor(None, self.let_go.wait, 30)
        return "250 taken"


@pytest.fixture
def post() -> Iterator[tuple[SlowPost, str]]:
    handler = SlowPost()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    yield handler, f"smtp://127.0.0.1:{port}"
    handler.let_go.set()
    controller.stop()


@contextmanager
def a_worker(world: World, folder: Path, **settings: str) -> Iterator[subprocess.Popen[str]]:
    url = world.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    environment = (
        ENVIRONMENT | settings | {"DATABASE_URL": url, "INSTANCE_PATH": str(folder), "PATH": os.environ["PATH"]}
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "worker"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait(30)
        assert process.stdout
        process.stdout.close()


def states(world: World) -> list[str]:
    with world.reading() as session:
        return sorted(session.scalars(select(OutboxItem.state)))


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_finishes_the_mail_in_its_hand_and_takes_no_other(
    sqlite_world: World, tmp_path: Path, post: tuple[SlowPost, str], told: signal.Signals
) -> None:
    server, url = post
    sqlite_world.clock.now = utc_now()
    sqlite_world.publish()
    for email in ("first@example.org", "second@example.org"):
        sqlite_world.sign(email=email)
    with a_worker(sqlite_world, tmp_path, SMTP_URL=url) as process:
        assert server.came.wait(60)
        process.send_signal(told)
        assert states(sqlite_world) == [DUE, DUE]
        server.let_go.set()
        assert process.wait(30) == 0
        assert "Traceback" not in process.communicate()[0]
    assert states(sqlite_world) == [DONE, DUE]


def test_an_idle_worker_stops_at_once(sqlite_world: World, tmp_path: Path) -> None:
    with a_worker(sqlite_world, tmp_path) as process:
        schedule = OutboxItem.metadata.tables["schedule"]

        def is_at_work() -> bool:
            with sqlite_world.reading() as session:
                return bool(session.scalar(select(func.count()).where(schedule.c.leased_by.is_not(None))))

        wait_for(is_at_work)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_what_is_due_can_be_worked_on_once_without_staying(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign()
    result = sqlite_world.app.test_cli_runner().invoke(args=["outbox", "run"])
    assert (result.exit_code, result.output) == (0, "Items worked on: 1\n")
    assert len(sqlite_world.mailer.sent) == 1
    assert sqlite_world.app.test_cli_runner().invoke(args=["outbox", "run"]).output == "Items worked on: 0\n"


class AwayOnce:
    """A worker whose database is away the first time, and who is told to stop the second."""

    def __init__(self, stopping: threading.Event) -> None:
        self.tries = 0
        self.stopping = stopping

    def run_once(self) -> bool:
        self.tries += 1
        if self.tries == 1:
            raise OperationalError("SELECT 1", {}, Exception("gone"))
        self.stopping.set()
        return True


def test_a_worker_waits_for_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "AWAY_SECONDS", 0.0)
    stopping = threading.Event()
    flaky: Any = AwayOnce(stopping)
    worker.run_until(flaky, stopping)
    assert flaky.tries == 2
