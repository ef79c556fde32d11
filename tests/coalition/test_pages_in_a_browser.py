"""Partners and news in a real browser: axe finds nothing, nothing is wider than its screen, no script is needed."""

import pytest
from playwright.sync_api import BrowserContext

from tests.coalition.make import CODE, add_partner, make_link, sign_by, switch_partner
from tests.looking import looks, sign_in
from tests.make import World, petition
from tests.served import served
from tests.subscriptions.make import ask, link, stop_link, subscribe
from tests.supporters.pages import OwnPage

pytestmark = [pytest.mark.browser, pytest.mark.prove]
PARTNERS = "/desk/campaigns/rescind/partners"
LONG = "The Assembly of Sorters, Loaders and Drivers of the Night Shift at the Air Hub and its Neighbours"


def public_pages(world: World) -> dict[str, str]:
    """Every public page about partners and news, by name."""
    partner = add_partner(world)
    emails = [f"p{number}@example.org" for number in range(11)]
    for email in emails:
        sign_by(world, email)
    world.run_worker()
    for email in emails:
        world.client.post(world.mailer.link(email, "/confirm/"))
    sign_by(world, "waits@example.org")
    subscribe(world)
    subscribe(world, emails[0])
    confirmed = link(world)
    ask(world, "reader@example.org")
    waiting, stop = link(world, "reader@example.org"), stop_link(world, "reader@example.org")
    numbers = make_link(world, partner)
    world.clock.move(days=1)
    return {
        "campaign-via": f"/campaigns/rescind?via={CODE}",
        "sign-via": f"/campaigns/rescind/sign?via={CODE}",
        "confirm-via": world.mailer.link("waits@example.org", "/confirm/"),
        "numbers": numbers,
        "news": "/campaigns/rescind/news",
        "news-waiting": waiting,
        "news-confirmed": confirmed,
        "news-stop": stop,
        "news-gone": "/news/unknown",
        "own-page": OwnPage.asked(world, emails[0]).path,
    }


def test_axe_finds_nothing_on_the_public_pages(sqlite_world: World, context: BrowserContext) -> None:
    sqlite_world.publish(petition(target_domains=("airhub.example",)))
    pages, page = public_pages(sqlite_world), context.new_page()
    with served(sqlite_world) as address:
        for name, path in pages.items():
            page.goto(f"{address}{path}")
            looks(page, name)
        for email, name in (("ada", "news-refused"), ("ada@airhub.example", "news-at-work"), ("z@example.org", "sent")):
            page.goto(f"{address}/campaigns/rescind/news")
            page.fill("#news-email", email)
            with page.expect_navigation():
                page.click("main form button")
            looks(page, name)
        page.goto(f"{address}{pages['news-stop']}")
        with page.expect_navigation():
            page.click("main form button")
        looks(page, "news-stopped")


def test_axe_finds_nothing_at_the_desk(sqlite_world: World, context: BrowserContext) -> None:
    sqlite_world.publish()
    page = context.new_page()
    with served(sqlite_world) as address:
        sign_in(sqlite_world, page, address)
        page.goto(f"{address}{PARTNERS}")
        looks(page, "partners-empty")
        with page.expect_navigation():
            page.click("main form button")
        looks(page, "partners-refused")
        partner = add_partner(sqlite_world, name=LONG)
        switch_partner(sqlite_world, add_partner(sqlite_world, "x" * 40, name="Другой"), on=False)
        sign_by(sqlite_world, "a@example.org")
        sqlite_world.confirm("a@example.org")
        for name, path in (("partners", ""), ("partner", f"/{partner}"), ("people", f"/{partner}/people")):
            page.goto(f"{address}{PARTNERS}{path}")
            looks(page, name)
        page.goto(f"{address}{PARTNERS}/{partner}")
        with page.expect_navigation():
            page.click("text=Make a link")
        looks(page, "partner-link")
        page.goto(f"{address}/desk/campaigns/rescind/news")
        looks(page, "desk-news")
