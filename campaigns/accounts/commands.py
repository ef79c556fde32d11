"""flask --app app accounts …"""

import sys

import click
from flask import current_app
from flask.cli import AppGroup

from campaigns.accounts import operations
from campaigns.accounts.rules import ROLES
from campaigns.accounts.security import DATASTORE
from campaigns.kernel.errors import Refusal

group = AppGroup("accounts", help="Desk accounts.")


@group.command("create")
@click.argument("email")
@click.option("--role", required=True, type=click.Choice(list(ROLES)))
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
def create(email: str, role: str, password_stdin: bool) -> None:  # noqa: ARG001  (the flag says where the password comes from)
    """Make an account for EMAIL."""
    try:
        operations.create(current_app.extensions[DATASTORE], email, role, sys.stdin.readline().rstrip("\n"))
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{email} can sign in as {role}.")
