"""`make run`: the site, its worker and the sandbox on this machine, until Ctrl-C.

What is made stays in instance/: the database, the secrets (demo.env), the demo sign-ins (demo-sign-ins.txt) and the
logs (log/). A problem is one sentence and exit status 1. Little is imported here: a second start is quick.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from campaigns.settings import Settings, SettingsRefused
from tools import processes
from tools.demo_plan import Plan, Refused, answers, make_plan, write_private
from tools.processes import Child

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90.0
STOP_SECONDS = 30.0
REQUEST_SECONDS = 20  # a request at hand may wait ten for a busy database; nobody who waits is cut off
LOOK_AGAIN_SECONDS = 0.1
STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FLASK = (sys.executable, "-m", "flask", "--app", "app")


def main() -> int:
    """Run the demo until it is stopped; return the exit status."""
    for number in STOPPING_SIGNALS:
        signal.signal(number, _stop_here)
    try:
        run(make_plan(os.environ, ROOT))
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename or 'This folder'} cannot be used: {error.strerror}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
    return 0


def _stop_here(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def run(plan: Plan) -> None:
    """Start all, say where it is, watch it. Raises Refused, and KeyboardInterrupt when it is told to stop."""
    new_sign_ins = prepare_database(plan, checked_settings(plan))
    children: list[Child] = []
    try:
        for name, command in (*sandbox_commands(plan), ("web server", web_command(plan))):
            children.append(start(plan, name, command))
        wait_until(lambda: is_up(plan), children)
        children.append(start(plan, "worker", (*FLASK, "worker")))  # last, so that the site is up sooner
        print(banner(plan, new_sign_ins), flush=True)
        wait_until(lambda: False, children, seconds=float("inf"))
    finally:
        processes.end(children, STOP_SECONDS)


def checked_settings(plan: Plan) -> Settings:
    """Return the settings as the site will read them, so that a wrong one is said before anything starts."""
    try:
        return Settings.from_environment(plan.environment, ROOT)
    except SettingsRefused as refused:
        raise Refused(str(refused)) from refused


def start(plan: Plan, name: str, command: Sequence[str]) -> Child:
    """Start one child of the demo."""
    return processes.start(name, command, plan.environment, ROOT, plan.logs / f"{name.replace(' ', '-')}.log")


def web_command(plan: Plan) -> tuple[str, ...]:
    """Return how the web server is started."""
    listen = ("--host", plan.host, "--port", str(plan.port), "--no-ws")
    amount = ("--workers", "1", "--blocking-threads", "8", "--workers-kill-timeout", str(REQUEST_SECONDS))
    return (sys.executable, "-m", "granian", "--interface", "wsgi", *listen, *amount, "app:app")


def sandbox_commands(plan: Plan) -> list[tuple[str, tuple[str, ...]]]:
    """Return how the sandbox is started; nothing where real parts take the place of both of its halves."""
    if plan.stripe_port is None and plan.mail_port is None:
        return []
    options = [*stripe_options(plan), *mail_options(plan), "--site-url", plan.site_url]
    return [("sandbox", (sys.executable, "-m", "sandbox", *options, "--state", str(plan.instance / "sandbox")))]


def stripe_options(plan: Plan) -> list[str]:
    """Return what the sandbox is told about payments."""
    if plan.stripe_port is None:
        return ["--no-stripe"]
    host = f"[{plan.reached_at}]" if ":" in plan.reached_at else plan.reached_at
    webhook = f"http://{host}:{plan.port}/webhooks/stripe"
    secret = plan.environment["STRIPE_WEBHOOK_SECRET"]
    return ["--stripe-port", str(plan.stripe_port), "--webhook-url", webhook, "--webhook-secret", secret]


def mail_options(plan: Plan) -> list[str]:
    """Return what the sandbox is told about mail."""
    if plan.mail_port is None:
        return ["--no-mail"]
    return ["--mail-port", str(plan.mail_port), "--smtp-port", str(plan.smtp_port)]


def prepare_database(plan: Plan, settings: Settings) -> str:
    """Migrate the database and load the demo, unless that was done; return what loading it printed.

    Loading is harmless to repeat, but starting Python twice is what a second start has no time for.
    """
    stamp, wanted = plan.instance / "demo.stamp", database_stamp(settings)
    if wanted and stamp.exists() and stamp.read_text() == wanted:
        return ""
    print("Setting up: the database and the demo", flush=True)
    run_flask(plan, "database", "upgrade")
    said = run_flask(plan, "demo", "load").strip()
    stamp.write_text(database_stamp(settings))
    return said


def database_stamp(settings: Settings) -> str:
    """Return what the state of the database depends on; nothing where that cannot be seen from here."""
    url = settings.database_url
    file = Path(ROOT, url.removeprefix("sqlite:///").partition("?")[0])
    if not url.startswith("sqlite:///") or not file.is_file():
        return ""
    made = hashlib.sha256()
    for source in sorted((ROOT / "migrations").rglob("*.py")):
        made.update(source.name.encode() + source.read_bytes())
    return json.dumps({"database": url, "file": file.stat().st_ino, "migrations": made.hexdigest()})


def run_flask(plan: Plan, *arguments: str) -> str:
    """Run one of the site's commands and return what it printed. Raises Refused."""
    ended = subprocess.run((*FLASK, *arguments), cwd=ROOT, env=dict(plan.environment), capture_output=True, check=False)
    if ended.returncode == 0:
        return ended.stdout.decode()
    log = plan.logs / "setup.log"
    log.write_bytes(ended.stdout + ended.stderr)
    last = ended.stderr.decode(errors="replace").strip().splitlines()[-1:]
    raise Refused(f"`flask --app app {' '.join(arguments)}` failed; {shown(log)} has it all.\n{''.join(last)}")


