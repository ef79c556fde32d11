"""`python -m sandbox`: run the Stripe stand-in and the mail catcher until told to stop."""

import argparse
import signal
import socket
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.ports import PortTaken
from sandbox.running import Options, Sandbox, StateInUse


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; return the exit code: 0, or 1 with one sentence on standard error."""
    options = _options(arguments)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        sandbox = Sandbox(options)
    except (PortTaken, StateInUse) as problem:
        print(problem, file=sys.stderr)
        return 1
    try:
        sandbox.start()
        print(_ready(sandbox), flush=True)
        stopping.wait()
    finally:
        sandbox.stop()
    return 0


def _ready(sandbox: Sandbox) -> str:
    places = []
    if sandbox.places.stripe:
        places.append(f"Stripe stand-in {sandbox.places.stripe}/")
    if sandbox.places.mail:
        places.append(f"mail {sandbox.places.mail}/, SMTP localhost:{sandbox.smtp_port}")
    return f"Sandbox ready: {', '.join(places)}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder for the sandbox's files")
    parser.add_argument("--stripe-port", type=int, default=4242, help="port of the Stripe stand-in (%(default)s)")
    parser.add_argument("--mail-port", type=int, default=8025, help="port of the mail page (%(default)s)")
    parser.add_argument("--smtp-port", type=int, default=2525, help="port that takes mail (%(default)s)")
    parser.add_argument("--webhook-url", type=_webhook_url, help="where events are sent, on this machine")
    parser.add_argument("--webhook-secret", default="", help="what events are signed with (whsec_…)")
    parser.add_argument("--site-url", type=_web_address, default="http://localhost:8000", help="the site (%(default)s)")
    parser.add_argument("--no-stripe", action="store_true", help="leave the Stripe stand-in out")
    parser.add_argument("--no-mail", action="store_true", help="leave the mail catcher out")
    return parser


def _options(arguments: list[str] | None) -> Options:
    parser = _parser()
    chosen = vars(parser.parse_args(arguments))
    if chosen["webhook_url"] and not chosen["webhook_secret"]:
        parser.error("--webhook-url needs --webhook-secret")
    no_stripe, no_mail = chosen.pop("no_stripe"), chosen.pop("no_mail")
    if no_stripe and no_mail:
        parser.error("--no-stripe and --no-mail leave nothing to run")
    if no_stripe:
        chosen["stripe_port"] = None
    if no_mail:
        chosen["mail_port"] = chosen["smtp_port"] = None
    return Options(**chosen)


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise argparse.ArgumentTypeError(f"{text} is not a web address")
    return text


def _webhook_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "http" or not _is_here(parts.hostname or ""):
        raise argparse.ArgumentTypeError(f"{text} is not an http address on this machine")
    return text


def _is_here(host: str) -> bool:
    """Say whether `host` is an address of this machine: one that it could listen on."""
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return any(_can_listen(family, address) for family, _, _, _, address in found)


def _can_listen(family: int, address: tuple[object, ...]) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind(address)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
