"""How the jobs that come round are run: each in units of work of its own."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.signatures import jobs as signature_jobs
from campaigns.web.context import Services


def in_work(services: Services, job: Callable[[Session], int]) -> Callable[[], None]:
    """Run a job in a unit of work of its own."""

    def run() -> None:
        with services.work() as session:
            job(session)

    return run


def at_now(services: Services, job: Callable[[Session, datetime], int]) -> Callable[[], None]:
    """Run a job in a unit of work of its own, with the moment it runs at."""

    def run() -> None:
        with services.work() as session:
            job(session, services.clock())

    return run


def in_batches(services: Services, job: Callable[[Session, datetime, int], int]) -> Callable[[], None]:
    """Run a job again and again, each batch in a unit of work of its own, until it finds less than a whole batch."""

    def run() -> None:
        found = signature_jobs.BATCH
        while found == signature_jobs.BATCH:
            with services.work() as session:
                found = job(session, services.clock(), signature_jobs.BATCH)

    return run


def dropped(_result: int) -> None:
    """A schedule has nobody to tell how many there were."""