def is_up(plan: Plan) -> bool:
    """Return whether the site and the sandbox answer."""
    sandbox = [port for port in (plan.stripe_port, plan.mail_port, plan.smtp_port) if port]
    request = (
        f"GET /healthz HTTP/1.1\r\nHost: {plan.site_url.partition('://')[2]}\r\nConnection: close\r\n\r\n".encode()
    )
    return answers(plan.reached_at, plan.port, request, b"HTTP/1.1 200") and all(
        answers("127.0.0.1", port) for port in sandbox
    )


def wait_until(there: Callable[[], bool], children: Sequence[Child], seconds: float = START_SECONDS) -> None:
    """Wait for a fact, watching the children meanwhile. Raises Refused where one ends, or time is up."""
    limit = time.monotonic() + seconds
    while not there():
        for child in children:
            if child.has_ended():
                raise Refused(f"The {child.name} has ended by itself, so all was stopped.{tail(child)}")
        if time.monotonic() > limit:
            raise Refused(f"The site did not answer within {seconds:.0f} seconds.{tail(children[-1])}")
        time.sleep(LOOK_AGAIN_SECONDS)


def tail(child: Child) -> str:
    """Return the last words of a child, and where the others stand."""
    return f" Its last lines, of {shown(child.log)}:\n{child.last_lines()}"


def shown(path: Path) -> str:
    """Return a path as one would type it in the project's folder."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def banner(plan: Plan, new_sign_ins: str) -> str:
    """Return what a newcomer reads when all is up."""
    rows = [("The site", plan.site_url)]
    if plan.mail_port:
        rows.append(("Its mails", f"http://localhost:{plan.mail_port}"))
    if plan.stripe_port:
        rows.append(("Payments", f"http://localhost:{plan.stripe_port}  (a stand-in for Stripe: no money moves)"))
    rows.append(("The logs", shown(plan.logs)))
    places = "\n".join(f"  {what:<12}{where}" for what, where in rows)
    return f"\nUndersigned is running.\n\n{places}\n\n{sign_ins(plan, new_sign_ins)}\nCtrl-C stops everything.\n"


def sign_ins(plan: Plan, new: str) -> str:
    """Return the demo sign-ins the first time, and where they are kept afterwards."""
    file = plan.instance / "demo-sign-ins.txt"
    if new and not file.exists():
        write_private(file, new + "\n")
    return f"{new}\n" if new else f"The demo sign-ins are kept in {shown(file)}.\n"


if __name__ == "__main__":
    sys.exit(main())
