"""What this machine has of the system's packages, and how to get the rest: libraries, fonts, a browser.

Standard library only, and nothing newer than Python 3.7: prepare.py reads it before there is anything else.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PRINT_SCRIPTS = ("Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari")
APT_LISTS_GROW_OLD_SECONDS = 7 * 86400
HOMEBREW_LIBRARIES = ("/opt/homebrew/lib", "/usr/local/lib")


class Stop(Exception):
    """The setting-up cannot go on; the message is one sentence for the person at the terminal."""


def say(step: str) -> None:
    """Print one calm line about what takes its time."""
    print(f"Setting up: {step}", flush=True)


class Done(NamedTuple):
    """How a command ended, and all it said."""

    code: int
    text: str


class Machine:
    """What this machine is and has. Tests hand in another one."""

    release_file = Path("/etc/os-release")

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment

    def which(self, name: str) -> str | None:
        """Return the path of a command, or None."""
        return shutil.which(name, path=self.environment.get("PATH"))

    def run(self, command: Sequence[str]) -> Done:
        """Run `command` without a terminal and wait for it."""
        try:
            ended = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
            )
        except OSError as error:
            return Done(127, str(error))
        return Done(ended.returncode, ended.stdout.decode(errors="replace"))

    def is_root(self) -> bool:
        """Return whether system packages may be installed without asking."""
        return os.geteuid() == 0

    def system(self) -> str:
        """Return debian, fedora, macos, or nothing where it is another."""
        if sys.platform == "darwin":
            return "macos"
        names = _os_release_ids(self.release_file)
        return next((name for name in ("debian", "fedora") if name in names), "")

    def loads(self, library: str) -> bool:
        """Return whether a shared library can be opened, as WeasyPrint will open it."""
        if sys.platform == "darwin":
            name = library.partition(".so")[0] + ".dylib"
            return any(Path(folder, name).exists() for folder in HOMEBREW_LIBRARIES)
        try:
            ctypes.CDLL(library)
        except OSError:
            return False
        return True

    def font_families(self) -> set[str]:
        """Return the names of the fonts that fontconfig knows."""
        lines = self.run(["fc-list", ":", "family"]).text.replace(",", "\n").splitlines()
        return {line.strip() for line in lines}

    def seconds_since_apt_update(self) -> float:
        """Return the age of apt's package lists; endless where there are none."""
        lists = list(Path("/var/lib/apt/lists").glob("*_Packages*"))
        return time.time() - max((file.stat().st_mtime for file in lists), default=float("-inf"))


def _os_release_ids(file: Path) -> set[str]:
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return set()
    values = [line.split("=", 1)[1] for line in lines if line.startswith(("ID=", "ID_LIKE="))]
    return {"debian" if name == "ubuntu" else name for value in values for name in value.strip("\"'").split()}


class Need(NamedTuple):
    """Something of the system's, and what each kind of system calls its package (nothing: not needed there)."""

    debian: str
    fedora: str
    macos: str
    is_there: Callable[[Machine], bool]
    left_out: str = ""  # for the tests only: what cannot be tested without it

    def package(self, system: str) -> str:
        """Return the package's name, or names, on `system`."""
        return {"debian": self.debian, "fedora": self.fedora, "macos": self.macos}[system]


def _library(name: str) -> Callable[[Machine], bool]:
    return lambda machine: machine.loads(name)


def _fonts(*families: str) -> Callable[[Machine], bool]:
    return lambda machine: machine.font_families() >= set(families)


