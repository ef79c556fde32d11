"""kill -9 of the web server or a worker at every commit boundary of the whole walk, one after the other.

After each death the process is started again, people press again what got no answer, and then everything must
stand as if nothing had happened: one signature, one gift booked once, each mail queued once, the list ready.
The boundaries are counted, not sampled: the story is told with death at commit 1, 2, 3 … until it ends alive.
"""

import re
import shutil
import sqlite3
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from campaigns.campaign import queries
from campaigns.deliveries import operations
from tests.faults import launcher
from tests.faults.forked import Forked, said_by
from tests.journeys.stack import Stack, answers, prepared_site
from tests.make import SIGN
from tests.waiting import wait_for

SLUG = "reinstate-connor-spence"
PATIENCE = 60

pytestmark = pytest.mark.prove


class Driver:
    """Plays the people and the operator: presses again without an answer, starts again what died."""

    def __init__(self, stack: Stack, victim: str, moment: str, number: int) -> None:
        self.stack = stack
        self.email = f"{victim}.{moment}.{number}@example.org"
        self.marker = stack.folder / "died"
        self.plan = {victim: (moment, str(number))}
        for role in ("web", "worker"):
            self.start(role)

    def start(self, role: str) -> None:
        moment, number = self.plan.pop(role, ("after", "0"))
        port = self.stack.url.rpartition(":")[2]
        given = (role, port, moment, number, str(self.marker))
        log = self.stack.folder / f"{role}.log"
        self.stack.processes[role] = Forked(self.stack.environment, log, launcher.main, *given)

    def revive(self) -> None:
        for role in ("web", "worker"):
            if self.stack.processes[role].poll() is not None:
                self.stack.processes.pop(role)
                self.end_leases()
                self.start(role)

    def end_leases(self) -> None:
        """Stand in for the minutes after which a dead worker's lease ends."""
        with sqlite3.connect(self.stack.folder / "undersigned.sqlite3", timeout=20) as connection:
            connection.execute("UPDATE outbox_item SET due_at = created_at WHERE state = 'due'")

    def until(self, fact: Callable[[], Any], what: str) -> Any:
        def look() -> Any:
            self.revive()
            return fact()

        return wait_for(look, what, PATIENCE)

    def post(self, url: str, fields: dict[str, str]) -> str:
        """POST until there is an answer; return where it led."""

        def answer() -> str:
            request = urllib.request.Request(url, urllib.parse.urlencode(fields).encode())
            try:
                with urllib.request.urlopen(request, timeout=10) as response:
                    return str(response.url)
            except (OSError, HTTPException):
                return ""

        return str(self.until(answer, f"an answer from {url}"))

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.stack.folder / "undersigned.sqlite3", timeout=20) as connection:
            return connection.execute(statement).fetchall()

    def count(self, statement: str) -> int:
        return int(self.rows(statement)[0][0] or 0)


def live_through(driver: Driver) -> None:
    """The walk: sign, confirm, give, pay, ask for the list."""
    stack = driver.stack
    driver.until(lambda: answers(f"{stack.url}/healthz"), "the web server answers")
    driver.post(f"{stack.url}/campaigns/{SLUG}/sign", SIGN | {"email": driver.email})
    driver.until(lambda: driver.count("SELECT count(*) FROM outbox_item WHERE state <> 'done'") == 0, "mails are sent")
    driver.post(newest_link(driver), {})
    gift = {"preset": "30", "email": driver.email, "attempt": "one form"}
    page = driver.post(f"{stack.url}/campaigns/{SLUG}/donate", gift)
    driver.post(page, {"do": "pay", "email": driver.email})
    driver.until(lambda: driver.count("SELECT count(*) FROM payment WHERE is_settled") == 1, "the gift is settled")
    driver.until(lambda: driver.count("SELECT sum(total) FROM signature_count") == 1, "the signature counts")
    ask_for_the_list(driver)
    driver.until(lambda: driver.count("SELECT count(*) FROM delivery WHERE state = 'ready'") == 1, "the list is ready")
    driver.until(lambda: driver.count("SELECT count(*) FROM outbox_item WHERE state <> 'done'") == 0, "all is done")


