"""The worker: hands over, tries again, gives up, and lets nothing stand in the way of the rest."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from campaigns.kernel.ports import MailNotAccepted, Message, Payload
from campaigns.outbox import operations
from campaigns.outbox.jobs import Duty, Paused, Recurring, Registry, Worker
from campaigns.outbox.rules import LEASE, MAX_ATTEMPTS
from campaigns.web.logs import JsonLines
from tests.make import World

ADDRESS = "maria@example.org"


def letter(payload: Payload) -> Message:
    return Message(payload["to"], "Confirm", f"Hello {payload['to']}", headers={"List-Unsubscribe": "<https://x>"})


def worker(
    world: World, name: str = "anna", recurring: tuple[Recurring, ...] = (), **jobs: Callable[[Payload], None]
) -> Worker:
    registry = Registry(mails={"letter": letter}, jobs=jobs, recurring=recurring)
    return Worker(name, world.work, world.reading, world.clock, world.mailer, registry, "hub.example.org")


def put(world: World, kind: str = "letter", subject: str = "1", to: str = ADDRESS) -> None:
    with world.work() as session:
        operations.enqueue(session, kind, subject, {"to": to}, now=world.clock())


def row(world: World, subject: str = "1") -> Any:
    with world.engine.connect() as connection:
        query = text("SELECT * FROM outbox_item WHERE subject = :subject")
        return connection.execute(query, {"subject": subject}).mappings().one()


def test_a_mail_is_handed_over_once_and_its_payload_dropped(world: World) -> None:
    put(world)
    assert worker(world).drain() == 1
    assert worker(world).drain() == 0
    assert [message.to for message in world.mailer.sent] == [ADDRESS]
    assert (row(world)["state"], row(world)["payload"]) == ("done", None)


def test_a_mail_keeps_what_its_builder_wrote_and_gets_a_name_of_its_own(sqlite_world: World) -> None:
    put(sqlite_world)
    worker(sqlite_world).drain()
    (message,) = sqlite_world.mailer.sent
    assert (message.subject, message.text) == ("Confirm", f"Hello {ADDRESS}")
    assert message.headers == {"List-Unsubscribe": "<https://x>"}
    assert message.message_id == f"<{UUID(hex=row(sqlite_world)['id'])}@hub.example.org>"


def test_a_mail_that_is_tried_again_keeps_its_message_id(sqlite_world: World) -> None:
    class Forgetful:
        """Takes the mail, and breaks before it can say so."""

        def __init__(self) -> None:
            self.seen: list[str] = []

        def send(self, message: Message) -> None:
            self.seen.append(message.message_id)
            raise MailNotAccepted("cut off", final=False)

    mailer = Forgetful()
    put(sqlite_world)
    for _ in range(3):
        site = sqlite_world
        registry = Registry(mails={"letter": letter})
        Worker("anna", site.work, site.reading, site.clock, mailer, registry, "hub.example.org").drain()
        sqlite_world.clock.move(hours=2)
    assert len(mailer.seen) == 3
    assert len(set(mailer.seen)) == 1


def test_a_mail_waits_until_the_server_is_back(sqlite_world: World) -> None:
    put(sqlite_world)
    sqlite_world.mailer.refusing = MailNotAccepted("busy", final=False)
    worker(sqlite_world).drain()
    assert (row(sqlite_world)["state"], row(sqlite_world)["problem"]) == ("due", "MailNotAccepted")
    sqlite_world.mailer.refusing = None
    assert worker(sqlite_world).drain() == 0
    sqlite_world.clock.move(seconds=2)
    assert worker(sqlite_world).drain() == 1
    assert (row(sqlite_world)["state"], row(sqlite_world)["problem"]) == ("done", None)


def test_a_mail_that_is_refused_for_good_is_given_up_at_once(sqlite_world: World) -> None:
    put(sqlite_world)
    sqlite_world.mailer.refusing = MailNotAccepted("no such mailbox", final=True)
    worker(sqlite_world).drain()
    assert (row(sqlite_world)["state"], row(sqlite_world)["attempts"]) == ("failed", 1)


def test_a_job_that_never_works_is_given_up_after_the_last_attempt(sqlite_world: World) -> None:
    tried = []

    def break_down(payload: Payload) -> None:
        tried.append(payload)
        raise ZeroDivisionError

    put(sqlite_world, "count")
    while row(sqlite_world)["state"] == "due":
        worker(sqlite_world, count=break_down).drain()
        sqlite_world.clock.move(hours=1)
    assert len(tried) == MAX_ATTEMPTS
    assert (row(sqlite_world)["state"], row(sqlite_world)["problem"]) == ("failed", "ZeroDivisionError")


def test_a_failing_job_stops_nobody_else(world: World) -> None:
    done = []

    def work(payload: Payload) -> None:
        if payload["to"] == "bad":
            raise ValueError
        done.append(payload["to"])

    for subject, to in enumerate(("bad", "good", "better")):
        put(world, "count", str(subject), to)
    assert worker(world, count=work).drain() == 3
    assert done == ["good", "better"]


def test_a_mail_that_cannot_be_written_is_tried_again_like_any_failure(sqlite_world: World) -> None:
    with sqlite_world.work() as session:
        operations.enqueue(session, "letter", "1", {"no": "address"}, now=sqlite_world.clock())
    worker(sqlite_world).drain()
    assert (row(sqlite_world)["state"], row(sqlite_world)["problem"]) == ("due", "KeyError")


def test_an_item_of_a_kind_nobody_here_knows_stays_due(sqlite_world: World) -> None:
    put(sqlite_world, "of a later release")
    assert worker(sqlite_world).drain() == 0
    assert (row(sqlite_world)["state"], row(sqlite_world)["attempts"]) == ("due", 0)


def test_a_peer_goes_on_where_a_worker_died(world: World) -> None:
    put(world)
    with world.work() as session:
        operations.claim(session, "anna", world.clock(), frozenset({"letter"}))
    assert worker(world, "boris").run_once() is False
    world.clock.move(seconds=LEASE.total_seconds())
    assert worker(world, "boris").run_once() is True
    assert len(world.mailer.sent) == 1


def test_workers_at_once_hand_each_mail_over_once(world: World) -> None:
    for number in range(12):
        put(world, subject=str(number), to=f"{number}@example.org")
    start = Barrier(3)

    def work(name: str) -> int:
        start.wait()
        return worker(world, name).drain()

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(work, "abc")) == 12
    assert len({message.to for message in world.mailer.sent}) == len(world.mailer.sent) == 12


def test_an_item_settles_in_a_transaction_of_its_own_after_its_job(sqlite_world: World) -> None:
    def look(_: Payload) -> None:
        assert row(sqlite_world)["leased_by"] == "anna"

    put(sqlite_world, "look")
    worker(sqlite_world, look=look).drain()
    assert row(sqlite_world)["state"] == "done"


def every_minute(run: Callable[[], None], key: str = "count") -> tuple[Recurring, ...]:
    return (Recurring(key, timedelta(minutes=1), run),)


def test_a_schedule_runs_once_however_many_workers_there_are(world: World) -> None:
    runs: list[str] = []
    start = Barrier(4)

    def work(name: str) -> None:
        start.wait()
        worker(world, name, every_minute(lambda: runs.append(name))).run_once()

    for turns in (1, 2, 3):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, "abcd"))
        assert len(runs) == turns
        world.clock.move(minutes=1)


def test_a_failing_schedule_stops_neither_mails_nor_other_schedules(sqlite_world: World) -> None:
    def break_down() -> None:
        raise ZeroDivisionError

    runs: list[int] = []
    put(sqlite_world)
    recurring = every_minute(break_down, "broken") + every_minute(lambda: runs.append(1), "sound")
    assert worker(sqlite_world, recurring=recurring).run_once() is True
    assert (len(sqlite_world.mailer.sent), runs) == (1, [1])


def test_a_schedule_that_has_to_rest_is_no_failure(sqlite_world: World, caplog: pytest.LogCaptureFixture) -> None:
    def rest() -> None:
        raise Paused

    assert worker(sqlite_world, recurring=every_minute(rest, "resting")).run_once() is True
    assert "failed" not in caplog.text


def test_a_worker_says_whether_there_was_anything_to_do(sqlite_world: World) -> None:
    assert worker(sqlite_world).run_once() is False
    put(sqlite_world)
    assert worker(sqlite_world).run_once() is True
    assert worker(sqlite_world).run_once() is False


@pytest.mark.parametrize(
    "trouble",
    [MailNotAccepted(f"550 {ADDRESS} unknown", final=True), ValueError(f"cannot write to {ADDRESS}")],
    ids=["not accepted", "not expected"],
)
def test_logs_hold_no_address(sqlite_world: World, caplog: pytest.LogCaptureFixture, trouble: Exception) -> None:
    def break_down(_: Payload) -> None:
        raise trouble

    caplog.set_level(logging.DEBUG)
    put(sqlite_world, "job")
    worker(sqlite_world, job=break_down).drain()
    lines = [JsonLines().format(record) for record in caplog.records]
    assert any("outbox item failed" in line or "mail not accepted" in line for line in lines)
    assert not any("maria" in line for line in lines)
    assert "maria" not in row(sqlite_world)["problem"]


def test_a_slow_job_is_left_to_its_worker_for_longer(sqlite_world: World) -> None:
    registry = Registry(jobs={"letter": lambda _payload: None}, slow=frozenset({"letter"}))
    put(sqlite_world)
    with sqlite_world.work() as session:
        operations.claim(session, "anna", sqlite_world.clock(), registry.kinds(Duty.ALL), registry.slow)
    sqlite_world.clock.move(minutes=14)
    with sqlite_world.work() as session:
        assert operations.claim(session, "bert", sqlite_world.clock(), registry.kinds(Duty.ALL), registry.slow) is None
    sqlite_world.clock.move(minutes=2)
    with sqlite_world.work() as session:
        assert operations.claim(session, "bert", sqlite_world.clock(), registry.kinds(Duty.ALL), registry.slow)
