"""Start the site as a newcomer does, look at its home page, stop it, and see that nothing is left running.

    python3 tools/smoke.py

Twice: the second start has nothing to set up. Standard library only; exit status 1 and one sentence where it fails.
It tells its own processes by a mark in their environment, which Linux shows in /proc.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MARK = "UNDERSIGNED_SMOKE"
STARTS = ("first start", "second start")
START_SECONDS = 900
STOP_SECONDS = 30


class Failed(Exception):
    """The site did not do as it promises; the message says what."""


def main() -> int:
    """Return the exit status."""
    try:
        for name in STARTS:
            print(f"make run, {name}: up after {start_and_stop():.1f} s, stopped, nothing left running", flush=True)
    except Failed as failed:
        print(f"make run: {failed}", file=sys.stderr)
        return 1
    return 0


def start_and_stop() -> float:
    """Return the seconds until the site was up. Raises Failed."""
    port, mark, began = free_port(), os.urandom(8).hex(), time.monotonic()
    environment = {**os.environ, "PORT": str(port), MARK: mark}
    with subprocess.Popen(
        ("make", "run"),
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            wait_until_up(process)
            seconds = time.monotonic() - began
            look_at_home_page(port)
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does
            process.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise Failed(f"it did not stop within {STOP_SECONDS} seconds") from None
        finally:
            left = end_what_is_left(mark)
    if left:
        raise Failed("left running: " + "; ".join(left))
    return seconds


def wait_until_up(process: subprocess.Popen[str]) -> None:
    """Read what `make run` says until it says that it is running. Raises Failed."""
    assert process.stdout is not None
    signal.signal(signal.SIGALRM, _too_late)
    signal.alarm(START_SECONDS)
    said = ""
    for line in process.stdout:
        said += line
        if line.startswith("Ctrl-C"):
            signal.alarm(0)
            return
    raise Failed(f"it ended by itself:\n{said}")


def _too_late(_number: int, _frame: object) -> None:
    raise Failed(f"it was not up within {START_SECONDS} seconds")


def look_at_home_page(port: int) -> None:
    """Raises Failed where the home page is none."""
    with urllib.request.urlopen(f"http://localhost:{port}/", timeout=30) as answer:
        page = answer.read().decode()
    if "</html>" not in page:
        raise Failed(f"this is no home page:\n{page}")


def end_what_is_left(mark: str) -> list[str]:
    """End every process that carries `mark`, and return what they were."""
    left = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() not in (folder / "environ").read_bytes().split(b"\0"):
                continue
            left.append((folder / "cmdline").read_text().replace("\0", " ").strip())
            os.kill(int(folder.name), signal.SIGKILL)
        except OSError:  # it has ended meanwhile, or is somebody else's
            continue
    return left


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


if __name__ == "__main__":
    sys.exit(main())
