"""flask --app app switches …: for when the desk cannot be reached."""

import click
from flask.cli import AppGroup

from campaigns.kernel.errors import Refusal
from campaigns.rendering.typed import one_line
from campaigns.switches import operations, queries
from campaigns.switches.rules import Switch
from campaigns.web.context import services

group = AppGroup("switches", help="Pause signing or mail, show a banner, stop all writing.")
_NAMES = click.Choice([switch.value for switch in Switch])


@group.command("list")
def show() -> None:
    """Say which switches are on."""
    with services().reading() as session:
        for facts in queries.every(session):
            click.echo(f"{facts.switch.value:10} {'on ' if facts.is_on else 'off'} {facts.words}".rstrip())


@group.command("on")
@click.argument("name", type=_NAMES)
@click.option("--words", default="", help="What everybody reads while it is on.")
def turn_on(name: str, words: str) -> None:
    """Turn a switch on."""
    _turn(Switch(name), True, one_line(words) or "")


@group.command("off")
@click.argument("name", type=_NAMES)
def turn_off(name: str) -> None:
    """Turn a switch off."""
    _turn(Switch(name), False, "")


def _turn(switch: Switch, is_on: bool, words: str) -> None:
    try:
        with services().work() as session:
            changed = operations.turn(session, switch, is_on=is_on, words=words, actor="system", now=services().clock())
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{switch.value} is {'on' if is_on else 'off'}{'' if changed else ' already'}.")
