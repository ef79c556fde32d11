"""The desk's page of lists in a real browser, while signatories are told and when some were told too late."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.deliveries.test_announcing import LISTS, press, signed, told
from tests.looking import looks, sign_in
from tests.make import World
from tests.served import served

pytestmark = [pytest.mark.browser, pytest.mark.prove]


def test_the_page_of_lists_says_who_waits_for_whom(sqlite_world: World, context: BrowserContext) -> None:
    signed(sqlite_world)
    with served(sqlite_world) as address:
        page = context.new_page()
        sign_in(sqlite_world, page, address)
        page.goto(f"{address}{LISTS}")
        looks(page, "lists-not-announced")
        press(sqlite_world.desk(), f"{LISTS}announce", hours="24")
        page.reload()
        expect(page.locator("main")).to_contain_text("not all of them have left")
        looks(page, "lists-telling")
        assert len(told(sqlite_world)) == 2
        for number in range(2):
            sqlite_world.sign_and_confirm(email=f"late{number}@example.org", name="Ana Late", visibility="delivered")
        page.reload()
        expect(page.locator("main")).to_contain_text("2 people were not told by mail")
        looks(page, "lists-told")
