"""Alive while the process runs; ready only while it can serve."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine

from campaigns.db import make_engine
from tests.make import World


def test_a_site_with_its_database_is_alive_and_ready(world: World) -> None:
    for path, words in (("/healthz", "alive\n"), ("/readyz", "ready\n")):
        response = world.client.get(path)
        assert (response.status_code, response.text) == (200, words)
        assert response.headers["Cache-Control"] == "no-store"


def not_ready(tmp_path: Path, url: str) -> None:
    engine = make_engine(url)
    client = World.new(engine, url, tmp_path).client
    assert client.get("/healthz").status_code == 200
    response = client.get("/readyz")
    assert (response.status_code, response.text) == (503, "database not available\n")
    engine.dispose()


def test_without_a_server_it_is_alive_and_not_ready(tmp_path: Path) -> None:
    not_ready(tmp_path, "postgresql://nobody@localhost:1/nothing")


def test_without_a_file_it_is_alive_and_not_ready(tmp_path: Path) -> None:
    not_ready(tmp_path, f"sqlite:///{tmp_path}/nowhere/site.sqlite3")


def test_before_the_tables_are_made_it_is_not_ready(tmp_path: Path) -> None:
    not_ready(tmp_path, f"sqlite:///{tmp_path}/empty.sqlite3")


def test_when_no_connection_is_left_it_is_not_ready(sqlite_world: World, tmp_path: Path) -> None:
    url = sqlite_world.engine.url.render_as_string()
    narrow = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=0.01)
    client = World.new(narrow, url, tmp_path).client
    with narrow.connect():
        assert client.get("/readyz").status_code == 503
    assert client.get("/readyz").status_code == 200
    narrow.dispose()


def test_asking_writes_nothing_and_waits_for_no_writer(sqlite_world: World) -> None:
    with sqlite_world.work() as session:
        session.connection()  # somebody holds the write lock
        assert sqlite_world.client.get("/readyz").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_nobody_can_post_there(sqlite_world: World, path: str) -> None:
    assert sqlite_world.client.post(path).status_code == 405
