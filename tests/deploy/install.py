"""The project as the units expect to find it, and the units' own command lines run in it."""

import base64
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from configparser import RawConfigParser
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.journeys.stack import ROOT, answers
from tests.waiting import wait_for

EXAMPLES = ROOT / "docs" / "deploy"
UNITS = {"web": EXAMPLES / "undersigned-web.service", "worker": EXAMPLES / "undersigned-worker@.service"}
FOLDER, SETTINGS = "/opt/undersigned", "/etc/undersigned.env"
PORT, APPLICATION = "8000", "app:app"
SERVED = ("app.py", "campaigns", "migrations", "sandbox", "static", "templates")
SYSTEMD_GIVES = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LANG": "C.UTF-8"}
SECONDS_TO_STOP = 60  # TimeoutStopSec= of both units


@dataclass
class Running:
    """A process that a unit's ExecStart= started, the first of its group."""

    process: subprocess.Popen[bytes]
    log: Path

    def is_told(self, how: signal.Signals) -> None:
        """Signal every process, as systemd does (KillMode=control-group)."""
        os.killpg(self.process.pid, how)

    def ends(self) -> int:
        return self.process.wait(SECONDS_TO_STOP)

    def dies(self) -> None:
        """Kill every process of it at once."""
        self.is_told(signal.SIGKILL)
        self.ends()

    def says(self, words: str, times: int = 1) -> None:
        wait_for(lambda: self.log.read_text().count(words) >= times, f"{times} × {words!r} in {self.log}")

    def children(self) -> set[int]:
        """Return the processes that it started and that live."""
        return {pid for pid in _processes() if _parent(pid) == self.process.pid}


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _parent(pid: int) -> int:
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (OSError, ValueError):
        return 0  # it ended while we looked
    return 0 if state == "Z" else int(parent)


def setting(unit: Path, name: str) -> str:
    """Return a setting of a unit's [Service]."""
    read = RawConfigParser(strict=False, interpolation=None, delimiters=("=",))
    read.optionxform = str  # type: ignore[method-assign, assignment]  # the documented way to keep capitals
    read.read_string(unit.read_text())
    return read["Service"][name]


@dataclass
class Install:
    """A folder in place of /opt/undersigned, and its settings in place of /etc/undersigned.env."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, **settings: str) -> "Install":
        """Copy what a site needs into `folder`, write its settings, make the tables and load the samples."""
        made = cls(folder)
        made._copy()
        made.settings.write_text("".join(f"{name}={value}\n" for name, value in (_settings() | settings).items()))
        for command in (("database", "upgrade"), ("demo", "load")):
            done = subprocess.run(
                [sys.executable, "-m", "flask", "--app", "app", *command],
                cwd=folder, env=made.environment(), capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
        return made

    def _copy(self) -> None:
        self.folder.mkdir()
        for name in SERVED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, self.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, self.folder)
        shutil.copy(Path(__file__).with_name("witness.py"), self.folder)
        (self.folder / ".venv").symlink_to(Path(sys.executable).parent.parent)

    @property
    def settings(self) -> Path:
        """The file that EnvironmentFile= names."""
        return self.folder.parent / "undersigned.env"

    def environment(self) -> dict[str, str]:
        """Return what a process of the unit finds: what systemd gives and what the file says; nothing of ours."""
        lines = self.settings.read_text().splitlines()
        return SYSTEMD_GIVES | dict(line.split("=", 1) for line in lines)

    def moved(self, text: str) -> str:
        """Return a unit, or a line of one, as it reads for this folder."""
        return text.replace(FOLDER, str(self.folder)).replace(SETTINGS, str(self.settings))

    @contextmanager
    def running(self, unit: str, port: int = 0, application: str = APPLICATION) -> Iterator[Running]:
        """Yield what ExecStart= of `unit` starts, in the folder and with the environment that the unit names."""
        path = UNITS[unit]
        assert self.moved(setting(path, "EnvironmentFile")) == str(self.settings)
        command = shlex.split(self.moved(setting(path, "ExecStart")))
        command = [{PORT: str(port), APPLICATION: application}.get(word, word) for word in command]
        log = self.folder.parent / f"{unit}-{port}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=self.moved(setting(path, "WorkingDirectory")), env=self.environment(),
                stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        try:
            yield Running(process, log)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(SECONDS_TO_STOP)

    @contextmanager
    def web(self, port: int, application: str = APPLICATION) -> Iterator[Running]:
        """Yield the web server when all its processes serve."""
        with self.running("web", port, application) as web:
            web.says("Started worker-", times=2)
            wait_for(lambda: answers(f"http://127.0.0.1:{port}/readyz"), "the site is ready")
            yield web


def _settings() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(32),
        "ENCRYPTION_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "SITE_URL": "https://example.org",
        "LEGAL_NAME": "Hub Workers United e. V.",
        "CONTACT_EMAIL": "hub@example.org",
        "TRUSTED_PROXIES": "1",
        "DEMO": "1",
    }
