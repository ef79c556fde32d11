"""Setting up: once, quickly the second time, and with one sentence where it cannot be done."""

import ast
import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tools import prepare
from tools.prepare import Checkout, explained, explained_os_error
from tools.system import Done, Machine, Stop

TOOLS = Path(prepare.__file__).parent


class FakeMachine(Machine):
    """A machine with all of the system's packages, whose installer only notes what it is asked for."""

    def __init__(self, *, uv: bool = True, broken: Mapping[str, str] | None = None) -> None:
        super().__init__({})
        self.uv = uv
        self.broken = broken or {}
        self.calls: list[list[str]] = []

    def which(self, name: str) -> str | None:
        return None if name == "uv" and not self.uv else f"/usr/bin/{name}"

    def system(self) -> str:
        return "debian"

    def is_root(self) -> bool:
        return False

    def loads(self, library: str) -> bool:
        return True

    def font_families(self) -> set[str]:
        families = {"WenQuanYi Micro Hei", "Noto Sans CJK JP", "Noto Color Emoji"}
        return families | {"Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari"}

    def run(self, command: Sequence[str]) -> Done:
        self.calls.append(list(command))
        said = next((said for word, said in self.broken.items() if word in " ".join(command)), None)
        if said is not None:
            return Done(1, said)
        if "venv" in command:
            python = Path(command[-1], "bin", "python")
            python.parent.mkdir(parents=True)
            python.symlink_to(sys.executable)
        return Done(0, "")

    def installs(self) -> list[list[str]]:
        return [call for call in self.calls if "--require-hashes" in call]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "a folder with spaces"
    root.mkdir()
    (root / "requirements.txt").write_text("flask==3.1.0\n")
    (root / "requirements-dev.txt").write_text("pytest==9.0.0\n")
    return root


@pytest.mark.parametrize("uv", [True, False])
def test_a_second_run_starts_no_installer(checkout: Path, uv: bool) -> None:
    prepare.prepare("run", checkout, FakeMachine(uv=uv))
    again = FakeMachine(uv=uv)
    prepare.prepare("run", checkout, again)
    assert again.calls == []


def test_the_tests_bring_the_site_along(checkout: Path) -> None:
    prepare.prepare("test", checkout, FakeMachine())
    again = FakeMachine()
    prepare.prepare("run", checkout, again)
    assert again.calls == []


def test_the_site_alone_does_not_bring_the_tests(checkout: Path) -> None:
    machine = FakeMachine()
    prepare.prepare("run", checkout, machine)
    assert not any("requirements-dev" in part for call in machine.installs() for part in call)
    prepare.prepare("test", checkout, machine)
    assert len(machine.installs()) == 2


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_a_changed_lock_file_is_installed_into_the_same_environment(checkout: Path, lock: str) -> None:
    prepare.prepare("test", checkout, FakeMachine())
    (checkout / lock).write_text("flask==3.1.1\n")
    machine = FakeMachine()
    prepare.prepare("test", checkout, machine)
    assert machine.calls == machine.installs()
    assert len(machine.calls) == 1


def test_an_interrupted_install_is_taken_up_again(checkout: Path) -> None:
    with pytest.raises(Stop):
        prepare.prepare("run", checkout, FakeMachine(broken={"--require-hashes": "killed"}))
    machine = FakeMachine()
    prepare.prepare("run", checkout, machine)
    assert len(machine.installs()) == 1


def test_an_environment_whose_python_is_gone_is_made_anew(checkout: Path) -> None:
    prepare.prepare("run", checkout, FakeMachine())
    python = checkout / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    prepare.prepare("run", checkout, FakeMachine())
    assert Checkout(checkout, FakeMachine()).is_ready("run")


def test_an_environment_of_another_python_is_made_anew(checkout: Path) -> None:
    prepare.prepare("run", checkout, FakeMachine())
    stamp = checkout / ".venv" / "prepared.json"
    stamp.write_text(json.dumps({**json.loads(stamp.read_text()), "interpreter": "/usr/bin/python3.12"}))
    machine = FakeMachine()
    prepare.prepare("run", checkout, machine)
    assert "venv" in machine.calls[0]


