"""A database that a test has used is as good as new for the next one, or is not handed on."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, inspect, text

from campaigns.db import make_engine
from tests.databases import UsedDatabases
from tests.make import World, appeal

pytestmark = pytest.mark.postgresql


def everything(url: str) -> dict[str, list[tuple[object, ...]]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        found = {name: connection.execute(text(f'SELECT * FROM "{name}"')).all() for name in names}
    engine.dispose()
    return {name: sorted(map(tuple, rows), key=repr) for name, rows in found.items()}


@pytest.fixture
def engine_in_use(used_databases: UsedDatabases) -> Iterator[Engine]:
    engine = make_engine(used_databases.take())
    yield engine
    engine.dispose()


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def test_what_a_test_wrote_is_gone_even_what_the_site_never_deletes(
    used_databases: UsedDatabases, engine_in_use: Engine, tmp_path: Path
) -> None:
    url = url_of(engine_in_use)
    world = World.new(engine_in_use, url, tmp_path)
    before = everything(url)
    world.publish(appeal())
    world.pay(world.give())
    assert everything(url) != before
    used_databases.give_back(url)
    assert (used_databases.free[-1], everything(url)) == (url, before)


def test_who_is_still_connected_is_cut_off(used_databases: UsedDatabases, engine_in_use: Engine) -> None:
    with engine_in_use.connect() as forgotten:
        forgotten.execute(text("LOCK TABLE campaign"))
        used_databases.give_back(url_of(engine_in_use))
        assert used_databases.free[-1] == url_of(engine_in_use)
        with pytest.raises(Exception, match="terminat") as cut:
            forgotten.execute(text("SELECT 1"))
        assert isinstance(cut.value.__cause__, psycopg.OperationalError)


@pytest.mark.parametrize(
    "change",
    [
        "DROP TRIGGER ledger_entry_no_delete ON ledger_entry",
        "ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_no_delete",
        "ALTER TABLE campaign ADD COLUMN odd integer",
        "ALTER TABLE receipt DROP CONSTRAINT ck_receipt_number",
        "CREATE TABLE odd (id integer)",
    ],
)
def test_one_whose_tables_were_changed_is_not_handed_on(
    used_databases: UsedDatabases, engine_in_use: Engine, change: str
) -> None:
    with engine_in_use.begin() as connection:
        connection.execute(text(change))
    used_databases.give_back(url_of(engine_in_use))
    assert url_of(engine_in_use) not in used_databases.free
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url_of(engine_in_use).replace("+psycopg", ""))
