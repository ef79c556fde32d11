"""flask --app app worker: one worker process; start as many as you like."""

import logging
import os
import signal
import socket
import threading
from types import FrameType

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from campaigns.outbox.jobs import Worker

log = logging.getLogger(__name__)
IDLE_SECONDS = 0.2
AWAY_SECONDS = 3.0


@click.command("worker")
def worker() -> None:
    """Send mails, make lists, take in payments, count. Stops after the item at hand."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    make = current_app.extensions["undersigned.worker"]
    run_until(make(f"{socket.gethostname()}:{os.getpid()}"), stopping)


def run_until(worker: Worker, stopping: threading.Event) -> None:
    """Work until `stopping` is set. A database that is away is waited for."""
    while not stopping.is_set():
        try:
            busy = worker.run_once()
        except DBAPIError as error:
            log.error("database not available", extra={"problem": type(error.orig or error).__name__})
            stopping.wait(AWAY_SECONDS)
            continue
        if not busy:
            stopping.wait(IDLE_SECONDS)


outbox = AppGroup("outbox", help="Mails and jobs that are due.")


@outbox.command("run")
def run_outbox() -> None:
    """Work on what is due now, then stop."""
    done = current_app.extensions["undersigned.worker"]("outbox run").drain()
    click.echo(f"Items worked on: {done}")
