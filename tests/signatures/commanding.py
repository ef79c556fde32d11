"""Every command of `flask --app app`, with what it is called with on the site that `everybody` lives on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from click import Group
from click.testing import Result

from tests.make import PASSWORD, World

# Files that a command writes are found in its folder.
CALLED: Mapping[str, tuple[str, ...]] = {
    "accounts create": ("new@example.org", "--role", "organizer", "--password-stdin"),
    "backup create": ("{folder}/site.tar",),
    "backup check": ("{folder}/site.tar",),
    "backup restore": ("{folder}/site.tar",),
    "database upgrade": (),
    "demo load": (),
    "ledger verify": (),
    "outbox run": (),
    "payments doctor": (),
    "payments sweep": ("--days", "3"),
    "signatures list": ("rescind", "--without-telling", "--output", "{folder}/list.pdf"),
    "switches list": (),
    "switches off": ("banner",),
    "switches on": ("banner", "--words", "Typed"),
}
LIBRARY_S_OWN = "the sign-in library's own, which knows the accounts of the desk and no signature"
UNCALLED: Mapping[str, str] = {
    "database downgrade": "takes tables away and prints nothing",
    "database revision": "writes a file of code for developers, from the tables as the code has them",
    "worker": "goes on until it is stopped; what it does is done here by `run_worker`, and its log is read",
    **{f"roles {name}": LIBRARY_S_OWN for name in "add add_permissions create remove remove_permissions".split()},
    **{f"users {name}": LIBRARY_S_OWN for name in "activate change_password create deactivate reset_access".split()},
}


@dataclass(frozen=True)
class Called:
    """What a command printed, and what its files hold."""

    name: str
    result: Result

    @property
    def text(self) -> str:
        return f"{self.result.output}\n{self.result.stderr}\n{self.result.exception}"


def commands(group: Group, prefix: str = "") -> Iterator[str]:
    """Yield the words of each command there is."""
    for name, command in group.commands.items():
        if isinstance(command, Group):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}"


def call_every_command(world: World, folder: Path) -> list[Called]:
    """Call each command that ends by itself, in the order of the table."""
    runner, called = world.app.test_cli_runner(), list[Called]()
    for name, arguments in CALLED.items():
        words = [*name.split(), *(each.format(folder=folder) for each in arguments)]
        called.append(Called(name, runner.invoke(args=words, input=f"{PASSWORD}\n")))
    return called
