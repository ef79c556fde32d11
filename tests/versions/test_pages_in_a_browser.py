"""A correction in a real browser: who confirms the earlier text, and what the desk says."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.looking import looks, sign_in
from tests.make import SIGN, World
from tests.served import served
from tests.versions.test_telling import TEXTS, correct, tell

pytestmark = [pytest.mark.browser, pytest.mark.prove]


def test_the_link_to_an_earlier_text_says_that_it_was_corrected(sqlite_world: World, context: BrowserContext) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm(email="ana@example.org")
    sqlite_world.sign()
    sqlite_world.run_worker()
    correct(sqlite_world, "Rescind all twelve write-ups")
    link = sqlite_world.mailer.link(SIGN["email"], "/confirm/")
    assert "corrected" in sqlite_world.see(link).text
    with served(sqlite_world) as address:
        page, desk = context.new_page(), context.new_page()
        page.goto(f"{address}{link}")
        expect(page.locator("main")).to_contain_text("corrected")
        looks(page, "confirm-earlier-text")
        sign_in(sqlite_world, desk, address)
        desk.goto(f"{address}{TEXTS}")
        looks(desk, "versions-to-tell")
        tell(sqlite_world)
        sqlite_world.run_worker()
        page.click("main form button")
        desk.reload()
        looks(desk, "versions-told")
