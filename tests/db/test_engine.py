"""What an engine promises: durable SQLite that waits its turn, and PostgreSQL by its plain name."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from campaigns.db import make_engine, ping, reading, reads_first, unit_of_work


@pytest.fixture
def counter(engine: Engine) -> Engine:
    """A table with one number, 0."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counter (id INTEGER PRIMARY KEY, number INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO counter VALUES (1, 0)"))
    return engine


def number(engine: Engine) -> int:
    with reading(engine) as session:
        return int(session.scalars(text("SELECT number FROM counter")).one())


@contextmanager
def impatient(engine: Engine) -> Iterator[sqlite3.Connection]:
    """Somebody else at the same file, who waits for nobody."""
    connection = sqlite3.connect(str(engine.url.database), timeout=0, isolation_level=None)
    with closing(connection):
        yield connection


only_sqlite = pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)


@only_sqlite
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("recursive_triggers", 1)],
)
def test_sqlite_is_set_to_be_safe(engine: Engine, pragma: str, value: object) -> None:
    with engine.connect() as first, engine.connect() as second:
        for connection in (first, second):
            assert connection.connection.cursor().execute(f"PRAGMA {pragma}").fetchone() == (value,)


@only_sqlite
def test_a_unit_of_work_takes_the_write_lock_before_it_reads(counter: Engine) -> None:
    with unit_of_work(counter) as session, impatient(counter) as other:
        session.execute(text("SELECT number FROM counter"))
        assert other.execute("SELECT number FROM counter").fetchone() == (0,)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")


@only_sqlite
def test_reading_leaves_the_lock_to_writers_and_sees_one_state(counter: Engine) -> None:
    with reading(counter) as session, impatient(counter) as other:
        before = session.scalar(text("SELECT number FROM counter"))
        other.execute("UPDATE counter SET number = 5")
        assert session.scalar(text("SELECT number FROM counter")) == before == 0
    assert number(counter) == 5


@only_sqlite
def test_a_session_that_reads_first_takes_the_lock_when_it_writes(counter: Engine) -> None:
    with unit_of_work(reads_first(counter)) as session, impatient(counter) as other:
        session.execute(text("SELECT number FROM counter"))
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
        session.execute(text("UPDATE counter SET number = 7"))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    assert number(counter) == 7


@only_sqlite
def test_writers_wait_for_each_other_and_no_step_is_lost(counter: Engine) -> None:
    def step(_: int) -> None:
        with unit_of_work(counter) as session:
            at = session.scalar(text("SELECT number FROM counter"))
            session.execute(text("UPDATE counter SET number = :next"), {"next": int(at or 0) + 1})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(step, range(100)))
    assert number(counter) == 100


@only_sqlite
def test_a_database_in_memory_is_one_for_all(engine: Engine) -> None:
    memory = make_engine("sqlite://")
    with memory.begin() as connection:
        connection.execute(text("CREATE TABLE note (words TEXT)"))
    with memory.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM note")).scalar() == 0
    memory.dispose()


def test_what_reads_cannot_write_and_what_writes_after_it_can(counter: Engine) -> None:
    for _ in range(3):  # the pooled connection changes hands
        with reading(counter) as session, pytest.raises(DBAPIError):
            session.execute(text("UPDATE counter SET number = 99"))
        with unit_of_work(counter) as session:
            session.execute(text("UPDATE counter SET number = number + 1"))
    assert number(counter) == 3


def test_a_foreign_key_is_kept(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE child (parent_id INTEGER REFERENCES parent (id))"))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("INSERT INTO child VALUES (1)"))


def test_a_database_that_is_there_answers(engine: Engine) -> None:
    ping(engine)


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.sqlite", "postgresql://nobody@/nothing?host=/nowhere"])
def test_a_database_that_is_not_there_does_not_answer(url: str) -> None:
    engine = make_engine(url)
    with pytest.raises(DBAPIError):
        ping(engine)
    engine.dispose()


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_to_by_psycopg(scheme: str) -> None:
    engine = make_engine(f"{scheme}://somebody@localhost/site")
    assert (engine.dialect.name, engine.dialect.driver) == ("postgresql", "psycopg")
