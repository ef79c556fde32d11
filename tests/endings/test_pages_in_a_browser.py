"""The ending as a supporter sees it, and the desk's pages for it, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from campaigns.campaign import operations as campaigns
from campaigns.campaign.rules import Demand
from tests.deliveries.test_versions_on_lists import make_list
from tests.looking import PHONE, looks, sign_in
from tests.make import World, petition
from tests.served import served

pytestmark = [pytest.mark.browser, pytest.mark.prove]
DESK = "/desk/campaigns/rescind"
PAGE = "/campaigns/rescind"


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def context(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, java_script_enabled=request.param)
    yield context
    context.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def press(page: Page, words: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=words, exact=True).click()


def lived_in(world: World) -> None:
    world.publish(petition(goal=1))
    world.sign_and_confirm(name="Ana Early", email="ana@example.org", visibility="public")
    with world.work() as session:
        corrected = petition(goal=1, demands=(Demand("Rescind all twelve write-ups", "Talking is no offence."),))
        campaigns.change(session, "rescind", corrected, actor="test", now=world.clock())
    world.sign_and_confirm(name="Zoe Late", email="zoe@example.org")
    make_list(world)
    world.clock.move(minutes=2)
    world.run_worker()


def test_a_supporter_sees_it_answered_won_closed_and_the_names_deleted(
    sqlite_world: World, context: BrowserContext, desk: Page
) -> None:
    world = sqlite_world
    lived_in(world)
    page = context.new_page()
    with served(world) as address:

        def sees(*words: str, name: str) -> None:
            world.see(PAGE)  # what the site keeps of the page for a moment is dropped
            page.goto(f"{address}{PAGE}")
            page.reload()  # the browser keeps it for some seconds
            text = page.inner_text("main").lower()
            assert [each for each in words if each.lower() not in text] == []
            looks(page, name)

        sign_in(world, desk, address)
        desk.goto(f"{address}{DESK}/ending")
        looks(desk, "desk-ending-open")
        sees(
            "Corrected on",
            "Timeline",
            "List no. 1 was made, with 2 signatures.",
            "1 signature is reached.",
            name="open",
        )

        desk.fill("#answered_by", "Ms. Ortega, Hub Management")
        desk.fill("#answer_text", "We will **meet** you.")
        press(desk, "Put it on the page")
        sees("The answer", "Ms. Ortega, Hub Management", "We will meet you.", name="answered")

        desk.fill("#won_words", "All twelve are rescinded.")
        press(desk, "It is won")
        sees("All twelve are rescinded.", "Sign the demand", name="won")

        press(desk, "Close it now")
        looks(desk, "desk-ending-closed")
        sees("It is won", "Nothing more needs to be signed", "names, addresses and all else", name="won-closed")
        assert page.get_by_role("button", name="Sign the demand").count() == 0

        world.clock.move(days=200)
        world.run_worker()
        world.run_worker()
        desk.goto(f"{address}{DESK}/ending")
        looks(desk, "desk-ending-deleted")
        sees("were deleted on", "2 more people", name="deleted")
        assert "Ana Early" not in page.inner_text("main")


def test_the_texts_are_shown_to_everybody_and_told_to_those_who_signed(
    sqlite_world: World, context: BrowserContext, desk: Page
) -> None:
    world = sqlite_world
    lived_in(world)
    page = context.new_page()
    with served(world) as address:
        page.goto(f"{address}{PAGE}")
        page.get_by_role("link", name="What was changed").click()
        assert "Rescind all eleven write-ups" in page.inner_text("main")
        looks(page, "versions")
        sign_in(world, desk, address)
        desk.goto(f"{address}{DESK}/versions")
        looks(desk, "desk-versions")
        press(desk, "Tell them of text 2")
        world.run_worker()
        desk.reload()
        looks(desk, "desk-versions-told")
        mail = world.mailer.to("ana@example.org")[-1]
        page.goto(f"{address}/my/{mail.text.split('/my/')[1].split()[0]}")
        page.get_by_text("The text you signed", exact=True).click()
        assert "Rescind all eleven write-ups" in page.inner_text("main")
        looks(page, "my")
