"""flask --app app payments …"""

from datetime import timedelta

import click
from flask import current_app
from flask.cli import AppGroup

group = AppGroup("payments", help="Payments.")


@group.command("sweep")
def sweep() -> None:
    """Ask the provider about every payment that no event has settled."""
    count = current_app.extensions["undersigned.payments"].sweep(older_than=timedelta(0))
    click.echo(f"{count} payments looked at.")
