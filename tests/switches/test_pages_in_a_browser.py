"""The switches in a real browser: axe finds nothing, nothing is wider than its screen."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.looking import looks, sign_in
from tests.make import World, petition
from tests.served import served

pytestmark = [pytest.mark.browser, pytest.mark.prove]


def test_a_bad_day_at_the_desk_and_on_the_page(sqlite_world: World, context: BrowserContext) -> None:
    sqlite_world.publish(petition(summary="They fired Jo for talking about pay."))
    with served(sqlite_world) as address:
        supporter, desk = context.new_page(), context.new_page()
        supporter.goto(f"{address}/campaigns/rescind/sign")
        supporter.fill("input[name=name]", "Maria Ortiz")
        sign_in(sqlite_world, desk, address)
        desk.click("nav >> text=Switches")
        desk.click("text=Show the banner")
        looks(desk, "switches-refused")
        desk.fill("#banner-words", "The vote ends on Friday at 17:00. Talk to your steward.")
        desk.click("text=Show the banner")
        desk.fill("#signing-words", "Somebody is flooding the form with invented names.")
        desk.locator("form[action$=signing] button").click()
        desk.locator("form[action$=mail] button").click()
        expect(desk.locator(".switch.is-on")).to_have_count(3)
        looks(desk, "switches")
        desk.goto(f"{address}/desk/")
        expect(desk.locator(".switched")).to_contain_text("Signing is paused.")
        looks(desk, "switches-desk")
        supporter.fill("input[name=email]", "maria@example.org")
        supporter.check("input[name=visibility][value=delivered]")
        supporter.click("main form button.button-wide")
        expect(supporter.locator("[role=alert]")).to_contain_text("Signing is paused for the moment.")
        expect(supporter.locator("input[name=name]")).to_have_value("Maria Ortiz")
        looks(supporter, "switches-refused-form")
        supporter.goto(f"{address}/campaigns/rescind")
        expect(supporter.locator(".site-banner")).to_contain_text("The vote ends on Friday")
        looks(supporter, "switches-page")
