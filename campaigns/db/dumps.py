"""A whole database into one file and back, consistent while people sign.

SQLite is copied by its own online backup; PostgreSQL by pg_dump from one exported snapshot, so that the facts
read beside it are of the same instant. pg_dump and pg_restore must be as new as the server.
"""

import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine, inspect, text
from sqlalchemy.orm import Session

from campaigns.db.engine import READ_ONLY, make_engine

Facts = TypeVar("Facts")


class DumpFailed(Exception):
    """The database could not be copied or restored; the message is for the operator."""


def dump(engine: Engine, target: Path, facts: Callable[[Session], Facts]) -> Facts:
    """Write the database into `target` and return what `facts` reads of that very state. Raises DumpFailed."""
    if engine.dialect.name == "sqlite":
        _copy_sqlite(engine, target)
        with opened(target) as session:
            return facts(session)
    return _dump_postgresql(engine, target, facts)


def restore(engine: Engine, source: Path) -> None:
    """Fill an empty database from `source`. Raises DumpFailed where it is not empty or the dump does not fit."""
    if inspect(engine).get_table_names():
        raise DumpFailed("The database is not empty. Restore into a new one.")
    engine.dispose()
    if engine.dialect.name == "sqlite":
        _fill_sqlite(engine, source)
        return
    _run(
        [
            "pg_restore",
            "--no-owner",
            "--exit-on-error",
            "--single-transaction",
            "--dbname",
            _plain_url(engine),
            str(source),
        ]
    )


@contextmanager
def opened(path: Path) -> Iterator[Session]:
    """Yield a session on the SQLite file at `path` that cannot write."""
    engine = make_engine(f"sqlite:///{path}")
    try:
        with Session(engine.execution_options(**{READ_ONLY: True})) as session:
            yield session
    finally:
        engine.dispose()


def _copy_sqlite(engine: Engine, target: Path) -> None:
    copy = sqlite3.connect(target)
    try:
        with engine.execution_options(**{READ_ONLY: True}).connect() as connection:
            source = connection.connection.driver_connection
            assert isinstance(source, sqlite3.Connection)
            source.backup(copy)
    except sqlite3.Error as error:
        raise DumpFailed(f"The database could not be copied: {error}") from error
    finally:
        copy.close()


def _fill_sqlite(engine: Engine, source: Path) -> None:
    dumped, target = sqlite3.connect(source), sqlite3.connect(str(engine.url.database))
    try:
        dumped.backup(target)
    except sqlite3.DatabaseError as error:
        raise DumpFailed(f"The dump cannot be read: {error}") from error
    finally:
        dumped.close()
        target.close()


def _dump_postgresql(engine: Engine, target: Path, facts: Callable[[Session], Facts]) -> Facts:
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        found = facts(Session(connection))
        _run(
            [
                "pg_dump",
                "--format=custom",
                f"--snapshot={snapshot}",
                "--file",
                str(target),
                "--dbname",
                _plain_url(engine),
            ]
        )
    return found


def _plain_url(engine: Engine) -> str:
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  (fixed program, our own arguments)
    except FileNotFoundError as error:
        raise DumpFailed(f"{command[0]} is not on this machine. Install PostgreSQL's client programs.") from error
    if done.returncode:
        raise DumpFailed(f"{command[0]}: {done.stderr.strip()[:500]}")
