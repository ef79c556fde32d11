"""Looking at the outbox: what waits, what was given up, and for how long."""

from datetime import timedelta

from campaigns.outbox import operations, queries
from campaigns.outbox.queries import Backlog
from tests.make import World

MAIL = frozenset({"mail"})


def put(world: World, subject: str, kind: str = "mail") -> None:
    with world.work() as session:
        operations.enqueue(session, kind, subject, {}, now=world.clock())


def is_due(world: World) -> bool:
    with world.reading() as session:
        return queries.is_due(session, world.clock(), MAIL)


def test_something_is_due_until_it_is_claimed_and_again_when_the_lease_ends(world: World) -> None:
    assert is_due(world) is False
    put(world, "1", kind="job")
    assert is_due(world) is False
    put(world, "1")
    assert is_due(world) is True
    with world.work() as session:
        operations.claim(session, "anna", world.clock(), MAIL)
    assert is_due(world) is False
    world.clock.move(hours=1)
    assert is_due(world) is True


def test_a_schedule_is_not_yet_due_until_its_time_comes(world: World) -> None:
    with world.work() as session:
        operations.take_turn(session, "count", timedelta(minutes=1), "anna", world.clock())
    with world.reading() as session:
        assert "count" in queries.not_yet_due(session, world.clock())
        assert "count" not in queries.not_yet_due(session, world.clock() + timedelta(minutes=1))


def test_the_backlog_tells_kinds_apart_and_forgets_what_is_done(world: World) -> None:
    for subject in ("done", "given up", "old", "new"):
        put(world, subject)
        world.clock.move(seconds=10)
    put(world, "1", kind="job")
    with world.work() as session:
        done = operations.claim(session, "anna", world.clock(), MAIL)
        given_up = operations.claim(session, "anna", world.clock(), MAIL)
        assert done is not None
        assert given_up is not None
        operations.finish(session, done, world.clock())
        operations.postpone(session, given_up, "Away", world.clock(), final=True)
    with world.reading() as session:
        found = queries.backlog(session, world.clock())
    assert found == [Backlog("job", 1, 0, 0.0), Backlog("mail", 2, 1, 20.0)]
