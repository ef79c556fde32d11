"""A web server that is told to stop finishes every request at hand, takes no other, and ends with code 0.

Started as the makefile, the handbook and the systemd unit start it. What keeps the requests at hand is outside of
the site: a payment provider whose answers a gate holds back, or a table that somebody has locked.
"""

import os
import re
import shlex
import signal
import socket
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from campaigns.db.engine import BUSY_MILLISECONDS
from tests.databases import drop_database, fresh_database
from tests.fakes.gate import Gate
from tests.journeys.stack import ROOT, Stack, answers, prepared_site
from tests.make import GIVE, SIGN
from tests.waiting import free_port, wait_for
from tools import demo
from tools.demo_plan import Plan

SLUG = "reinstate-connor-spence"
PEOPLE = 6
SERVING = "tokio-rt-worker"  # the thread that a worker of granian starts when the site is loaded
SECONDS_TO_END = 20  # once the last request is answered; a tenth of a second where nothing else runs

pytestmark = pytest.mark.prove


def makefile(stack: Stack) -> Sequence[str]:
    plan = Plan("127.0.0.1", free_port(), stack.folder, "", None, None, None, stack.environment)
    return demo.web_command(plan)[1:]


def written(place: str) -> Callable[[Stack], Sequence[str]]:
    """The command as it stands in a file of the handbook, on a free port."""

    def command(_stack: Stack) -> Sequence[str]:
        line = re.search(r"granian (--interface wsgi .*)", (ROOT / place).read_text())
        assert line, f"no command in {place}"
        return "-m", "granian", *shlex.split(re.sub(r"--port \d+", f"--port {free_port()}", line[1]))

    return command


COMMANDS = {
    "make run": makefile,
    "docs/operate.md": written("docs/operate.md"),
    "systemd": written("docs/deploy/undersigned-web.service"),
}
TELLS: dict[str, Callable[[int, int], None]] = {"the process": os.kill, "all of its group": os.killpg}


def serving(server: int) -> list[str]:
    """The workers of a web server that take requests: one that is still starting hears no signal before it serves."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return [child for child in children if SERVING in threads_of(child)]


def threads_of(process: str) -> set[str]:
    names = set()
    with suppress(OSError):  # a thread, or the process, has ended meanwhile
        for thread in Path(f"/proc/{process}/task").iterdir():
            names.add((thread / "comm").read_text().strip())
    return names


class Server:
    """A web server that was started with a command of the project."""

    def __init__(self, stack: Stack, command: Sequence[str]) -> None:
        self.port = int(command[command.index("--port") + 1])
        stack.start("web", *command)
        self.process = stack.processes["web"]
        wait_for(lambda: answers(f"http://127.0.0.1:{self.port}/healthz"), "the web server answers")
        workers = int(command[command.index("--workers") + 1])
        wait_for(lambda: len(serving(self.process.pid)) == workers, "each of its workers serves")

    def post(self, path: str, fields: dict[str, str]) -> tuple[int, str]:
        """Return status and Location."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", path, urllib.parse.urlencode(fields), kind)
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.getheader("Location", "")

    def keeps_a_connection(self) -> HTTPConnection:
        """A browser that was answered and stays on the line."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", "/healthz")
        assert connection.getresponse().read()
        return connection

    def refuses(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 5).close()
        except ConnectionRefusedError:
            return True
        except ConnectionResetError:  # the door was closed while somebody stood in it: a second knock tells
            return False
        return False


def stopped_in_the_middle(
    server: Server, tell: Callable[[int, int], None], go_on: Callable[[], None], asked: list[Future[tuple[int, str]]]
) -> list[tuple[int, str]]:
    """Stop the server while every request waits, let them go on, and return their answers once it has ended."""
    with closing(server.keeps_a_connection()):
        tell(server.process.pid, signal.SIGTERM)
        wait_for(server.refuses, "nobody else is let in")
        assert server.process.poll() is None
        assert not any(each.done() for each in asked)
        go_on()
        found = [each.result(60) for each in asked]
        assert server.process.wait(SECONDS_TO_END) == 0
    return found


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Gate]]:
    """A site on SQLite without its web server, and the gate before its payment provider."""
    with prepared_site(tmp_path_factory.mktemp("site")) as stack:
        gate = Gate(int(stack.stripe_url.rpartition(":")[2]))
        stack.environment["STRIPE_API_BASE"] = gate.url
        yield stack, gate
        gate.die()


@pytest.mark.parametrize("tell", TELLS)
@pytest.mark.parametrize("command", COMMANDS)
def test_gifts_that_wait_for_the_provider_are_answered_before_the_server_ends(
    prepared: tuple[Stack, Gate], command: str, tell: str
) -> None:
    stack, gate = prepared
    server = Server(stack, COMMANDS[command](stack))
    before = gate.came
    gate.shut()
    with ThreadPoolExecutor(PEOPLE) as people:
        asked = [
            people.submit(server.post, f"/campaigns/{SLUG}/donate", GIVE | {"email": f"{number}@example.org"})
            for number in range(PEOPLE)
        ]
        wait_for(lambda: gate.came - before >= PEOPLE, "everybody waits for the provider")
        found = stopped_in_the_middle(server, TELLS[tell], gate.open, asked)
    stack.processes.pop("web")
    assert {status for status, _ in found} == {303}
    assert len({page for _, page in found}) == PEOPLE
    assert all("/pay/cs_test_" in page for _, page in found)


@pytest.mark.postgresql
def test_signatures_that_wait_for_the_database_are_stored_before_the_server_ends(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    postgres = request.getfixturevalue("postgres")
    url = fresh_database(postgres)
    with prepared_site(tmp_path, url) as stack:
        server = Server(stack, COMMANDS["systemd"](stack))
        with (
            psycopg.connect(postgres.get_uri(make_url(url).database)) as somebody,
            ThreadPoolExecutor(PEOPLE) as people,
        ):
            somebody.execute("LOCK TABLE outbox_item IN ACCESS EXCLUSIVE MODE")
            asked = [
                people.submit(server.post, f"/campaigns/{SLUG}/sign", SIGN | {"email": f"{number}@example.org"})
                for number in range(PEOPLE)
            ]
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            with psycopg.connect(postgres.get_uri(), autocommit=True) as watching:
                wait_for(lambda: watching.execute(waiting).fetchone() == (PEOPLE,), "everybody waits for the table")
            found = stopped_in_the_middle(server, os.kill, somebody.rollback, asked)
            stack.processes.pop("web")
            assert [status for status, _ in found] == [200] * PEOPLE
            assert somebody.execute("SELECT count(*) FROM signature").fetchone() == (PEOPLE,)
            assert somebody.execute("SELECT count(*) FROM outbox_item").fetchone() == (PEOPLE,)
    drop_database(postgres, url)


def unit_waits() -> float:
    """How long systemd waits for the unit to end before it kills it, in seconds."""
    found = re.search(
        r"^TimeoutStopSec=(\d+)$", (ROOT / "docs/deploy/undersigned-web.service").read_text(), re.MULTILINE
    )
    assert found
    return float(found[1])


@pytest.mark.parametrize("command", COMMANDS)
def test_nobody_who_waits_for_a_busy_database_is_cut_off_by_a_stop(prepared: tuple[Stack, Gate], command: str) -> None:
    line = COMMANDS[command](prepared[0])
    patience = int(line[line.index("--workers-kill-timeout") + 1])
    killed_after = demo.STOP_SECONDS if command == "make run" else unit_waits()
    assert BUSY_MILLISECONDS / 1000 < patience < killed_after
