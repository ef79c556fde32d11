"""What `make run` starts, where it listens and with which settings.

Whatever the environment sets is passed on and wins over the demo's own choices.
"""

import base64
import errno
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

WEB_PORT, STRIPE_PORT, MAIL_PORT, SMTP_PORT = 8000, 4242, 8025, 2525
STANDIN_KEY = "sk_test_standin"
LIVE_KEYS = ("sk_live_", "rk_live_")
TRIED_PORTS = 50


class Refused(Exception):
    """The demo cannot run; the message is one sentence for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is started, where it listens, and with which settings."""

    host: str
    port: int
    instance: Path
    site_url: str
    stripe_port: int | None
    mail_port: int | None
    smtp_port: int | None
    environment: Mapping[str, str]

    @property
    def reached_at(self) -> str:
        """The address on which this machine itself reaches the site."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)  # noqa: S104  (asked, not bound)

    @property
    def logs(self) -> Path:
        """Where the children's words go."""
        return self.instance / "log"


def make_plan(given: Mapping[str, str], root: Path) -> Plan:
    """Decide from the environment what to start, and make the instance folder with its secrets. Raises Refused."""
    given = {name: value for name, value in given.items() if value.strip()}
    host, port = given.get("HOST", "127.0.0.1"), _port_number(given.get("PORT", str(WEB_PORT)))
    if given.get("STRIPE_SECRET_KEY", "").startswith(LIVE_KEYS):
        raise Refused(
            "make run is for trying things out, and STRIPE_SECRET_KEY is a live key: docs/deploy.md is for it."
        )
    _refuse_busy(host, port)
    instance = root / given.get("INSTANCE_PATH", "instance")
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    (instance / "log").mkdir(exist_ok=True)
    kept = kept_secrets(instance / "demo.env")
    with_stripe = "STRIPE_SECRET_KEY" not in given and "STRIPE_API_BASE" not in given
    stripe_port = free_port(STRIPE_PORT) if with_stripe else None
    mail_port, smtp_port = (None, None) if "SMTP_URL" in given else (free_port(MAIL_PORT), free_port(SMTP_PORT))
    chosen = demo_settings(port, stripe_port, smtp_port)
    if "STRIPE_SECRET_KEY" in given:  # with somebody's own key, the secret to it is theirs too
        kept = {name: value for name, value in kept.items() if not name.startswith("STRIPE_")}
        chosen.pop("STRIPE_SECRET_KEY")
    environment = {**chosen, **kept, **given}
    return Plan(host, port, instance, environment["SITE_URL"], stripe_port, mail_port, smtp_port, environment)


def demo_settings(port: int, stripe_port: int | None, smtp_port: int | None) -> dict[str, str]:
    """Return the settings that the demo chooses where the environment does not."""
    settings = {
        "DEMO": "1",
        "SITE_URL": f"http://localhost:{port}",
        "LEGAL_NAME": "Undersigned demo, run by nobody",
        "CONTACT_EMAIL": "hello@undersigned.example",
        "MAIL_FROM": "no-reply@undersigned.example",
        "STRIPE_SECRET_KEY": STANDIN_KEY,
        "PYTHONUNBUFFERED": "1",
    }
    if stripe_port:
        settings["STRIPE_API_BASE"] = f"http://127.0.0.1:{stripe_port}"
    if smtp_port:
        settings["SMTP_URL"] = f"smtp://127.0.0.1:{smtp_port}"
    if sys.platform == "darwin":  # where Homebrew keeps Pango, and the loader does not look
        settings["DYLD_FALLBACK_LIBRARY_PATH"] = "/opt/homebrew/lib:/usr/local/lib:/usr/lib"
    return settings


def kept_secrets(file: Path) -> dict[str, str]:
    """Return the secrets in `file`, made at the first time; only its owner may read it. Raises OSError."""
    if file.exists():
        lines = file.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)
    made = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ENCRYPTION_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "STRIPE_WEBHOOK_SECRET": "whsec_" + secrets.token_hex(24),
    }
    write_private(file, "".join(f"{name}={value}\n" for name, value in made.items()))
    return made


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        output.write(text)
    draft.replace(file)


def _port_number(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise Refused(f"PORT is a number from 1 to 65535, not {text!r}.")


def _refuse_busy(host: str, port: int) -> None:
    problem = why_not_bound(host, port)
    # A browser tries localhost's IPv6 address first, and would see whoever listens there.
    if problem is None and host == "127.0.0.1" and answers("::1", port):
        problem = errno.EADDRINUSE
    if problem == errno.EADDRINUSE:
        raise Refused(f"Port {port} is taken by another program: stop that one, or type PORT={port + 1} make run")
    if problem == errno.EACCES:
        raise Refused(f"Port {port} may only be opened by root: type PORT={WEB_PORT} make run")
    if problem is not None:
        raise Refused(f"HOST={host} is not an address of this machine.")


def why_not_bound(host: str, port: int) -> int | None:
    """Return the errno with which `host:port` cannot be listened on, or None where it can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen(1)
    except OSError as error:
        return error.errno or errno.EINVAL
    return None


def free_port(wanted: int) -> int:
    """Return `wanted`, or the next port of this machine that is free. Raises Refused."""
    for port in range(wanted, wanted + TRIED_PORTS):
        if why_not_bound("127.0.0.1", port) is None:
            return port
    raise Refused(f"No port from {wanted} to {wanted + TRIED_PORTS - 1} is free.")


def answers(host: str, port: int, request: bytes = b"", expected: bytes = b"") -> bool:
    """Return whether something listens, and what it answers to `request` begins with `expected`."""
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            connection.sendall(request)
            return connection.recv(len(expected)).startswith(expected) if expected else True
    except OSError:
        return False
