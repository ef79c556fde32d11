"""flask --app app ledger …"""

import re

import click
from flask.cli import AppGroup

from campaigns.donations import checks as donation_checks
from campaigns.donations import receipting
from campaigns.ledger import checks, queries
from campaigns.membership import receipting as dues_receipting
from campaigns.payments import checks as payment_checks
from campaigns.receipts import checks as receipts
from campaigns.web.context import services

group = AppGroup("ledger", help="The journal of money.")


def _known_heads(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[int, str]:
    heads = [re.fullmatch("([0-9]{1,18}):([0-9a-f]{64})", value) for value in values]
    if not all(heads):
        raise click.BadParameter("write it as it stands on the statement: a number, a colon, 64 letters and figures.")
    return {int(head[1]): head[2] for head in heads if head}


@group.command("verify")
@click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="N:HASH",
    callback=_known_heads,
    help="A head printed on a statement, to hold the journal to.",
)
def verify(heads: dict[int, str]) -> None:
    """Prove every law of ledger and receipts, and that gifts, dues, refunds and disputes agree; exit 1 where not."""
    with services().reading() as session:
        findings = [
            *checks.verify(session, heads),
            *donation_checks.verify(session),
            *payment_checks.verify(session, services().clock()),
            *receipts.verify(session),
            *receipting.GIFTS.verify(session),
            *dues_receipting.DUES.verify(session),
        ]
        head = queries.head(session)
    for finding in findings:
        click.echo(str(finding), err=True)
    if findings:
        raise click.exceptions.Exit(1)
    click.echo(f"Every law holds. {head.sequence} entries; head {head.hash}")
