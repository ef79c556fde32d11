"""flask --app app payments …"""

from datetime import timedelta

import click
from flask import current_app
from flask.cli import AppGroup

from campaigns.payments.doctor import Doctor
from campaigns.payments.flows import Payments
from campaigns.web.context import services

group = AppGroup("payments", help="Payments.")


def _payments() -> Payments:
    payments: Payments = current_app.extensions["undersigned.payments"]
    return payments


@group.command("sweep")
@click.option("--days", type=click.IntRange(1), help="Read the provider's books so many days back.")
def sweep(days: int | None) -> None:
    """Ask the provider about every payment that no event has settled, and read its books."""
    back = timedelta(days=days) if days else None
    count = _payments().sweep(older_than=timedelta(0), back=back, further=back is not None)
    click.echo(f"{count} payments looked at.")


@group.command("doctor")
def doctor() -> None:
    """Say whether payments are set up and on time, a line for each question; exit 1 where something is wrong."""
    payments, ours = _payments(), services()
    if payments.books is None:
        raise click.ClickException("No payment key is set, so nothing can be given.")
    lines = Doctor(ours.reading, payments.books, ours.clock, payments.livemode, ours.links.webhook).examine()
    for line in lines:
        click.echo(str(line))
    if not all(line.is_well for line in lines):
        raise click.exceptions.Exit(1)
