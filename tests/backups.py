"""A database as it was at one instant, and the way back to it: on either kind, in a fraction of a second."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from uuid import uuid4

import psycopg
from sqlalchemy import Engine


def keep(engine: Engine) -> Callable[[], None]:
    """Keep a database as it is now; return what puts it back, once, in place of all that has happened since.

    Nobody may be in the middle of a transaction.
    """
    return _keep_sqlite(engine) if engine.dialect.name == "sqlite" else _keep_postgresql(engine)


def _keep_sqlite(engine: Engine) -> Callable[[], None]:
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    with closing(engine.raw_connection()) as live:
        live.driver_connection.backup(kept)  # type: ignore[union-attr]  # of sqlite3

    def put_back() -> None:
        with closing(engine.raw_connection()) as live:
            kept.backup(live.driver_connection)  # type: ignore[arg-type]  # of sqlite3

    return put_back


def _keep_postgresql(engine: Engine) -> Callable[[], None]:
    name, kept = engine.url.database, f"kept_{uuid4().hex}"
    _run(engine, f"CREATE DATABASE {kept} TEMPLATE {name}")

    def put_back() -> None:
        _run(engine, f"DROP DATABASE {name} WITH (FORCE)", f"ALTER DATABASE {kept} RENAME TO {name}")

    return put_back


def _run(engine: Engine, *statements: str) -> None:
    """A database that is copied or renamed may have no connection; the engine opens new ones afterwards."""
    engine.dispose()
    admin = engine.url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]  # the names are our own
