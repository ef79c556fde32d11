"""The worker dead while people sign, the mail server and the payment provider dead while they go on: nothing is lost.

Everything here is a process of its own, started, killed and started again while people use the site.
"""

import json
import signal
import sqlite3
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.journeys.stack import Stack, prepared_site
from tests.make import GIVE, SIGN
from tests.waiting import wait_for

SLUG = "reinstate-connor-spence"
PEOPLE = [f"worker{number}@example.org" for number in range(20)]
PATIENCE = 180  # a mail that was not taken is tried again after 2, 10 and 60 seconds

pytestmark = pytest.mark.prove


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A site with its web server and its sandbox, and no worker."""
    with prepared_site(tmp_path) as running:
        running.start_web()
        yield running


def post(url: str, fields: dict[str, str]) -> tuple[int, str, str]:
    """Return status, Location and page; no redirect is followed."""
    place = urllib.parse.urlsplit(url)
    with closing(HTTPConnection(place.netloc, timeout=60)) as connection:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", place.path, urllib.parse.urlencode(fields), kind)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location", ""), answer.read().decode()


def sign(stack: Stack, email: str) -> int:
    return post(f"{stack.url}/campaigns/{SLUG}/sign", SIGN | {"email": email})[0]


def give(stack: Stack) -> tuple[int, str, str]:
    return post(f"{stack.url}/campaigns/{SLUG}/donate", GIVE | {"attempt": "one-form"})


def count(stack: Stack, question: str) -> int:
    with closing(sqlite3.connect(stack.folder / "undersigned.sqlite3", timeout=20)) as connection:
        return int(connection.execute(question).fetchone()[0])


def all_is_done(stack: Stack) -> bool:
    return count(stack, "SELECT count(*) FROM outbox_item WHERE state <> 'done'") == 0


def arrived(stack: Stack) -> Counter[str]:
    """How many mails with a link each address got."""
    return Counter(mail["to"] for mail in stack.mails("example.org") if "/confirm/" in mail["text"])


def total(stack: Stack) -> int:
    with urllib.request.urlopen(f"{stack.url}/campaigns/{SLUG}/count.json", timeout=10) as response:
        return int(json.loads(response.read())["total"])


def test_who_signed_while_no_worker_lived_gets_each_mail_once_when_one_comes(stack: Stack) -> None:
    stack.start_worker()
    wait_for(lambda: count(stack, "SELECT count(*) FROM schedule"), "the worker is at work")
    stack.stop("worker", signal.SIGKILL)
    assert {sign(stack, email) for email in PEOPLE} == {200}
    status, page, _ = give(stack)
    assert status == 303
    status, thanks, _ = post(page, {"do": "pay", "email": GIVE["email"]})
    with urllib.request.urlopen(thanks, timeout=20) as shown:
        assert "Thank you" in shown.read().decode(), "a gift is taken in without a worker when its giver comes back"
    assert stack.mails("example.org") == []

    for name in ("worker", "second worker"):
        stack.start_worker(name)
    wait_for(lambda: all_is_done(stack), "all that waited is done", PATIENCE)
    assert arrived(stack) == Counter(PEOPLE)
    assert len(stack.mails(GIVE["email"])) == 1, "the receipt came once"
    for mail in stack.mails("worker"):
        link = next(word for word in mail["text"].split() if "/confirm/" in word)
        assert post(link, {})[0] == 200
    wait_for(lambda: total(stack) == len(PEOPLE), "everybody counts", 30)
    assert count(stack, "SELECT count(*) FROM ledger_entry WHERE kind = 'recognised'") == 1
    assert "Every law holds" in stack.flask("ledger", "verify")


def test_while_mail_and_payments_are_dead_people_sign_and_givers_are_told(stack: Stack) -> None:
    stack.start_worker()
    stack.stop("sandbox", signal.SIGKILL)
    assert {sign(stack, email) for email in PEOPLE} == {200}
    status, _, page = give(stack)
    assert (status, "No money has moved" in page, GIVE["email"] in page) == (503, True, True)
    tried = "SELECT count(*) FROM outbox_item WHERE kind = 'signatures.confirm_mail' AND attempts > 0"
    wait_for(lambda: count(stack, tried) == len(PEOPLE), "every mail was tried")

    stack.start_sandbox()
    wait_for(lambda: all_is_done(stack), "all that waited is done", PATIENCE)
    assert arrived(stack) == Counter(PEOPLE)
    status, page, _ = give(stack)
    assert status == 303
    assert post(page, {"do": "pay", "email": GIVE["email"]})[0] == 303
    booked = "SELECT count(*) FROM ledger_entry WHERE kind = 'recognised'"
    wait_for(lambda: count(stack, booked) == 1, "the event is taken in", 30)
    assert count(stack, "SELECT count(*) FROM payment WHERE state = 'paid'") == 1
    assert "Every law holds" in stack.flask("ledger", "verify")
