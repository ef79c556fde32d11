"""What every test may ask for: an empty site on each database, with fakes where the world would be."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext
from sqlalchemy import Engine

from campaigns.db import make_engine
from tests.browsers import CHROMIUM, running_browser
from tests.databases import (
    UsedDatabases,
    fresh_database,
    postgres_is_installed,
    start_postgres,
    stop_postgres,
)
from tests.looking import PHONE
from tests.make import World, a_world, migrate

TEMPLATE = "site_template"
# About as long each: whoever is through with one takes over short tests of the other's.
LONGEST = ("tests/histories/test_histories.py::", "tests/faults/test_kills.py::")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest on each of two processes, which get a half each: at the end nobody waits for one."""
    first, second = ([item for item in items if item.nodeid.startswith(name)] for name in LONGEST)
    others = [item for item in items if not item.nodeid.startswith(LONGEST)]
    middle = len(items) // 2 - len(first)
    items[:] = [*first, *others[:middle], *second, *others[middle:]]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """A PostgreSQL server with a migrated template database, for as long as the tests run."""
    if not postgres_is_installed():
        pytest.skip("PostgreSQL is not installed")
    server = start_postgres(tmp_path_factory.mktemp("postgres") / "data")
    url = fresh_database(server)
    migrate(url)
    server.psql(f'ALTER DATABASE "{url.rpartition("/")[2].partition("?")[0]}" RENAME TO {TEMPLATE}')
    yield server
    stop_postgres(server)


@pytest.fixture(scope="session")
def used_databases(postgres: Any) -> UsedDatabases:
    """Copies of the template, for one test after another."""
    return UsedDatabases(postgres, TEMPLATE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser, for as long as the tests run."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with running_browser() as chromium:
        yield chromium


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A phone's browser that nobody has used. A page that waits for a worker stands still, to be looked at."""
    context = browser.new_context(viewport=PHONE)
    context.route("**/js/wait.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    yield context
    context.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "site.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    used = request.getfixturevalue("used_databases")
    url = used.take()
    yield url
    used.give_back(url)


@pytest.fixture
def site_engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def world(site_engine: Engine, database_url: str, tmp_path: Path) -> World:
    """A whole site in which nothing has happened yet."""
    return World.new(site_engine, database_url, tmp_path)


@pytest.fixture
def sqlite_world(sqlite_template: Path, tmp_path: Path) -> Iterator[World]:
    """The same, for what no database can change."""
    path = tmp_path / "site.sqlite3"
    shutil.copy(sqlite_template, path)
    engine = make_engine(f"sqlite:///{path}")
    yield World.new(engine, f"sqlite:///{path}", tmp_path)
    engine.dispose()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def shared_world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A site on each database that the tests of a file share: for what leaves nothing behind."""
    folder = tmp_path_factory.mktemp("shared")
    if request.param == "sqlite":
        with a_world(request.getfixturevalue("sqlite_template"), folder) as world:
            yield world
        return
    used = request.getfixturevalue("used_databases")
    url = used.take()
    engine = make_engine(url)
    yield World.new(engine, url, folder)
    engine.dispose()
    used.give_back(url)
