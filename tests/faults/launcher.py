"""Run the web server or a worker, and die as by kill -9 at the nth commit, just before it or just after it.

python -m tests.faults.launcher web|worker PORT before|after NUMBER MARKER
"""

import os
import signal
import sys
from pathlib import Path

from flask.cli import main as flask_command
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session
from werkzeug.serving import make_server

WROTE = "wrote"


def note_writes() -> None:
    """Remember which sessions wrote: a commit of nothing is no boundary."""

    def executed(state: ORMExecuteState) -> None:
        if not state.is_select:
            state.session.info[WROTE] = True

    def flushed(session: Session, _context: object) -> None:
        session.info[WROTE] = True

    event.listen(Session, "do_orm_execute", executed)
    event.listen(Session, "after_flush", flushed)


def arm(moment: str, number: int, marker: Path) -> None:
    """Kill this process at its commit `number`, leaving `marker` as a sign that it came so far."""
    seen = 0

    def die_at_the_nth(session: Session) -> None:
        nonlocal seen
        if not session.info.get(WROTE):
            return
        seen += 1
        if seen == number:
            marker.write_text(f"{moment} {number}")
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Session, f"{moment}_commit", die_at_the_nth)


def main(role: str, port: str, moment: str, number: str, marker: str) -> None:
    """Run `role` until it dies or is told to stop; with number 0 it lives."""
    note_writes()
    if int(number):
        arm(moment, int(number), Path(marker))
    if role == "worker":
        sys.argv = ["flask", "--app", "app", "worker"]
        flask_command()
        return
    from app import app

    make_server("127.0.0.1", int(port), app, threaded=True).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
