"""Passing a campaign on: what a phone's own sheet, the clipboard, a mail and a text message are handed."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.donations.test_shares import KITCHEN, add_funds
from tests.make import SIGN, World, appeal
from tests.served import served

HEADLINE = "Rescind the write-ups & reinstate Jo"
ADDRESS = "http://localhost/campaigns/rescind?via=canteen"
SIGNED = f"I have signed: {HEADLINE}"
# What the page hands to the system, written down in place of being shown to anybody.
STUBS = """
    window.handed = [];
    navigator.share = async (what) => { handed.push({share: what}); };
    navigator.clipboard.writeText = async (text) => { handed.push({copy: text}); };
"""


@pytest.fixture
def phone(context: BrowserContext) -> Page:
    context.add_init_script(STUBS)
    return context.new_page()


def publish(world: World) -> World:
    world.publish(appeal(headline=HEADLINE))
    return world


def handed(page: Page) -> Any:
    return page.evaluate("handed")


def press_both(page: Page, copy: str) -> None:
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("button", name=copy, exact=True).click()
    expect(page.get_by_role("button", name="Copied", exact=True)).to_be_visible()


@pytest.mark.browser
def test_after_confirming_share_and_copy_hand_over_the_address_with_its_code(sqlite_world: World, phone: Page) -> None:
    publish(sqlite_world).sign(via="canteen")
    sqlite_world.run_worker()
    path = urlsplit(sqlite_world.mailer.link(SIGN["email"], "/confirm/")).path
    with served(sqlite_world) as address:
        phone.goto(f"{address}{path}")
        with phone.expect_navigation():
            phone.click("main button")
        press_both(phone, "Copy")
        assert handed(phone) == [{"share": {"text": SIGNED, "url": ADDRESS}}, {"copy": ADDRESS}]


@pytest.mark.browser
def test_a_campaign_page_hands_over_the_address_it_was_opened_by(sqlite_world: World, phone: Page) -> None:
    publish(sqlite_world)
    with served(sqlite_world) as address:
        here = f"{address}/campaigns/rescind?via=canteen"
        phone.goto(f"{here}#organisers")
        press_both(phone, "Copy the address")
        assert handed(phone) == [{"share": {"text": HEADLINE, "url": here}}, {"copy": here}]


@pytest.mark.browser
def test_a_tap_on_an_amount_shares_nothing(sqlite_world: World, phone: Page) -> None:
    publish(sqlite_world)
    add_funds(sqlite_world, KITCHEN)
    with served(sqlite_world) as address:
        phone.goto(f"{address}/campaigns/rescind/donate?fund=USD")
        for amount, box in zip(("20", "10"), phone.locator(".share input").all(), strict=True):
            box.click()
            box.fill(amount)
        expect(phone.locator("[data-sum]")).to_contain_text("$30.00")
        assert handed(phone) == []


def test_a_mail_and_a_text_message_say_that_one_has_signed_what_and_where(sqlite_world: World) -> None:
    publish(sqlite_world).sign(via="canteen")
    page = sqlite_world.confirm().text
    links = [urlsplit(unescape(link)) for link in re.findall(r'href="((?:mailto|sms):\?[^"]+)"', page)]
    assert {link.scheme: parse_qs(link.query) for link in links} == {
        "mailto": {"subject": [HEADLINE], "body": [f"{SIGNED}\n{ADDRESS}"]},
        "sms": {"body": [f"{SIGNED} {ADDRESS}"]},
    }
