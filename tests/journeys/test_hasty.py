"""Hasty people: two clicks where one would do, and the Back button after paying."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import PHONE, Visitor
from tests.journeys.stack import Stack
from tests.journeys.test_supporter import CAMPAIGN, fill_in
from tests.waiting import wait_for

numbers = count(1)
DATABASE = "undersigned.sqlite3"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def hasty(request: pytest.FixtureRequest, browser: Browser) -> Iterator["Hasty"]:
    context = browser.new_context(viewport=PHONE, java_script_enabled=request.param)
    yield Hasty(context.new_page(), scripted=request.param)
    context.close()


class Hasty(Visitor):
    """Somebody who presses again when nothing happens at once."""

    def __init__(self, page: Page, *, scripted: bool) -> None:
        super().__init__(page, scripted=scripted)
        self.email = f"hasty{next(numbers)}@example.org"

    def presses_twice(self, stack: Stack, button: str) -> None:
        """Send the form a second time before the first has an answer: a lock on the database keeps both waiting."""
        place = self.place_of(button)
        with closing(sqlite3.connect(stack.folder / DATABASE, timeout=20, isolation_level=None)) as somebody:
            somebody.execute("BEGIN IMMEDIATE")
            for _ in range(2):
                with self.page.expect_request(lambda asked: asked.method == "POST"):
                    self.page.mouse.click(*place)

    def place_of(self, button: str) -> tuple[float, float]:
        """The middle of a button on the screen: Playwright itself presses none while a page is on its way."""
        found = self.page.get_by_role("button", name=button)
        found.scroll_into_view_if_needed()
        box = found.bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


class Books:
    """What a site and its stand-in have written down since these books were opened."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.before = self._now()

    def added(self) -> dict[str, int]:
        return {name: number - self.before[name] for name, number in self._now().items()}

    def _now(self) -> dict[str, int]:
        site, stripe = self.stack.folder / DATABASE, self.stack.folder / "sandbox" / "stripe.sqlite"
        found = {table: rows(site, f"SELECT count(*) FROM {table}") for table in ("signature", "donation", "payment")}
        of_kind = "SELECT count(*) FROM objects WHERE kind = "
        return found | {
            "counted": rows(site, "SELECT coalesce(sum(total), 0) FROM signature_count"),
            "recognised": rows(site, "SELECT count(*) FROM ledger_entry WHERE kind = 'recognised'"),
            "pages": rows(stripe, f"{of_kind}'checkout.session'"),
            "charges": rows(stripe, f"{of_kind}'charge'"),
        }


def rows(path: Any, question: str) -> int:
    with closing(sqlite3.connect(path, timeout=20)) as connection:
        return int(connection.execute(question).fetchone()[0])


def fill_in_gift(stack: Stack, hasty: Hasty) -> None:
    hasty.page.goto(f"{stack.url}/campaigns/{CAMPAIGN}/donate?amount=30")
    hasty.page.locator("input[name=email]").fill(hasty.email)


def working_link(stack: Stack, hasty: Hasty) -> str:
    """The link that works, of one mail or two: a browser may take back its first press before it is heard."""
    texts = [mail["text"] for mail in stack.mails(hasty.email)]
    links = [next(word for word in text.split() if "/confirm/" in word) for text in texts]
    working = [link for link in links if hasty.page.request.get(link).ok]
    assert len(working) <= 1, "the press that was stored last replaced the one before"
    return working[0] if working else ""


def test_a_double_click_signs_once_and_one_mail_works(stack: Stack, hasty: Hasty) -> None:
    books = Books(stack)
    hasty.page.goto(f"{stack.url}/campaigns/{CAMPAIGN}/sign")
    fill_in(hasty, "Hasty Harriet", hasty.email, "delivered")
    hasty.presses_twice(stack, "Sign the demand")
    hasty.page.get_by_text(hasty.email).wait_for()
    hasty.sees("mail")
    hasty.looks()
    hasty.page.goto(wait_for(lambda: working_link(stack, hasty), "a mail whose link works"))
    assert books.added()["signature"] == 1
    hasty.presses_twice(stack, "Yes, I sign")
    hasty.page.get_by_text("Thank you").first.wait_for()
    wait_for(lambda: books.added()["counted"] == 1, "the count follows", 10)
    assert books.added()["signature"] == 1


def test_a_double_click_gives_once(stack: Stack, hasty: Hasty) -> None:
    books = Books(stack)
    fill_in_gift(stack, hasty)
    hasty.presses_twice(stack, "Go to payment")
    hasty.page.get_by_role("button", name="Pay").wait_for()
    opened = {"donation": 1, "payment": 1, "pages": 1}
    assert books.added().items() >= (opened | {"charges": 0}).items()
    hasty.page.get_by_role("button", name="Pay").dblclick()
    hasty.page.wait_for_url("**/donations/**")
    hasty.sees("Thank you")
    hasty.looks()
    assert books.added().items() >= (opened | {"charges": 1, "recognised": 1}).items()
    assert "Every law holds" in stack.flask("ledger", "verify")


def test_back_after_paying_leads_to_a_page_that_says_it_is_done(stack: Stack, hasty: Hasty) -> None:
    books = Books(stack)
    fill_in_gift(stack, hasty)
    hasty.page.get_by_role("button", name="Go to payment").click()
    hasty.page.get_by_role("button", name="Pay").click()
    hasty.page.wait_for_url("**/donations/**")
    hasty.sees("Thank you")

    hasty.page.go_back()
    hasty.page.reload()  # as whoever doubts would; the browser may show what it kept
    hasty.sees("Already paid")
    assert hasty.page.get_by_role("button", name="Pay").count() == 0

    hasty.page.go_back()
    assert re.search(r"/donate\?amount=30$", hasty.page.url)
    hasty.page.locator("input[name=email]").fill(hasty.email)
    hasty.page.get_by_role("button", name="Go to payment").click()
    hasty.page.get_by_role("button", name="Pay").wait_for()
    gift = {"charges": 1, "recognised": 1}
    assert books.added().items() >= (gift | {"donation": 2, "pages": 2}).items(), "a new gift, on a page of its own"
    receipts = wait_for(lambda: stack.mails(hasty.email), "the receipt")
    assert len(receipts) == 1
    assert "Every law holds" in stack.flask("ledger", "verify")
