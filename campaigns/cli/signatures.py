"""flask --app app signatures …"""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from campaigns.campaign import queries as campaigns
from campaigns.deliveries import announcing, operations, queries
from campaigns.kernel.errors import Refusal
from campaigns.web.context import services

group = AppGroup("signatures", help="Signatures and their lists.")


@group.command("list")
@click.argument("slug")
@click.option("--output", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--paper", type=click.Choice(["letter", "a4"]), default="letter")
@click.option("--without-telling", is_flag=True, help="Name also whom no mail of the desk's told of the list.")
def make_list(slug: str, output: Path, paper: str, *, without_telling: bool) -> None:
    """Make the next numbered list of a campaign and write its PDF.

    Signatories are told at the desk first, as for every list, unless you have told them in another way.
    """
    if not output.parent.is_dir():  # said before a number is used up
        raise click.ClickException(f"There is no folder {output.parent}.")
    now = services().clock()
    try:
        with services().work() as session:
            campaign = campaigns.find_published(session, slug, now)
            if campaign is None:
                raise click.ClickException(f"There is no published campaign called {slug}.")
            told = None if without_telling else announcing.under_which(session, campaign, now=now)
            public_id = operations.request(
                session, campaign, paper=paper, answer_expected=None, actor="system", now=now, announcements=told
            )
            delivery = queries.find(session, public_id)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    assert delivery is not None
    try:
        current_app.extensions["undersigned.printing"].run(operations.print_payload(delivery.id, told))
        _write(output, b"".join(services().files.stream(f"deliveries/{public_id}.pdf")))
    except OSError as error:
        raise click.ClickException(
            f"List no. {delivery.number} could not be written: {error.strerror or error}. "
            "It is not lost: the desk offers it as soon as a worker has made it."
        ) from error
    click.echo(f"List no. {delivery.number} is in {output}.")


def _write(output: Path, data: bytes) -> None:
    """Write a file whole or not at all. Raises OSError."""
    if output.exists() and not output.is_file():  # a pipe or a device takes no other's place
        output.write_bytes(data)
        return
    draft = output.with_name(f"{output.name}.unfinished")
    try:
        draft.write_bytes(data)
        draft.replace(output)
    finally:
        draft.unlink(missing_ok=True)
