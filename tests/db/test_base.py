"""Column types: times that are aware, numbers that count, text that nobody else reads."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Connection, Engine, MetaData, Table, Text, UniqueConstraint, event, insert, select, text
from sqlalchemy.exc import StatementError

from campaigns.db import Sealed, UTCDateTime
from campaigns.db.base import CONSTRAINT_NAMES, RowNumber
from campaigns.db.sealing import use_key

METADATA = MetaData()
NOTE = Table(
    "note",
    METADATA,
    Column("id", RowNumber, primary_key=True),
    Column("at", UTCDateTime),
    Column("secret", Sealed),
    Column("words", Text),
)
NOW = datetime(2026, 5, 1, 9, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture(autouse=True)
def table(engine: Engine) -> None:
    METADATA.create_all(engine)
    use_key(bytes(range(32)))


def _stored(engine: Engine, at: datetime | None) -> datetime | None:
    with engine.begin() as connection:
        connection.execute(insert(NOTE).values(at=at))
        return connection.scalar(select(NOTE.c.at))


@pytest.mark.parametrize(
    "at",
    [
        NOW,
        NOW.astimezone(timezone(timedelta(hours=5, minutes=45))),
        NOW.replace(microsecond=0),
        datetime(1970, 1, 1, tzinfo=UTC),
    ],
)
def test_a_time_comes_back_as_the_same_instant_in_utc(engine: Engine, at: datetime) -> None:
    back = _stored(engine, at)
    assert back == at
    assert back is not None
    assert back.utcoffset() == timedelta(0)


def test_no_time_stays_no_time(engine: Engine) -> None:
    assert _stored(engine, None) is None


def test_a_time_without_a_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        _stored(engine, NOW.replace(tzinfo=None))


@pytest.mark.parametrize("empty_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_the_databases_own_zone_makes_no_difference(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def _in_rome(connection: Connection) -> None:
        connection.exec_driver_sql("SET TIME ZONE 'Europe/Rome'")

    back = _stored(engine, NOW)
    assert back == NOW
    assert back is not None
    assert back.utcoffset() == timedelta(0)


def test_rows_number_themselves(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(NOTE), [{"words": word} for word in ("one", "two", "three")])
        assert connection.scalars(select(NOTE.c.id).order_by(NOTE.c.id)).all() == [1, 2, 3]


@pytest.mark.parametrize("words", ["Maria Ortiz", "", "عمال", "☭" * 500, None])
def test_sealed_text_is_read_back_and_does_not_stand_in_the_database(engine: Engine, words: str | None) -> None:
    with engine.begin() as connection:
        connection.execute(insert(NOTE).values(secret=words))
        raw = connection.execute(text("SELECT secret FROM note")).scalar()
        assert connection.scalar(select(NOTE.c.secret)) == words
    assert (raw is None) == (words is None)
    assert not words or words.encode() not in bytes(raw or b"")


def test_constraints_have_names_that_a_migration_can_drop() -> None:
    table = Table("note", MetaData(naming_convention=CONSTRAINT_NAMES), Column("a", Text), UniqueConstraint("a"))
    assert {str(constraint.name) for constraint in table.constraints} == {"pk_note", "uq_note_a"}