def test_a_stamp_that_cannot_be_read_is_no_stamp(checkout: Path) -> None:
    prepare.prepare("run", checkout, FakeMachine())
    (checkout / ".venv" / "prepared.json").write_text("[torn")
    assert not Checkout(checkout, FakeMachine()).is_ready("run")


def test_an_environment_without_an_installer_is_made_anew(checkout: Path) -> None:
    prepare.prepare("run", checkout, FakeMachine(uv=True))
    (checkout / "requirements.txt").write_text("flask==3.1.1\n")
    without = FakeMachine(uv=False, broken={"pip --version": "No module named pip"})
    prepare.prepare("run", checkout, without)
    assert any(call[1:3] == ["-m", "venv"] for call in without.calls)


def test_where_venv_is_a_package_of_its_own_its_name_is_in_the_line_to_type(checkout: Path) -> None:
    machine = FakeMachine(uv=False, broken={"import ensurepip": "No module named ensurepip", "sudo -n": ""})
    with pytest.raises(Stop, match=r"sudo apt-get install -y \S*-venv"):
        prepare.prepare("run", checkout, machine)


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("error: No space left on device (os error 28)", "The disk is full"),
        ("ERROR: Could not find a version\nTemporary failure in name resolution", "could not be reached"),
        ("error: Request failed after 3 retries\n  Caused by: dns error", "could not be reached"),
        ("WARNING: Retrying ... NewConnectionError('<pip._vendor...>: Failed to establish')", "could not be reached"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not the file that the lock"),
        ("error: failed to create directory: Permission denied (os error 13)", "cannot be written to"),
        ("something else\nlast words\n", "last words"),
        ("", "said nothing"),
    ],
)
def test_what_an_installer_says_becomes_one_sentence(output: str, sentence: str) -> None:
    assert sentence in explained(output)
    assert "\n" not in explained(output)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [(errno.ENOSPC, "The disk is full"), (errno.EROFS, "cannot be written"), (errno.EACCES, "cannot be written")],
)
def test_what_the_system_refuses_becomes_one_sentence(number: int, sentence: str) -> None:
    assert sentence in explained_os_error(OSError(number, os.strerror(number), ".venv"))


def test_a_failed_install_points_to_all_that_was_said(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = prepare.main(["run"], checkout, FakeMachine(broken={"--require-hashes": "first\nlast words"}))
    assert status == 1
    assert "last words" in capsys.readouterr().err
    assert (checkout / ".venv" / "prepare.log").read_text() == "first\nlast words"


def test_a_folder_that_cannot_be_made_is_one_sentence(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / ".venv").write_text("a file stands in the way")
    assert prepare.main(["run"], checkout, FakeMachine()) == 1
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["walk"], ["run", "test"]])
def test_a_wrong_call_shows_the_right_one(checkout: Path, arguments: list[str]) -> None:
    assert prepare.main(arguments, checkout, FakeMachine()) == 2


@pytest.mark.parametrize("file", ["prepare.py", "servers.py", "system.py", "__init__.py"])
def test_an_old_python_can_read_it_so_that_it_can_be_told(file: str) -> None:
    ast.parse((TOOLS / file).read_text(), feature_version=(3, 7))


@pytest.mark.prove
@pytest.mark.parametrize("with_uv", [True, False])
def test_a_real_environment_is_made_in_a_folder_with_spaces(checkout: Path, with_uv: bool) -> None:
    for lock in prepare.LOCKS["test"]:
        (checkout / lock).write_text("")
    shutil.copytree(TOOLS, checkout / "tools")
    here = str(Path(sys.executable).parent) if with_uv else ""
    environment = {"PATH": f"{here}:/usr/bin:/bin", "HOME": str(checkout)}
    command = [sys.executable, "tools/prepare.py", "run"]
    first = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    assert (first.returncode, first.stderr) == (0, "")
    again = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert (checkout / ".venv" / "bin" / "python").exists()
