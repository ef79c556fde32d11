"""nginx and Caddy for the proofs: fetched and unpacked, never installed."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tools.servers import SERVERS, see_to_servers, server
from tools.system import Done, Machine, Stop


class FakeMachine(Machine):
    """A machine whose apt fetches what its archive holds, once its lists are there."""

    def __init__(self, *, lists: bool = True, root: bool = False, system: str = "debian", ci: bool = False) -> None:
        super().__init__({"CI": "true"} if ci else {})
        self.lists = lists
        self.root = root
        self.name = system
        self.has: set[str] = set()
        self.archive = {"nginx", "caddy"}
        self.broken: set[str] = set()
        self.calls: list[list[str]] = []

    def which(self, name: str) -> str | None:
        return f"/usr/bin/{name}" if name in {"apt-get", "systemd-analyze", *self.has} else None

    def is_root(self) -> bool:
        return self.root

    def system(self) -> str:
        return self.name

    def run(self, command: Sequence[str]) -> Done:
        self.calls.append(list(command))
        if command[-1] == "update":
            self.lists = True
        elif "download" in command:
            return self._download(Path(command[2]), command[-1])
        elif command[0] == "dpkg-deb":
            name = Path(command[2]).stem
            binary = Path(command[3], "usr/sbin" if name == "nginx" else "usr/bin", name)
            binary.parent.mkdir(parents=True, exist_ok=True)
            binary.touch()
        return Done(1 if Path(command[0]).name in self.broken else 0, "")

    def _download(self, inbox: Path, name: str) -> Done:
        if not self.lists or name not in self.archive:
            return Done(100, "E: Unable to locate package")
        (inbox / f"{name}.deb").touch()
        return Done(0, "")


def found(folder: Path, machine: Machine) -> list[str]:
    return [name for name in SERVERS if server(name, folder, machine)]


def test_servers_are_unpacked_and_nothing_is_installed(tmp_path: Path) -> None:
    machine = FakeMachine(root=True)
    see_to_servers(tmp_path, machine)
    assert found(tmp_path, machine) == ["nginx", "caddy"]
    assert not any("install" in call for call in machine.calls)


def test_a_second_time_nothing_is_fetched(tmp_path: Path) -> None:
    see_to_servers(tmp_path, FakeMachine())
    again = FakeMachine()
    see_to_servers(tmp_path, again)
    assert not any("download" in call for call in again.calls)


def test_the_systems_own_servers_are_taken_where_they_are(tmp_path: Path) -> None:
    machine = FakeMachine()
    machine.has = {"nginx", "caddy"}
    see_to_servers(tmp_path, machine)
    assert server("nginx", tmp_path, machine) == "/usr/bin/nginx"
    assert list(tmp_path.iterdir()) == []


def test_without_package_lists_they_are_fetched_where_that_is_allowed(tmp_path: Path) -> None:
    machine = FakeMachine(lists=False, root=True)
    see_to_servers(tmp_path, machine)
    assert found(tmp_path, machine) == ["nginx", "caddy"]


@pytest.mark.parametrize("spoilt", ["absent", "does not run"])
def test_what_cannot_be_had_is_said_loudly(tmp_path: Path, spoilt: str, capsys: pytest.CaptureFixture[str]) -> None:
    machine = FakeMachine()
    if spoilt == "absent":
        machine.archive -= {"caddy"}
    else:
        machine.broken = {"caddy"}
    see_to_servers(tmp_path, machine)
    said = capsys.readouterr().out
    assert "LEFT OUT: the caddy example as it runs" in said
    assert "LEFT OUT: the nginx" not in said


@pytest.mark.parametrize(("system", "line"), [("debian", "apt-get"), ("fedora", "dnf"), ("macos", "brew")])
def test_on_ci_a_missing_server_ends_it(tmp_path: Path, system: str, line: str) -> None:
    machine = FakeMachine(system=system, ci=True)
    machine.archive.clear()
    with pytest.raises(Stop, match=f"{line} install (-y )?nginx"):
        see_to_servers(tmp_path, machine)
