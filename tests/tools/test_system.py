"""System packages: installed where that is allowed, else one line to type."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tools.system import (
    NEEDS_OF_THE_SITE,
    NEEDS_OF_THE_TESTS,
    Done,
    Machine,
    Need,
    Stop,
    line_to_type,
    missing,
    see_to_system,
    see_to_tests,
)

FONTS = {
    "fonts-noto-core": {"Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari"},
    "fonts-wqy-microhei": {"WenQuanYi Micro Hei"},
    "fonts-noto-cjk": {"Noto Sans CJK JP"},
    "fonts-noto-color-emoji": {"Noto Color Emoji"},
}
LIBRARIES = {
    "libpango-1.0-0": "libpango-1.0.so.0",
    "libpangoft2-1.0-0": "libpangoft2-1.0.so.0",
    "libharfbuzz-subset0": "libharfbuzz-subset.so.0",
}
COMMANDS = {"fontconfig": "fc-list", "chromium": "chromium", "poppler-utils": "pdftoppm"}
EVERYTHING = {*FONTS, *LIBRARIES, *COMMANDS}


class FakeMachine(Machine):
    """A machine with the packages it is told of, whose apt installs what the archive holds."""

    def __init__(self, packages: set[str], *, root: bool = False, sudo: bool = False, system: str = "debian") -> None:
        super().__init__({})
        self.packages = set(packages)
        self.archive = set(EVERYTHING)
        self.root = root
        self.sudo = sudo
        self.name = system
        self.lists_age = 0.0
        self.stale = False
        self.calls: list[str] = []

    def which(self, name: str) -> str | None:
        always = {"apt-get"} if self.name == "debian" else set()
        here = always | {"sudo"} | {command for package, command in COMMANDS.items() if package in self.packages}
        return f"/usr/bin/{name}" if name in here else None

    def is_root(self) -> bool:
        return self.root

    def system(self) -> str:
        return self.name

    def loads(self, library: str) -> bool:
        return library in {name for package, name in LIBRARIES.items() if package in self.packages}

    def font_families(self) -> set[str]:
        return {family for package, families in FONTS.items() if package in self.packages for family in families}

    def seconds_since_apt_update(self) -> float:
        return self.lists_age

    def run(self, command: Sequence[str]) -> Done:
        self.calls.append(" ".join(command))
        if command == ["sudo", "-n", "true"]:
            return Done(0 if self.sudo else 1, "")
        if command[-1] == "update":
            self.stale = False
            return Done(0, "")
        return self._install(set(command[command.index("--no-install-recommends") + 1 :]))

    def _install(self, wanted: set[str]) -> Done:
        unknown = sorted(wanted - self.archive)
        if self.stale or unknown:
            return Done(100, f"Reading package lists...\nE: Unable to locate package {''.join(unknown[:1])}\n")
        self.packages |= wanted
        return Done(0, "")

    def updates(self) -> int:
        return sum(call.endswith("update") for call in self.calls)


def test_a_machine_that_has_everything_is_left_alone() -> None:
    machine = FakeMachine(EVERYTHING, root=True)
    see_to_system(NEEDS_OF_THE_SITE, machine)
    assert machine.calls == []


@pytest.mark.parametrize("rights", [{"root": True}, {"sudo": True}])
def test_what_is_missing_is_installed_where_nobody_need_be_asked(rights: dict[str, bool]) -> None:
    machine = FakeMachine({"fontconfig", *LIBRARIES}, **rights)
    see_to_system(NEEDS_OF_THE_SITE, machine)
    assert missing(NEEDS_OF_THE_SITE, machine) == []
    installing = machine.calls[-1]
    assert "DEBIAN_FRONTEND=noninteractive" in installing
    assert "libpango" not in installing
    assert installing.startswith("sudo -n ") is ("sudo" in rights)


@pytest.mark.parametrize(("age", "updates"), [(0.0, 0), (3600.0, 0), (8 * 86400.0, 1), (float("inf"), 1)])
def test_package_lists_are_fetched_only_when_they_are_old(age: float, updates: int) -> None:
    machine = FakeMachine(set(), root=True)
    machine.lists_age = age
    see_to_system(NEEDS_OF_THE_SITE, machine)
    assert machine.updates() == updates


def test_young_lists_that_name_gone_versions_are_fetched_again() -> None:
    machine = FakeMachine(set(), root=True)
    machine.stale = True
    see_to_system(NEEDS_OF_THE_SITE, machine)
    assert machine.updates() == 1
    assert missing(NEEDS_OF_THE_SITE, machine) == []


@pytest.mark.parametrize(
    ("system", "beginning"),
    [
        ("debian", "sudo apt-get install -y libharfbuzz-subset0 fonts-noto-cjk"),
        ("fedora", "sudo dnf install -y harfbuzz google-noto-sans-cjk-fonts"),
        ("macos", "brew install pango font-noto-sans-cjk"),
    ],
)
def test_without_rights_one_line_is_given_to_type(system: str, beginning: str) -> None:
    machine = FakeMachine(EVERYTHING - {"libharfbuzz-subset0", "fonts-noto-cjk"}, system=system)
    with pytest.raises(Stop) as stop:
        see_to_system(NEEDS_OF_THE_SITE, machine)
    assert str(stop.value).splitlines()[1:] == ["    " + beginning]
    assert "Type this line" in str(stop.value)


def test_an_unknown_system_is_given_the_line_of_each_known_one() -> None:
    lines = line_to_type(NEEDS_OF_THE_SITE, "").splitlines()
    assert [line.split()[0] for line in lines] == ["sudo", "sudo", "brew"]


def test_no_system_is_told_to_install_the_same_thing_twice() -> None:
    assert line_to_type(NEEDS_OF_THE_SITE, "macos").split().count("pango") == 1


def test_what_apt_does_not_have_is_said_with_its_own_words() -> None:
    machine = FakeMachine(set(), root=True)
    machine.archive -= {"fonts-noto-cjk"}
    with pytest.raises(Stop, match="Unable to locate package fonts-noto-cjk"):
        see_to_system(NEEDS_OF_THE_SITE, machine)


@pytest.mark.parametrize("need", NEEDS_OF_THE_SITE, ids=lambda need: need.debian)
def test_each_need_is_noticed_when_it_alone_is_missing(need: Need) -> None:
    machine = FakeMachine(EVERYTHING - {need.debian})
    assert missing(NEEDS_OF_THE_SITE, machine) == [need]


def test_without_a_browser_the_tests_go_on_and_say_loudly_what_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    see_to_tests(FakeMachine(EVERYTHING - {"chromium"}))
    assert "LEFT OUT: every test in a real browser" in capsys.readouterr().out


def test_on_ci_a_missing_browser_ends_it() -> None:
    machine = FakeMachine(EVERYTHING - {"chromium"})
    machine.environment = {"CI": "true"}
    with pytest.raises(Stop, match="chromium"):
        see_to_tests(machine)


def test_a_browser_that_apt_lacks_does_not_keep_the_other_tools_away() -> None:
    machine = FakeMachine(EVERYTHING - {"chromium", "poppler-utils"}, root=True)
    machine.archive -= {"chromium"}
    see_to_tests(machine)
    assert [need.debian for need in missing(NEEDS_OF_THE_TESTS, machine)] == ["chromium"]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("ID=debian\n", "debian"),
        ("ID=ubuntu\nID_LIKE=debian\n", "debian"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', "debian"),
        ("ID=fedora\n", "fedora"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "fedora"),
        ("ID=arch\n", ""),
    ],
)
def test_a_system_is_known_by_its_release_file(text: str, known: str, tmp_path: Path) -> None:
    machine = Machine({})
    machine.release_file = tmp_path / "os-release"
    machine.release_file.write_text(text)
    assert machine.system() == known


def test_a_machine_without_a_release_file_is_unknown_and_no_error(tmp_path: Path) -> None:
    machine = Machine({})
    machine.release_file = tmp_path / "os-release"
    assert machine.system() == ""


def test_a_command_that_is_not_there_is_an_answer_and_no_error() -> None:
    assert Machine({}).run(["no-such-command"]).code == 127


def test_a_library_that_is_not_there_is_noticed() -> None:
    machine = Machine({})
    assert machine.loads("libc.so.6")
    assert not machine.loads("libnowhere.so.0")
