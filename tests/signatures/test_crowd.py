"""The day everybody signs: two thousand people at once, and the counting job run by two workers meanwhile."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from campaigns.signatures import jobs, queries
from campaigns.signatures.models import CountChange, Signature
from campaigns.signatures.rules import State, Visibility
from tests.make import SIGN, World

pytestmark = pytest.mark.prove
PEOPLE = 2000
HASTY = 5  # every fifth has a large provider's mailbox and sends the form once more, spelt in another way
HANDS = 16
PAUSE = 0.1  # seconds between two looks of a job, as a worker pauses
LINK = re.compile(r"https?://[^/\s]+(/confirm/\S+)")


def spellings(number: int) -> list[str]:
    if number % HASTY:
        return [f"Person{number}@Example.org"]
    return [f"first.last{number}@gmail.com", f"FirstLast{number}+strike@googlemail.com"]


def fields(number: int, email: str) -> dict[str, str]:
    visibility = list(Visibility)[number % 3].value
    return SIGN | {"name": f"Person Number {chr(65 + number % 26)}", "email": email, "visibility": visibility}


@contextmanager
def at_work(*jobs_: threading.Thread, stopping: threading.Event) -> Iterator[None]:
    for job in jobs_:
        job.start()
    try:
        yield
    finally:
        stopping.set()
        for job in jobs_:
            job.join()


def counting(world: World, stopping: threading.Event, gathered: list[int]) -> threading.Thread:
    def run() -> None:
        while not stopping.is_set():
            with world.work() as session:
                gathered.append(jobs.gather_counts(session))
            stopping.wait(PAUSE)

    return threading.Thread(target=run)


def mailing(world: World, name: str, stopping: threading.Event) -> threading.Thread:
    def run() -> None:
        worker = world.app.extensions["undersigned.worker"](name)
        while not stopping.is_set():
            worker.drain()
            stopping.wait(PAUSE)

    return threading.Thread(target=run)


def sign_all(world: World, hands: ThreadPoolExecutor) -> list[Future[int]]:
    def sign(number: int, email: str) -> int:
        return world.client.post("/campaigns/rescind/sign", data=fields(number, email)).status_code

    return [hands.submit(sign, number, email) for number in range(PEOPLE) for email in spellings(number)]


def answer_mails(world: World, hands: ThreadPoolExecutor, signed: list[Future[int]]) -> list[Future[int]]:
    """Follow each mail's link as soon as it is there, until every form is in and every mail answered."""

    def confirm(path: str) -> int:
        return world.client.post(path).status_code

    answered: list[Future[int]] = []
    read = 0
    while not all(form.done() for form in signed) or confirmed(world) < PEOPLE:
        wait(answered[-HANDS:] or signed[:HANDS])
        letters = world.mailer.sent[read:]
        read += len(letters)
        links = [found[1] for letter in letters if (found := LINK.search(letter.text))]
        answered += [hands.submit(confirm, link) for link in links]
        world.mailer.arrived.wait(PAUSE)
        world.mailer.arrived.clear()
    return answered


def confirmed(world: World) -> int:
    with world.reading() as session:
        counting_ones = select(func.count()).where(Signature.state == State.CONFIRMED.value)
        return session.scalar(counting_ones) or 0


def test_two_thousand_people_sign_and_confirm_while_the_count_is_gathered_twice(world: World) -> None:
    world.publish()
    stopping = threading.Event()
    gathered: list[int] = []
    jobs_ = [counting(world, stopping, gathered) for _ in range(2)]
    jobs_ += [mailing(world, name, stopping) for name in ("anna", "bert")]
    with ThreadPoolExecutor(HANDS) as hands, at_work(*jobs_, stopping=stopping):
        signed = sign_all(world, hands)
        answered = answer_mails(world, hands, signed)
    assert Counter(form.result() for form in signed) == {200: PEOPLE + PEOPLE // HASTY}
    assert {each.result() for each in answered} <= {200, 404}  # a link that another spelling's mail replaced is gone
    with world.work() as session:
        gathered.append(jobs.gather_counts(session))
    with world.reading() as session:
        count = queries.count_of(session, world.campaign().id)
        assert count == queries.recount(session, world.campaign().id)
        assert count.total == session.scalar(select(func.count()).select_from(Signature)) == PEOPLE
        assert session.scalar(select(func.count()).select_from(CountChange)) == 0
    assert sum(gathered) == PEOPLE
    assert sum(number > 0 for number in gathered) > 1  # it did run meanwhile
