"""flask --app app ledger …"""

import click
from flask.cli import AppGroup

from campaigns.ledger import checks, queries
from campaigns.web.context import services

group = AppGroup("ledger", help="The journal of money.")


@group.command("verify")
@click.option(
    "--head", "heads", multiple=True, metavar="N:HASH", help="A head printed on a statement, to hold the journal to."
)
def verify(heads: tuple[str, ...]) -> None:
    """Prove every law of the ledger; exit 1 and name what is broken."""
    known = {int(number): its_hash for number, _, its_hash in (head.partition(":") for head in heads)}
    with services().reading() as session:
        findings = checks.verify(session, known)
        head = queries.head(session)
    for finding in findings:
        click.echo(str(finding), err=True)
    if findings:
        raise click.exceptions.Exit(1)
    click.echo(f"Every law holds. {head.sequence} entries; head {head.hash}")
