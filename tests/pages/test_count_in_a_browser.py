"""The count moves while somebody looks at it, and asks for nothing while nobody does."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.make import World
from tests.served import served

pytestmark = pytest.mark.browser
TURN = """(hidden) => {
    Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def looked_up(page: Page) -> list[str]:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("count.json") else None)
    return asked


def test_only_a_tab_that_is_looked_at_asks_for_the_count(sqlite_world: World, browser: Browser) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    page = browser.new_page()
    page.clock.install()
    asked = looked_up(page)
    with served(sqlite_world) as address:
        page.goto(f"{address}/campaigns/rescind")
        expect(page.locator("[data-count]")).to_have_text("1")
        page.evaluate(TURN, True)
        page.clock.run_for(300_000)
        assert asked == []
        sqlite_world.sign_and_confirm(email="jo@example.org")
        with page.expect_response("**/count.json"):
            page.evaluate(TURN, False)
        expect(page.locator("[data-count]")).to_have_text("2")
        with page.expect_response("**/count.json"):
            page.clock.run_for(20_000)
        assert len(asked) == 2
    page.close()
