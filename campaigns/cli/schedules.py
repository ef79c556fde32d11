"""How the jobs that come round are run: each in units of work of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.outbox.jobs import Paused
from campaigns.signatures import jobs as signature_jobs
from campaigns.switches import queries as switches
from campaigns.web.context import Services


@contextmanager
def unless_read_only(services: Services) -> Iterator[Session]:
    """A unit of work for one step of many: raises Paused where the site was made read-only since the last one."""
    with services.work() as session:
        if switches.standing(session).read_only:
            raise Paused
        yield session


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
            with unless_read_only(services) as session:
                found = job(session, services.clock(), signature_jobs.BATCH)

    return run


def dropped(_result: int) -> None:
    """A schedule has nobody to tell how many there were."""
