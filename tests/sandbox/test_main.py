"""The sandbox as one process: started, stopped, killed, started again."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests
import stripe

from tests.sandbox.driving import SECRET, VERSION, Site, visit
from tests.sandbox.rig import SESSION
from tests.waiting import free_port, wait_for


class Process:
    """`python -m sandbox` on free ports, with its state in `state`."""

    def __init__(self, state: Path, *more: str) -> None:
        ports = {name: str(free_port()) for name in ("--stripe-port", "--mail-port", "--smtp-port")}
        self.ports = {name: int(port) for name, port in ports.items()}
        options = [word for pair in ports.items() for word in pair]
        self.command = [sys.executable, "-m", "sandbox", *options, "--state", str(state), *more]
        self.running: subprocess.Popen[str] | None = None

    def start(self) -> str:
        """Start, and return the line it prints when it is ready."""
        self.running = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.running.stdout
        return self.running.stdout.readline()

    def end(self, how: signal.Signals) -> tuple[int, str]:
        """Send a signal; return the exit code and what was said on standard error."""
        assert self.running
        self.running.send_signal(how)
        _, errors = self.running.communicate(timeout=20)
        return self.running.returncode, errors

    @property
    def stripe_url(self) -> str:
        return f"http://localhost:{self.ports['--stripe-port']}"

    def client(self) -> stripe.StripeClient:
        return stripe.StripeClient(
            "sk_test_demo",
            base_addresses={"api": self.stripe_url},
            stripe_version=VERSION,
            http_client=stripe.RequestsClient(session=CLOSING),
        )


# A session that keeps no connection open: the process behind it comes and goes.
CLOSING = requests.Session()
CLOSING.headers["Connection"] = "close"


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path)
    yield process
    if process.running and process.running.poll() is None:
        process.end(signal.SIGKILL)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_says_one_line_when_it_is_ready_and_stops_gracefully(process: Process, how: signal.Signals) -> None:
    line = process.start()
    assert line.startswith("Sandbox ready: Stripe stand-in http://localhost:")
    assert all(str(port) in line for port in process.ports.values())
    assert visit(process.stripe_url).status == 200
    assert process.end(how) == (0, "")


def test_it_listens_on_this_machine_only(process: Process) -> None:
    process.start()
    assert process.running
    listening = Path(f"/proc/{process.running.pid}/net/tcp").read_text().splitlines()[1:]
    hexadecimal = {f"{port:04X}" for port in process.ports.values()}
    found = [line.split()[1].split(":") for line in listening if line.split()[3] == "0A"]
    assert {address for address, port in found if port in hexadecimal} == {"0100007F"}


@pytest.mark.parametrize("busy", ["--stripe-port", "--mail-port", "--smtp-port"])
def test_a_busy_port_is_one_sentence_and_exit_code_one(process: Process, busy: str) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", process.ports[busy]))
        taken.listen()
        ended = subprocess.run(process.command, capture_output=True, text=True, check=False, timeout=20)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"Port {process.ports[busy]} cannot be used for ")
    assert ended.stderr.count("\n") == 1


def test_two_sandboxes_do_not_share_a_folder(process: Process, tmp_path: Path) -> None:
    process.start()
    second = Process(tmp_path)
    ended = subprocess.run(second.command, capture_output=True, text=True, check=False, timeout=20)
    assert (ended.returncode, ended.stderr) == (1, f"Another sandbox is using the folder {tmp_path}.\n")


@pytest.mark.parametrize(
    "options",
    [
        ["--webhook-url", "http://localhost:8000/webhooks/stripe"],
        ["--webhook-url", "http://192.0.2.1/webhooks/stripe", "--webhook-secret", "whsec_x"],
        ["--webhook-url", "https://localhost/webhooks/stripe", "--webhook-secret", "whsec_x"],
        ["--site-url", "javascript:alert(1)"],
        ["--no-stripe", "--no-mail"],
    ],
    ids=" ".join,
)
def test_options_that_make_no_sense_are_refused(tmp_path: Path, options: list[str]) -> None:
    ended = subprocess.run(Process(tmp_path, *options).command, capture_output=True, check=False, timeout=20)
    assert ended.returncode == 2


@pytest.mark.parametrize(("option", "without"), [("--no-mail", "--mail-port"), ("--no-stripe", "--stripe-port")])
def test_one_half_can_be_left_out(process: Process, option: str, without: str) -> None:
    process.command.append(option)
    process.start()
    for name in ("--stripe-port", "--mail-port"):
        address = f"http://localhost:{process.ports[name]}"
        if name == without:
            with pytest.raises(ConnectionRefusedError):
                visit(address)
        else:
            assert visit(address).status == 200
    assert process.end(signal.SIGTERM) == (0, "")


def test_what_was_kept_and_not_delivered_survives_a_kill(tmp_path: Path, site: Site) -> None:
    """The site is down while somebody pays; the sandbox is killed; the site comes back, and so does the sandbox."""
    nobody = f"http://localhost:{free_port()}/webhooks/stripe"
    process = Process(tmp_path, "--webhook-url", nobody, "--webhook-secret", SECRET)
    process.start()
    session = process.client().v1.checkout.sessions.create(SESSION)
    assert session.url
    assert visit(session.url, {"do": "pay"}).status == 303
    with smtplib.SMTP("127.0.0.1", process.ports["--smtp-port"], timeout=10) as server:
        server.sendmail("site@example.org", ["ana@example.org"], b"Subject: Confirm\r\n\r\nPlease confirm.\r\n")
    assert process.end(signal.SIGKILL)[0] == -signal.SIGKILL

    process.command[process.command.index(nobody)] = site.url
    process.start()
    wait_for(lambda: "checkout.session.completed" in site.types())
    api = process.client().v1
    wait_for(lambda: not api.events.list({"delivery_success": False}).data)
    assert sorted(site.types()) == sorted(event.type for event in api.events.list().data)
    kept = api.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert (kept.status, kept.payment_status) == ("complete", "paid")
    mails = requests.get(f"http://localhost:{process.ports['--mail-port']}/messages.json", timeout=5).json()
    assert [mail["subject"] for mail in mails] == ["Confirm"]
    assert process.end(signal.SIGTERM) == (0, "")


def test_nothing_of_the_site_is_imported() -> None:
    code = "import sys, sandbox.__main__; print([name for name in sys.modules if name.split('.')[0] == 'campaigns'])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert ended.stdout == "[]\n"
