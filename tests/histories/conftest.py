"""A maker of sites on each database, whose provider is in the same process."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from campaigns.db import make_engine
from tests.histories.site import Site
from tests.make import appeal


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def make_site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Site]]:
    """A maker of sites, each on a database of its own."""
    undo: list[Callable[[], None]] = []

    def close() -> None:
        while undo:
            undo.pop()()

    def make() -> Site:
        close()
        if request.param == "sqlite":
            path = tmp_path / "site.sqlite3"
            shutil.copy(request.getfixturevalue("sqlite_template"), path)
            url = f"sqlite:///{path}"
        else:
            used = request.getfixturevalue("used_databases")
            url = used.take()
            undo.append(lambda: used.give_back(url))
        engine = make_engine(url)
        undo.append(engine.dispose)
        return Site.new(engine, url, tmp_path, appeal())

    yield make
    close()