NEEDS_OF_THE_SITE = [
    Need("libpango-1.0-0", "pango", "pango", _library("libpango-1.0.so.0")),
    Need("libpangoft2-1.0-0", "pango", "pango", _library("libpangoft2-1.0.so.0")),
    Need("libharfbuzz-subset0", "harfbuzz", "pango", _library("libharfbuzz-subset.so.0")),
    Need("fontconfig", "fontconfig", "fontconfig", lambda machine: bool(machine.which("fc-list"))),
    Need(
        "fonts-noto-core",
        "google-noto-sans-vf-fonts google-noto-sans-arabic-vf-fonts google-noto-sans-hebrew-vf-fonts"
        " google-noto-sans-devanagari-vf-fonts",
        "font-noto-sans font-noto-sans-arabic font-noto-sans-hebrew font-noto-sans-devanagari",
        _fonts(*PRINT_SCRIPTS),
    ),
    # As TrueType it makes the smaller PDFs; the Noto faces fill in what it lacks.
    Need("fonts-wqy-microhei", "wqy-microhei-fonts", "", _fonts("WenQuanYi Micro Hei")),
    Need("fonts-noto-cjk", "google-noto-sans-cjk-fonts", "font-noto-sans-cjk", _fonts("Noto Sans CJK JP")),
    Need(
        "fonts-noto-color-emoji",
        "google-noto-color-emoji-fonts",
        "font-noto-color-emoji",
        _fonts("Noto Color Emoji"),
    ),
]
NEEDS_OF_THE_TESTS = [
    Need("chromium", "chromium", "chromium", lambda machine: bool(browser(machine)), "every test in a real browser"),
    Need(
        "poppler-utils",
        "poppler-utils",
        "poppler",
        lambda machine: bool(machine.which("pdftoppm")),
        "every test that looks at printed pages",
    ),
]


def browser(machine: Machine) -> str | None:
    """Return the path of the browser that the tests drive, or None."""
    found = (machine.which(name) for name in BROWSERS)
    return next((path for path in found if path), None)


def missing(needs: Iterable[Need], machine: Machine) -> list[Need]:
    """Return the needs that `machine` does not meet."""
    system = machine.system()
    wanted = [need for need in needs if not system or need.package(system)]
    return [need for need in wanted if not need.is_there(machine)]


def line_to_type(needs: Sequence[Need], system: str) -> str:
    """Return the one line that installs `needs` on `system`; for an unknown system, a line for each known one."""
    commands = {"debian": "sudo apt-get install -y", "fedora": "sudo dnf install -y", "macos": "brew install"}
    lines = [
        " ".join([command, *dict.fromkeys(need.package(name) for need in needs if need.package(name))])
        for name, command in commands.items()
        if system in ("", name)
    ]
    return "\n".join("    " + line for line in lines)


def see_to_system(needs: Sequence[Need], machine: Machine) -> None:
    """Install what is missing with apt where that is allowed. Raises Stop with the line to type."""
    absent = missing(needs, machine)
    if not absent:
        return
    refusal = _install_with_apt([need.debian for need in absent], machine)
    still = missing(absent, machine)
    if still:
        raise Stop(f"{refusal} Type this line, then try again:\n{line_to_type(still, machine.system())}")


def _install_with_apt(packages: Sequence[str], machine: Machine) -> str:
    """Return why the packages could not be installed; it is for the caller to look whether they are there."""
    apt = apt_get(machine)
    if apt is None:
        return "System packages are missing: " + ", ".join(packages) + "."
    say("system packages with apt: " + " ".join(packages))
    if machine.seconds_since_apt_update() > APT_LISTS_GROW_OLD_SECONDS:
        machine.run([*apt, "update"])
    ended = machine.run([*apt, "install", "-y", "--no-install-recommends", *packages])
    if ended.code:  # lists that are young can still name versions that are gone
        machine.run([*apt, "update"])
        ended = machine.run([*apt, "install", "-y", "--no-install-recommends", *packages])
    errors = [line[3:].strip() for line in ended.text.splitlines() if line.startswith("E: ")]
    return " ".join(["apt could not install what is missing.", *errors[:1]])


def apt_get(machine: Machine) -> list[str] | None:
    """Return how to call apt-get where it changes the system, without being asked for a password; or None."""
    if not machine.which("apt-get"):
        return None
    can_sudo = machine.is_root() or (machine.which("sudo") and machine.run(["sudo", "-n", "true"]).code == 0)
    if not can_sudo:
        return None
    rights = [] if machine.is_root() else ["sudo", "-n"]
    return [*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=60"]


def see_to_tests(machine: Machine, needs: Sequence[Need] = NEEDS_OF_THE_TESTS) -> None:
    """Install what only the tests need, or say what will be left out. Raises Stop on CI, where nothing may be."""
    for need in missing(needs, machine):
        try:
            see_to_system([need], machine)
        except Stop as stop:
            leave_out(need, stop, machine)


def leave_out(need: Need, reason: Stop, machine: Machine) -> None:
    """Say loudly what cannot be tested here, and why. Raises `reason` on CI."""
    if machine.environment.get("CI") == "true":
        raise reason
    print(f"LEFT OUT: {need.left_out}. {reason}", flush=True)
