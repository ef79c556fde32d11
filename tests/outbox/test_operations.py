"""Put into the outbox, claim, settle: on both databases, since the claim is theirs to decide."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from campaigns.outbox import operations
from campaigns.outbox.operations import Claimed
from campaigns.outbox.rules import LEASE, MAX_ATTEMPTS
from tests.make import World

MAIL = frozenset({"mail"})
PAYLOAD = {"to": "maria@example.org", "lines": [1, "ž", None]}
on_postgresql = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)


def put(world: World, subject: str = "1", kind: str = "mail") -> bool:
    with world.work() as session:
        return operations.enqueue(session, kind, subject, PAYLOAD, now=world.clock())


def take(world: World, worker: str = "anna") -> Claimed | None:
    with world.work() as session:
        return operations.claim(session, worker, world.clock(), MAIL)


def taken(world: World, worker: str = "anna") -> Claimed:
    claimed = take(world, worker)
    assert claimed is not None
    return claimed


def finish(world: World, claimed: Claimed) -> None:
    with world.work() as session:
        operations.finish(session, claimed, world.clock())


def postpone(world: World, claimed: Claimed, *, final: bool = False) -> None:
    with world.work() as session:
        operations.postpone(session, claimed, "Away", world.clock(), final=final)


def rows(world: World) -> list[Any]:
    with world.engine.connect() as connection:
        return list(connection.execute(text("SELECT * FROM outbox_item ORDER BY created_at, subject")).mappings())


def test_what_is_put_in_twice_is_there_once(world: World) -> None:
    assert put(world) is True
    assert put(world) is False
    assert len(rows(world)) == 1


def test_another_kind_or_subject_is_another_item(world: World) -> None:
    assert put(world, "1")
    assert put(world, "2")
    assert put(world, "1", kind="job")
    assert len(rows(world)) == 3


def test_a_cause_that_is_rolled_back_leaves_nothing(world: World) -> None:
    def cause() -> None:
        with world.work() as session:
            assert operations.enqueue(session, "mail", "1", PAYLOAD, now=world.clock())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        cause()
    assert rows(world) == []


def test_what_was_done_is_not_put_in_again(world: World) -> None:
    put(world)
    finish(world, taken(world))
    assert put(world) is False
    assert take(world) is None


def test_a_claim_brings_the_payload_back_as_it_was(world: World) -> None:
    put(world)
    claimed = taken(world)
    assert (claimed.kind, claimed.subject, claimed.payload, claimed.attempts) == ("mail", "1", PAYLOAD, 1)


def test_nothing_is_claimed_twice_while_the_lease_lasts(world: World) -> None:
    put(world)
    taken(world)
    world.clock.move(seconds=LEASE.total_seconds() - 1)
    assert take(world, "boris") is None


def test_a_dead_workers_item_is_taken_over_after_the_lease(world: World) -> None:
    put(world)
    first = taken(world, "anna")
    world.clock.move(seconds=LEASE.total_seconds())
    second = taken(world, "boris")
    assert (second.id, second.attempts) == (first.id, 2)
    assert rows(world)[0]["leased_by"] == "boris"


def test_the_item_that_is_due_longest_comes_first(world: World) -> None:
    for subject in ("early", "late"):
        put(world, subject)
        world.clock.move(seconds=1)
    assert [taken(world).subject, taken(world).subject] == ["early", "late"]


def test_a_worker_leaves_alone_what_it_does_not_know(world: World) -> None:
    put(world, kind="job")
    assert take(world) is None


def test_a_payload_is_sealed_at_rest(world: World) -> None:
    put(world)
    stored = bytes(rows(world)[0]["payload"])
    assert b"maria" not in stored
    assert b"example.org" not in stored


@pytest.mark.parametrize("ending", ["done", "given up"])
def test_what_has_ended_is_never_claimed_again(world: World, ending: str) -> None:
    put(world)
    claimed = taken(world)
    finish(world, claimed) if ending == "done" else postpone(world, claimed, final=True)
    world.clock.move(days=30)
    assert take(world) is None


def test_a_payload_is_dropped_when_its_item_is_done(world: World) -> None:
    put(world)
    finish(world, taken(world))
    (row,) = rows(world)
    assert (row["state"], row["payload"], row["due_at"]) == ("done", None, None)


def test_a_payload_is_kept_for_a_person_when_its_item_is_given_up(world: World) -> None:
    put(world)
    postpone(world, taken(world), final=True)
    (row,) = rows(world)
    assert (row["state"], row["problem"], row["due_at"]) == ("failed", "Away", None)
    assert row["payload"] is not None


def test_a_postponed_item_waits_and_is_tried_until_it_is_given_up(world: World) -> None:
    put(world)
    waited, attempts = timedelta(), 0
    while rows(world)[0]["state"] == "due":
        claimed = take(world)
        if claimed is None:
            world.clock.move(seconds=1800)
            waited += timedelta(seconds=1800)
            continue
        attempts += 1
        postpone(world, claimed)
    assert attempts == MAX_ATTEMPTS
    assert waited > timedelta(hours=12)


def test_whoever_was_too_slow_cannot_push_away_what_a_peer_holds(world: World) -> None:
    put(world)
    slow = taken(world, "anna")
    world.clock.move(seconds=LEASE.total_seconds())
    taken(world, "boris")
    postpone(world, slow)
    world.clock.move(seconds=10)
    assert take(world, "carla") is None
    assert rows(world)[0]["leased_by"] == "boris"


def test_whoever_was_slow_but_did_it_has_done_it(world: World) -> None:
    put(world)
    slow = taken(world, "anna")
    world.clock.move(seconds=LEASE.total_seconds())
    peer = taken(world, "boris")
    finish(world, slow)
    postpone(world, peer)
    assert rows(world)[0]["state"] == "done"


def test_an_item_that_kills_every_worker_is_given_up_and_stops_nobody(world: World) -> None:
    put(world, "deadly")
    for _ in range(MAX_ATTEMPTS):
        taken(world)
        world.clock.move(seconds=LEASE.total_seconds())
    put(world, "harmless")
    assert taken(world).subject == "harmless"
    assert [(row["state"], row["problem"]) for row in rows(world)] == [("failed", "WorkerDied"), ("due", None)]


def test_workers_at_once_never_claim_the_same_item(world: World) -> None:
    for number in range(24):
        put(world, str(number))
    start = Barrier(4)

    def work(name: str) -> list[str]:
        start.wait()
        mine = []
        while claimed := take(world, name):
            mine.append(claimed.subject)
        return mine

    with ThreadPoolExecutor(4) as pool:
        claimed = [subject for mine in pool.map(work, "abcd") for subject in mine]
    assert sorted(claimed, key=int) == [str(number) for number in range(24)]


@on_postgresql
def test_a_claim_under_way_keeps_nobody_waiting(world: World) -> None:
    put(world, "1")
    put(world, "2")
    with world.work() as one, world.work() as other:
        first = operations.claim(one, "anna", world.clock(), MAIL)
        second = operations.claim(other, "boris", world.clock(), MAIL)
    assert first is not None
    assert second is not None
    assert {first.subject, second.subject} == {"1", "2"}


@on_postgresql
def test_two_causes_at_once_put_it_in_once(world: World) -> None:
    start = Barrier(4)

    def cause(_: int) -> bool:
        start.wait()
        return put(world)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(cause, range(4))) == [False, False, False, True]


def turn(world: World, worker: str) -> bool:
    with world.work() as session:
        return operations.take_turn(session, "count", timedelta(minutes=1), worker, world.clock())


def test_a_schedule_is_one_workers_turn_each_time_it_is_due(world: World) -> None:
    assert [turn(world, "anna"), turn(world, "boris")] == [True, False]
    world.clock.move(seconds=59)
    assert turn(world, "boris") is False
    world.clock.move(seconds=1)
    assert [turn(world, "boris"), turn(world, "anna")] == [True, False]


def test_after_a_long_stop_a_schedule_runs_once_and_not_once_for_each_time_missed(world: World) -> None:
    turn(world, "anna")
    world.clock.move(hours=5)
    assert [turn(world, "anna"), turn(world, "anna")] == [True, False]


def test_many_workers_at_once_share_one_turn(world: World) -> None:
    start = Barrier(6)

    def work(name: str) -> bool:
        start.wait()
        return turn(world, name)

    for _ in range(5):
        with ThreadPoolExecutor(6) as pool:
            assert sum(pool.map(work, "abcdef")) == 1
        world.clock.move(minutes=1)
