"""The whole site as an operator runs it: web server, worker and sandbox, each a process on loopback."""

import base64
import json
import os
import secrets
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.error import URLError

from tests.waiting import free_port, wait_for

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_START = 60
SECONDS_TO_STOP = 20


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


class Running(Protocol):
    """A process, however it was started."""

    pid: int

    def poll(self) -> int | None: ...

    def wait(self, timeout: float = ..., /) -> int: ...


@dataclass
class Stack:
    """Addresses of a running site, and its processes by name."""

    folder: Path
    environment: dict[str, str]
    url: str
    mail_url: str
    stripe_url: str
    processes: dict[str, Running] = field(default_factory=dict)

    def start(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def stop(self, name: str, how: signal.Signals = signal.SIGTERM) -> int:
        process = self.processes.pop(name)
        if process.poll() is None:
            os.killpg(process.pid, how)
        return process.wait(SECONDS_TO_STOP)

    def flask(self, *arguments: str) -> str:
        return self._run("-m", "flask", "--app", "app", *arguments)

    def run_python(self, code: str) -> str:
        return self._run("-c", code)

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def mails(self, to: str) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.mail_url}/messages.json?to={to}", timeout=30) as response:
            found: list[dict[str, Any]] = json.load(response)
        return found

    def start_web(self) -> None:
        port = self.url.rpartition(":")[2]
        self.start("web", "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", port,
                   "--workers", "1", "--blocking-threads", "4", "app:app")  # fmt: skip
        wait_for(lambda: answers(f"{self.url}/healthz"), "the web server answers")

    def start_worker(self, name: str = "worker") -> None:
        self.start(name, "-m", "flask", "--app", "app", "worker")

    def start_sandbox(self) -> None:
        stripe, mail = (url.rpartition(":")[2] for url in (self.stripe_url, self.mail_url))
        smtp = self.environment["SMTP_URL"].rpartition(":")[2]
        self.start(
            "sandbox", "-m", "sandbox", "--stripe-port", stripe, "--mail-port", mail, "--smtp-port", smtp,
            "--webhook-url", f"{self.url}/webhooks/stripe", "--site-url", self.url,
            "--webhook-secret", self.environment["STRIPE_WEBHOOK_SECRET"], "--state", str(self.folder / "sandbox"),
        )  # fmt: skip
        wait_for(lambda: answers(f"{self.mail_url}/messages.json"), "the mailbox answers")
        wait_for(lambda: answers(self.stripe_url), "the stand-in answers")


def _environment(folder: Path, url: str, stripe_url: str, database_url: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {
        "SECRET_KEY": secrets.token_urlsafe(32),
        "ENCRYPTION_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "INSTANCE_PATH": str(folder),
        "DATABASE_URL": database_url,
        "SITE_URL": url,
        "SITE_NAME": "Hub Workers United",
        "LEGAL_NAME": "Hub Workers United e. V.",
        "CONTACT_EMAIL": "hub@example.org",
        "SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
        "STRIPE_SECRET_KEY": "sk_test_standin",
        "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(16)}",
        "STRIPE_API_BASE": stripe_url,
        "DEMO": "1",
    }


@contextmanager
def prepared_site(folder: Path, database_url: str = "") -> Iterator[Stack]:
    """Yield a migrated site with the demo loaded and the sandbox running; stop all that was started afterwards."""
    url, stripe_url, mail_url = (f"http://localhost:{free_port()}" for _ in range(3))
    environment = _environment(folder, url, stripe_url.replace("localhost", "127.0.0.1"), database_url)
    stack = Stack(folder, environment, url, mail_url, stripe_url)
    try:
        stack.flask("database", "upgrade")
        stack.flask("demo", "load")
        stack.start_sandbox()
        yield stack
    finally:
        for name in list(stack.processes):
            stack.stop(name)


@contextmanager
def running_site(folder: Path, database_url: str = "") -> Iterator[Stack]:
    """Yield a prepared site with one web server and one worker."""
    with prepared_site(folder, database_url) as stack:
        stack.start_worker()
        stack.start_web()
        yield stack
