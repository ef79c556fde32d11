"""One engine for SQLite or PostgreSQL, with the settings each needs to be safe."""

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, literal, make_url, select
from sqlalchemy import table as table_named
from sqlalchemy.engine import URL
from sqlalchemy.pool import StaticPool

BUSY_MILLISECONDS = 10_000
READ_ONLY = "read_only"
READS_FIRST = "reads_first"


def make_engine(url: str) -> Engine:
    """Return an engine for `url`; plain postgresql:// means psycopg 3. Its errors never quote a row's values.

    SQLite runs in WAL with every commit on disk, and takes its write lock at BEGIN: a deferred
    BEGIN that upgrades later fails at once when another writer came between.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed)
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=10, max_overflow=20,
        hide_parameters=True,
    )  # fmt: skip


def _sqlite_engine(url: URL) -> Engine:
    in_memory = url.database in (None, "", ":memory:")
    options: dict[str, Any] = (
        {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}} if in_memory else {}
    )
    if not in_memory:
        options = {"pool_size": 10, "max_overflow": 20}
    engine = create_engine(url, hide_parameters=True, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "reset", _end_sqlite_transaction)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # stop the driver's own BEGIN; ours is below
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",  # else REPLACE would slip past the ledger's triggers
        f"busy_timeout={BUSY_MILLISECONDS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    read_only = bool(options.get(READ_ONLY))
    waits = not (read_only or options.get(READS_FIRST))
    # Past SQLAlchemy, because each transaction asks it and it cannot fail; BEGIN can, and its errors are translated.
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA query_only={'ON' if read_only else 'OFF'}").close()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if waits else "BEGIN")


def _end_sqlite_transaction(connection: Any, _record: Any, _state: Any) -> None:
    """A COMMIT that SQLite refuses leaves the transaction open, with its lock; SQLAlchemy takes it for ended."""
    if connection is not None and connection.in_transaction:
        connection.rollback()


def reads_first(engine: Engine) -> Engine:
    """Return the engine for a session that reads on every request and writes seldom: the sign-in library's.

    It must not hold the write lock while the request's own unit of work waits for it.
    """
    return engine.execution_options(**{READS_FIRST: True})


def ping(engine: Engine, table: str = "") -> None:
    """Ask the database one question, about `table` if one is named.

    Raises sqlalchemy.exc.DBAPIError where it does not answer or has no such table, sqlalchemy.exc.TimeoutError
    where no connection is left.
    """
    question = select(literal(1)).select_from(table_named(table)).limit(1) if table else select(literal(1))
    with engine.execution_options(**{READ_ONLY: True}).connect() as connection:
        connection.execute(question)
