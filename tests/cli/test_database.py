"""flask --app app database …: the tables, up and down, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from click.testing import Result
from flask import Flask
from sqlalchemy import inspect

from campaigns.db import Base
from campaigns.factory import create_app
from campaigns.ledger import checks, triggers
from tests.databases import drop_database, fresh_database
from tests.make import settings


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """A site whose database is empty."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    url = fresh_database(server) if server else f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    app = create_app(settings(url, tmp_path))
    yield app
    app.extensions["undersigned"].engine.dispose()
    if server:
        drop_database(server, url)


def database(site: Flask, *arguments: str) -> Result:
    result = site.test_cli_runner().invoke(args=["database", *arguments])
    assert result.exit_code == 0, result.output
    return result


def tables(site: Flask) -> set[str]:
    return set(inspect(site.extensions["undersigned"].engine).get_table_names())


def guards(site: Flask) -> set[str]:
    """The ledger's triggers and what they call, as the database knows them."""
    engine = site.extensions["undersigned"].engine
    queries = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal UNION ALL SELECT proname FROM pg_proc p "
        "JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public'",
    }
    with engine.connect() as connection:
        return set(connection.exec_driver_sql(queries[engine.dialect.name]).scalars())


def test_up_and_down_and_up_again(site: Flask) -> None:
    database(site, "upgrade")
    assert tables(site) == set(Base.metadata.tables) | {"alembic_version"}
    made = guards(site)
    database(site, "downgrade", "base")
    assert tables(site) == {"alembic_version"}
    assert guards(site) == set()
    database(site, "upgrade")
    assert tables(site) == set(Base.metadata.tables) | {"alembic_version"}
    assert guards(site) == made


def test_upgrading_twice_is_harmless(site: Flask) -> None:
    database(site, "upgrade")
    before = (tables(site), guards(site))
    database(site, "upgrade")
    assert (tables(site), guards(site)) == before


def test_the_tables_are_those_of_the_models(site: Flask) -> None:
    database(site, "upgrade")
    with site.extensions["undersigned"].engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        difference = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
    assert difference == []


def test_every_trigger_of_the_ledger_is_there_after_an_upgrade(site: Flask) -> None:
    database(site, "upgrade")
    wanted = {guard.name for guard in triggers.GUARDS[site.extensions["undersigned"].engine.dialect.name]}
    assert wanted <= guards(site)
    with site.extensions["undersigned"].reading() as session:
        assert checks.verify(session) == []
