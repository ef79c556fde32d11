"""Make a fresh machine ready: `python3 tools/prepare.py run` for the site, `… test` for the tests, `… prove` for all.

Puts a virtual environment into .venv, installs what the lock files pin, and sees to the few system packages that
no lock file can bring. It is run before each command of the Makefile, so a second run only looks (0.1 s).
Standard library only; a problem is one sentence and exit status 1, never a traceback.
It is read by whatever Python the machine has, so that an old one can be told so: nothing here is newer than 3.7.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # it is also started as a file, and then finds only its own folder

from tools.servers import see_to_servers  # noqa: E402  (after the path, see above)
from tools.system import (  # noqa: E402  (after the path, see above)
    NEEDS_OF_THE_SITE,
    Machine,
    Need,
    Stop,
    say,
    see_to_system,
    see_to_tests,
)

OLDEST_PYTHON = (3, 11)
KNOWN_MINORS = (14, 13, 12, 11)
LOCKS = {"run": ["requirements.txt"], "test": ["requirements.txt", "requirements-dev.txt"]}
MODES = ("run", "test", "prove")  # the long proofs need the packages of the tests, and servers


class Checkout:
    """The folder that the project stands in, with its virtual environment."""

    def __init__(self, root: Path, machine: Machine) -> None:
        self.root = root
        self.machine = machine
        self.venv = root / ".venv"
        self.python = self.venv / "bin" / "python"
        self.stamp = self.venv / "prepared.json"
        self.log = self.venv / "prepare.log"
        self.servers = self.venv / "servers"

    def digest(self, mode: str) -> str:
        """Return what the installed packages of `mode` depend on, as one digest."""
        whole = hashlib.sha256()
        for name in LOCKS[mode]:
            whole.update((self.root / name).read_bytes())
        return whole.hexdigest()

    def stamps(self) -> dict[str, str]:
        """Return what was installed, by mode; nothing where that cannot be told."""
        try:
            read = json.loads(self.stamp.read_text())
        except (OSError, ValueError):
            return {}
        return read if isinstance(read, dict) else {}

    def is_ready(self, mode: str) -> bool:
        """Return whether the environment holds what the lock files of `mode` pin, for the Python it was made with."""
        stamps = self.stamps()
        same_python = stamps.get("interpreter") == os.path.realpath(self.python)
        return self.python.exists() and same_python and stamps.get(mode) == self.digest(mode)

    def see_to_packages(self, mode: str) -> None:
        """Make the environment and install into it. Raises Stop."""
        if self.is_ready(mode):
            return
        self._make_environment()
        say(f"{' and '.join(LOCKS[mode])} into .venv (about a minute)")
        self._checked([*self._installer(), "--require-hashes", *self._requirement_options(mode)])
        self._write_stamp(mode)

    def needs(self) -> list[Need]:
        """Return what the making of the environment needs of the system: on Debian, venv is a package of its own."""
        python = self._interpreter()
        if self.machine.which("uv") or self.python.exists() or not python:
            return []
        version = self.machine.run([python, "-c", "import sys; print('python%d.%d' % sys.version_info[:2])"]).text
        return [_venv_module(python, version.strip())]

    def _make_environment(self) -> None:
        interpreter = os.path.realpath(self.python)
        stamped = self.stamps().get("interpreter", interpreter)
        if self.python.exists() and stamped == interpreter and self._has_installer():
            return
        if self.venv.exists():
            shutil.rmtree(self.venv)
        say("virtual environment in .venv")
        python = self._interpreter()
        if self.machine.which("uv"):
            self._checked(["uv", "venv", "--quiet", "--python", python or ">=3.11", str(self.venv)])
        elif python:
            self._checked([python, "-m", "venv", str(self.venv)])
        else:
            raise Stop("Python 3.11 or newer is needed, and this is Python {}.{}.".format(*sys.version_info[:2]))

    def _interpreter(self) -> str | None:
        """Return a Python that is new enough: the running one (outside any environment), else one on PATH."""
        if sys.version_info >= OLDEST_PYTHON:
            return str(getattr(sys, "_base_executable", "") or sys.executable)
        found = [self.machine.which(f"python3.{minor}") for minor in KNOWN_MINORS]
        return next((path for path in found if path and self.machine.run([path, "-c", ""]).code == 0), None)

    def _has_installer(self) -> bool:
        return (
            bool(self.machine.which("uv")) or self.machine.run([str(self.python), "-m", "pip", "--version"]).code == 0
        )

    def _installer(self) -> list[str]:
        if self.machine.which("uv"):
            return ["uv", "pip", "install", "--quiet", "--python", str(self.python)]
        return [str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]

    def _requirement_options(self, mode: str) -> list[str]:
        return [part for name in LOCKS[mode] for part in ("-r", str(self.root / name))]

    def _write_stamp(self, mode: str) -> None:
        stamps = {"run": self.digest("run"), mode: self.digest(mode), "interpreter": os.path.realpath(self.python)}
        self.stamp.write_text(json.dumps(stamps))

    def _checked(self, command: Sequence[str]) -> None:
        ended = self.machine.run(command)
        if ended.code == 0:
            return
        where = ""
        if self.venv.is_dir():
            self.log.write_text(ended.text)
            where = f" The whole output stands in {self.log.relative_to(self.root)}."
        raise Stop(explained(ended.text) + where)


def _venv_module(python: str, name: str) -> Need:
    def is_there(machine: Machine) -> bool:
        return machine.run([python, "-c", "import ensurepip, venv"]).code == 0

    return Need(f"{name}-venv", "python3", "python3", is_there)


def explained(output: str) -> str:
    """Return one sentence for what an installer said when it failed."""
    said = output.lower()
    reasons = [
        (("no space left", "disk quota"), "The disk is full: free some space, then try again."),
        (("do not match the hashes", "hash mismatch"), "A download is not the file that the lock file pins."),
        (
            ("name resolution", "dns error", "failed to fetch", "connection", "network", "timed out", "newconnection"),
            "The package index could not be reached: look at the network connection, then try again.",
        ),
        (("permission denied", "read-only file system"), "This folder cannot be written to."),
    ]
    for words, sentence in reasons:
        if any(word in said for word in words):
            return sentence
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return f"The packages could not be installed: {lines[-1] if lines else 'the installer said nothing'}."


def prepare(mode: str, root: Path, machine: Machine) -> None:
    """Make `root` ready for `mode`, one of MODES. Raises Stop."""
    checkout = Checkout(root, machine)
    packages = "run" if mode == "run" else "test"
    if not checkout.is_ready(packages) and not os.access(root, os.W_OK):
        raise Stop(f"This folder cannot be written to: {root}")
    see_to_system([*checkout.needs(), *NEEDS_OF_THE_SITE], machine)
    if packages == "test":
        see_to_tests(machine)
    checkout.see_to_packages(packages)
    if mode == "prove":
        see_to_servers(checkout.servers, machine)


def explained_os_error(error: OSError) -> str:
    """Return one sentence for a refusal of the operating system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full: free some space, then try again."
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"This cannot be written to: {error.filename or 'a file'}"
    return f"{error.strerror}: {error.filename or ''}"


def main(arguments: Sequence[str], root: Path, machine: Machine) -> int:
    """Return the exit status of `prepare.py run|test|prove`."""
    if len(arguments) != 1 or arguments[0] not in MODES:
        print(f"Usage: python3 tools/prepare.py {'|'.join(MODES)}", file=sys.stderr)
        return 2
    try:
        lock = os.open(root, os.O_RDONLY)  # a folder can be locked as well as a file, and leaves nothing behind
        fcntl.flock(lock, fcntl.LOCK_EX)
        prepare(arguments[0], root, machine)
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except OSError as error:
        print(explained_os_error(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], ROOT, Machine(os.environ)))
