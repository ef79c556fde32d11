"""flask --app app database …"""

from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from flask.cli import AppGroup

from campaigns.web.context import services

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
group = AppGroup("database", help="The database's tables.")


def alembic_config() -> Config:
    """Return Alembic's configuration; it reuses the site's own engine."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = services().engine
    return config


@group.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the tables to the newest form (or to REVISION)."""
    command.upgrade(alembic_config(), revision)


@group.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the tables back to REVISION ("base" drops them all)."""
    command.downgrade(alembic_config(), revision)


@group.command("revision")
@click.option("-m", "--message", required=True)
def revision(message: str) -> None:
    """Draft a migration from the difference between tables and models."""
    command.revision(
        alembic_config(), message, autogenerate=True, rev_id=f"{len(list(MIGRATIONS.glob('versions/*.py'))) + 1:04}"
    )
