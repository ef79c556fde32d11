"""One unit of work per request: returning commits, raising rolls back, and a GET cannot write."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Response, abort, make_response
from sqlalchemy import text

from campaigns.kernel.errors import Refusal
from campaigns.web.context import now, services, session
from tests.make import World

INSERT = text("INSERT INTO schedule (key, due_at) VALUES ('written by a request', '2026-05-04 15:00:00+00:00')")


class Full(Refusal):
    """There is no more room."""


def door(world: World, view: Callable[[], Any], *methods: str) -> str:
    """Open a door that the site does not have; the guard lets every caller of the tests in."""
    world.app.add_url_rule("/a-door", "a_door", view, methods=methods or ["GET", "POST"])
    return "/a-door"


def written(world: World) -> int:
    with world.engine.connect() as connection:
        query = text("SELECT count(*) FROM schedule WHERE key = 'written by a request'")
        return int(connection.execute(query).scalar_one())


def write(then: Callable[[], Any]) -> Callable[[], Any]:
    def view() -> Any:
        session().execute(INSERT)
        return then()

    return view


def fail() -> Response:
    raise ZeroDivisionError


def refuse() -> Response:
    raise Full


@pytest.mark.parametrize("status", [200, 303, 422])
def test_a_view_that_returns_has_written(world: World, status: int) -> None:
    path = door(world, write(lambda: make_response("done", status)))
    assert world.client.post(path).status_code == status
    assert written(world) == 1


@pytest.mark.parametrize(
    ("then", "status"), [(fail, 500), (refuse, 409), (lambda: abort(404), 404), (lambda: abort(413), 413)]
)
def test_a_view_that_raises_has_written_nothing(world: World, then: Callable[[], Any], status: int) -> None:
    path = door(world, write(then))
    assert world.client.post(path).status_code == status
    assert written(world) == 0


def test_an_answer_that_cannot_be_built_has_written_nothing(sqlite_world: World) -> None:
    path = door(sqlite_world, write(lambda: None))  # Flask makes no response of None
    assert sqlite_world.client.post(path).status_code == 500
    assert written(sqlite_world) == 0


def test_what_fails_at_the_commit_was_not_answered_as_done(world: World) -> None:
    """A deferred foreign key is looked at by the commit alone."""

    def view() -> str:
        values = "(1, 0, 'bank', 1, 'USD')"
        session().execute(
            text(f"INSERT INTO ledger_posting (sequence, position, account, amount, currency) VALUES {values}")
        )
        return "done"

    response = world.client.post(door(world, view))
    assert response.status_code >= 500
    assert "done" not in response.text
    with world.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM ledger_posting")).scalar() == 0


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_get_cannot_write(world: World, method: str) -> None:
    path = door(world, write(lambda: "done"))
    assert world.client.open(path, method=method).status_code >= 500
    assert written(world) == 0


def test_after_a_get_that_tried_the_next_post_writes(world: World) -> None:
    path = door(world, write(lambda: "done"))
    for _ in range(3):  # the pooled connection changes hands
        world.client.get(path)
    assert world.client.post(path).status_code == 200
    assert written(world) == 1


def test_a_request_has_one_session_and_one_moment(sqlite_world: World) -> None:
    def view() -> str:
        first_session, first_moment = session(), now()
        sqlite_world.clock.move(seconds=5)
        return str((session() is first_session, now() == first_moment))

    assert sqlite_world.client.post(door(sqlite_world, view)).text == "(True, True)"


def test_the_next_request_has_a_moment_of_its_own(sqlite_world: World) -> None:
    path = door(sqlite_world, lambda: now().isoformat())
    first = datetime.fromisoformat(sqlite_world.client.get(path).text)
    sqlite_world.clock.move(seconds=5)
    assert (datetime.fromisoformat(sqlite_world.client.get(path).text) - first).total_seconds() == 5


def test_a_request_that_asks_nothing_opens_no_session(sqlite_world: World) -> None:
    sqlite_world.engine.dispose()
    path = door(sqlite_world, lambda: "nothing asked")
    before = sqlite_world.engine.pool.status()
    assert sqlite_world.client.get(path).status_code == 200
    assert sqlite_world.engine.pool.status() == before


@pytest.mark.parametrize("then", [lambda: "done", fail, refuse])
def test_every_connection_goes_back_to_the_pool(world: World, then: Callable[[], Any]) -> None:
    path = door(world, write(then))
    for method in ("GET", "POST"):
        world.client.open(path, method=method)
    assert world.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # both databases have a pool that counts


def test_a_flow_has_units_of_its_own(sqlite_world: World) -> None:
    def view() -> str:
        with services().work() as first:
            first.execute(INSERT)
        with services().reading() as second:
            return str(second.scalar(text("SELECT count(*) FROM schedule WHERE key = 'written by a request'")))

    assert sqlite_world.client.post(door(sqlite_world, view)).text == "1"
