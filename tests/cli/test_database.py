"""flask --app app database …: the tables, up and down, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from click.testing import Result
from flask import Flask
from sqlalchemy import Connection, Engine, MetaData, Table, inspect, select

from campaigns.campaign.models import Fund
from campaigns.db import Base
from campaigns.factory import create_app
from campaigns.ledger import checks, triggers
from campaigns.timeline.models import TimelineEntry
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


def test_a_list_of_before_keeps_its_rows_when_they_learn_to_let_go_of_a_signature(site: Flask) -> None:
    """SQLite copies the table for that: rows, keys and index must be what they were."""
    engine = site.extensions["undersigned"].engine
    database(site, "upgrade", "0001")
    with engine.begin() as connection:
        _a_frozen_list(connection, rows=500)
        before = connection.exec_driver_sql(_ROWS).all()
    database(site, "upgrade")
    with engine.connect() as connection:
        assert connection.exec_driver_sql(_ROWS).all() == before
    assert len(before) == 500
    keys = {key["name"] for key in inspect(engine).get_foreign_keys("delivery_row")}
    assert keys == {"fk_delivery_row_delivery_id", "fk_delivery_row_signature_id"}
    assert [index["name"] for index in inspect(engine).get_indexes("delivery_row")] == ["ix_delivery_row_signature_id"]
    database(site, "downgrade", "0001")
    with engine.connect() as connection:
        assert connection.exec_driver_sql(_ROWS).all() == before


def test_campaigns_of_before_get_the_timeline_of_what_is_known(site: Flask) -> None:
    database(site, "upgrade", "0004")
    engine = site.extensions["undersigned"].engine
    then = datetime(2026, 5, 4, 20, tzinfo=UTC)  # in Tokyo it is the fifth
    with engine.begin() as connection:
        tables = MetaData()
        tables.reflect(connection)
        ids = {name: uuid4() for name in ("campaign", "petition_version", "delivery")}
        _fill(connection, tables.tables["campaign"], ids, ids["campaign"])
        connection.execute(tables.tables["campaign"].update().values(zone="Asia/Tokyo", published_at=then))
        for number, version_id in enumerate((ids["petition_version"], uuid4()), 1):
            _fill(connection, tables.tables["petition_version"], ids, version_id, number=number, created_at=then)
        for number, delivery_id in enumerate((ids["delivery"], uuid4()), 1):
            _fill(connection, tables.tables["delivery"], ids, delivery_id, number=number, public_id=str(number))
        made = tables.tables["delivery"].c.number == 1
        told = {"ready_at": then, "named": 2, "withheld": 1, "on_paper": 4}
        connection.execute(tables.tables["delivery"].update().where(made).values(told))
    database(site, "upgrade")
    with site.extensions["undersigned"].reading() as session:
        found = session.scalars(select(TimelineEntry).order_by(TimelineEntry.kind)).all()
    assert [(entry.kind, entry.subject, entry.day.isoformat(), entry.facts) for entry in found] == [
        ("corrected", "2", "2026-05-05", {"version": 2}),
        ("list", "1", "2026-05-05", {"list": 1, "total": 7, "named": 2}),
        ("published", "", "2026-05-05", {}),
    ]
    database(site, "downgrade", "0004")
    assert "timeline_entry" not in inspect(engine).get_table_names()


def test_the_amounts_of_campaigns_of_before_move_to_their_first_fund_and_back(site: Flask) -> None:
    database(site, "upgrade", "0009")
    engine = site.extensions["undersigned"].engine
    asked, silent, first, second = (uuid4() for _ in range(4))
    with engine.begin() as connection:
        tables = MetaData()
        tables.reflect(connection)
        campaign, fund = tables.tables["campaign"], tables.tables["fund"]
        amounts = {"suggested_minor": 3000, "presets_minor": [1000, 3000, 5000, 10_000]}
        _fill(connection, campaign, {"campaign": asked}, asked, slug="asked", **amounts)
        _fill(connection, campaign, {"campaign": silent}, silent, slug="silent", suggested_minor=0)
        for day, fund_id in ((2, second), (1, first)):
            made = {"fees_borne_by": "fund", "created_at": datetime(2026, 5, day, tzinfo=UTC)}
            _fill(connection, fund, {}, fund_id, campaign_id=_raw(connection, asked), **made)
    database(site, "upgrade")
    with engine.connect() as connection:
        rows = {row.id: row for row in connection.execute(select(Fund))}
    assert (rows[first].suggested_minor, rows[first].presets_minor) == (3000, [1000, 3000, 5000, 10_000])
    assert (rows[second].suggested_minor, rows[second].presets_minor) == (None, None)
    assert {"suggested_minor", "presets_minor"}.isdisjoint(_columns(engine, "campaign"))
    database(site, "downgrade", "0009")
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT slug, suggested_minor FROM campaign ORDER BY slug").all()
    assert [tuple(row) for row in found] == [("asked", 3000), ("silent", 0)]
    assert {"suggested_minor", "presets_minor"} <= set(_columns(engine, "campaign"))


def test_mails_about_dues_that_wait_without_a_number_make_room_and_sent_ones_stay(site: Flask) -> None:
    database(site, "upgrade", "0014")
    items = Base.metadata.tables["outbox_item"]
    with site.extensions["undersigned"].engine.begin() as connection:
        for kind, state in (("membership", "due"), ("membership", "done"), ("donations", "due")):
            values = {"kind": f"{kind}.receipt_mail", "subject": f"{kind} {state}", "state": state, "attempts": 0}
            connection.execute(items.insert().values(id=uuid4(), created_at=datetime(2026, 5, 4, tzinfo=UTC), **values))
    database(site, "upgrade")
    database(site, "downgrade", "0014")
    with site.extensions["undersigned"].engine.connect() as connection:
        left = connection.execute(select(items.c.subject).order_by(items.c.subject)).scalars().all()
    assert left == ["donations due", "membership done"]


def test_who_had_withdrawn_before_counts_as_withdrawn_by_themselves(site: Flask) -> None:
    database(site, "upgrade", "0017")
    with site.extensions["undersigned"].engine.begin() as connection:
        tables = MetaData()
        tables.reflect(connection)
        ids = {name: uuid4() for name in ("campaign", "petition_version", "consent_wording")}
        for name, row_id in ids.items():
            _fill(connection, tables.tables[name], ids, row_id)
        for state in ("confirmed", "withdrawn"):
            given = {"state": state, "email_hash": state.encode()}
            _fill(connection, tables.tables["signature"], ids, uuid4(), **given)
    database(site, "upgrade")
    database(site, "downgrade", "0017")
    database(site, "upgrade")
    signatures = Base.metadata.tables["signature"]
    with site.extensions["undersigned"].engine.connect() as connection:
        rows = connection.execute(select(signatures.c.state, signatures.c.is_claimed)).all()
    assert sorted(map(tuple, rows)) == [("confirmed", False), ("withdrawn", True)]


def _columns(engine: Engine, table: str) -> list[str]:
    return [column["name"] for column in inspect(engine).get_columns(table)]


def test_a_gifts_line_is_a_gift_or_covers_a_fee_and_nothing_else(site: Flask) -> None:
    database(site, "upgrade")
    checks_of = inspect(site.extensions["undersigned"].engine).get_check_constraints("donation_line")
    assert "fee_cover" in {check["name"]: check["sqltext"] for check in checks_of}["ck_donation_line_kind"]


_ROWS = "SELECT delivery_id, position, signature_id, number, name, place, salt FROM delivery_row ORDER BY position"


def _a_frozen_list(connection: Connection, rows: int) -> None:
    """Of the tables as they were then: only what the rows point to, with each column that must be filled."""
    tables = MetaData()
    tables.reflect(connection)
    ids = {name: uuid4() for name in ("campaign", "petition_version", "consent_wording", "signature", "delivery")}
    for name, row_id in ids.items():
        _fill(connection, tables.tables[name], ids, row_id)
    for position in range(rows):
        values = {"delivery_id": _raw(connection, ids["delivery"]), "signature_id": _raw(connection, ids["signature"])}
        values |= {"position": position, "number": position, "name": b"sealed %d" % position}
        connection.execute(tables.tables["delivery_row"].insert(), values)


def _fill(connection: Connection, table: Table, ids: dict[str, UUID], row_id: UUID, **given: Any) -> None:
    values: dict[str, Any] = {"id": _raw(connection, row_id), **_CHECKED.get(table.name, {}), **given}
    known = {"campaign_id": "campaign", "version_id": "petition_version", "consent_id": "consent_wording"}
    for column in table.columns:
        if column.name in known and not column.nullable:
            values[column.name] = _raw(connection, ids[known[column.name]])
        elif column.name not in values and not column.nullable and column.server_default is None:
            values[column.name] = _of_type(str(column.type))
    connection.execute(table.insert(), values)


_CHECKED = {
    "campaign": {"state": "draft"},
    "signature": {"state": "pending", "review": "clear", "visibility": "public"},
    "delivery": {"state": "requested"},
}


def _of_type(kind: str) -> Any:
    if kind in ("JSON", "JSONB"):
        return []
    plain = {"BLOB": b"x", "BYTEA": b"x", "BOOLEAN": False, "INTEGER": 1, "BIGINT": 1}
    return datetime(2026, 5, 4, tzinfo=UTC) if "TIME" in kind else plain.get(kind, "x")


def _raw(connection: Connection, value: UUID) -> Any:
    return value if connection.dialect.name == "postgresql" else value.hex