def newest_link(driver: Driver) -> str:
    mails = [mail for mail in driver.stack.mails(driver.email) if "/confirm/" in mail["text"]]
    newest = max(mails, key=lambda mail: int(mail["id"]))
    return next(word for word in newest["text"].split() if "/confirm/" in word)


def ask_for_the_list(driver: Driver) -> None:
    """Through the operation itself, from a process that nobody kills: the desk's button needs a browser."""
    said_by(driver.stack.environment, driver.stack.folder, request_a_list)


def request_a_list() -> None:
    from app import app

    site = app.extensions["undersigned"]
    with site.work() as session:
        campaign = queries.find_by_slug(session, SLUG, site.clock())
        operations.request(session, campaign, paper="a4", answer_expected=None, actor="x", now=site.clock())


def verify_the_ledger() -> None:
    from app import app

    print(app.test_cli_runner().invoke(args=["ledger", "verify"]).output)


def assert_as_if_nothing_had_happened(driver: Driver) -> None:
    stack = driver.stack
    assert driver.rows("SELECT state, count(*) FROM signature GROUP BY state") == [("confirmed", 1)]
    assert driver.rows("SELECT state, count(*) FROM payment GROUP BY state") == [("paid", 1)]
    assert driver.count("SELECT count(*) FROM count_change") == 0
    assert driver.rows("SELECT kind, count(*) FROM ledger_entry GROUP BY kind ORDER BY kind") == [
        ("recognised", 1),
        ("settled", 1),
    ]
    assert driver.count("SELECT count(*) FROM outbox_item WHERE kind = 'donations.receipt_mail'") == 1
    assert driver.count("SELECT count(DISTINCT kind || ':' || subject) - count(*) FROM outbox_item") == 0
    mails = driver.count("SELECT count(*) FROM outbox_item WHERE kind LIKE '%_mail'")
    by_id = Counter(message_id(stack, mail["id"]) for mail in stack.mails(driver.email))
    assert len(by_id) == mails, "each queued mail arrived"
    assert sum(by_id.values()) <= mails + 1, "only the crash itself may have repeated one, under the same Message-ID"
    assert "Every law holds. 2 entries" in said_by(stack.environment, stack.folder, verify_the_ledger)


def message_id(stack: Stack, number: int) -> str:
    with urllib.request.urlopen(f"{stack.mail_url}/messages/{number}/source", timeout=10) as response:
        page = response.read().decode()
    return re.search(r"Message-ID: &lt;(\S+?)&gt;", page, re.IGNORECASE)[1]  # type: ignore[index]  # without one the test fails


def story(stack: Stack, victim: str, moment: str, number: int) -> bool:
    """Tell the story on a fresh site with one death; return whether the process came so far as to die."""
    for left in [*stack.folder.glob("undersigned.sqlite3*"), stack.folder / "died"]:
        left.unlink(missing_ok=True)
    shutil.copy(stack.folder / "template.sqlite3", stack.folder / "undersigned.sqlite3")
    driver = Driver(stack, victim, moment, number)
    live_through(driver)
    assert_as_if_nothing_had_happened(driver)
    for role in ("web", "worker"):
        stack.stop(role)
    return driver.marker.exists()


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("victim", ["web", "worker"])
def test_death_at_any_commit_changes_nothing(tmp_path: Path, victim: str, moment: str) -> None:
    number = 1
    with prepared_site(tmp_path) as stack:
        shutil.copy(tmp_path / "undersigned.sqlite3", tmp_path / "template.sqlite3")
        while story(stack, victim, moment, number):
            number += 1
    assert number > {"web": 5, "worker": 10}[victim], "the story has at least so many boundaries"
