"""The pages of giving in a real browser, after a year in which everything happened to money that can happen to it."""

import pytest
from playwright.sync_api import BrowserContext, Page

from campaigns.gate.rules import OF_ADDRESS
from tests.donations.test_shares import KITCHEN, LEGAL, add_funds
from tests.gate.make import give as knock
from tests.looking import looks, sign_in
from tests.make import World, appeal, days
from tests.membership.make import LEE, Union, make_tier
from tests.served import served

pytestmark = [pytest.mark.browser, pytest.mark.prove]
MARIA = "maria@example.org"
FORM = "/campaigns/rescind/donate"
MESSAGES = "/desk/campaigns/rescind/messages"
WORDS = "For the night shift.\n\nWe were eleven then, and we are two hundred now. Nobody stands alone at gate four."


def lived_in(world: World) -> Union:
    """A year of gifts for three funds, of months and dues, with everything that can go wrong about money."""
    story = Union(world)
    world.publish(appeal(deadline=world.clock() + days(500)))
    add_funds(world, KITCHEN, LEGAL)
    world.pay(world.give(preset="50", cover_fees="y", name="Maria Ortiz", show_name="y", message=WORDS))
    world.clock.move(days=60)
    back = world.give(preset="30", dedication="In memory of Elena Ruiz, sorter for thirty years")
    world.pay(back)
    refund = world.checkout.refund(back, 2000)
    world.ring("evt_refund", "checkout.session", back)
    world.run_worker()
    world.checkout.fail_refund(back, refund)
    world.ring("evt_refund_failed", "checkout.session", back)
    world.run_worker()
    disputed = world.give(email="jo@example.org", message="Soup for everybody.")
    world.pay(disputed)
    world.checkout.dispute(disputed)
    world.ring("evt_dispute", "checkout.session", disputed)
    world.checkout.move("adjustment", -137, "txn_of_nobody")
    world.checkout.pay_out(4000)
    story.begin(preset="10")
    world.run_worker()
    tier = make_tier(world)
    make_tier(world, name="Out of work", words="For who is between jobs", amount="3")
    make_tier(world, name="Founders", amount="100", is_open=False)
    story.join(tier)
    story.sweep()
    return story


def open_each(page: Page, address: str, paths: dict[str, str]) -> None:
    for name, path in paths.items():
        answer = page.goto(f"{address}{path}")
        assert answer
        assert answer.status == 200, path
        looks(page, name)


def follow(page: Page, address: str, words: str, name: str) -> None:
    """Open a page and follow the first link of these words."""
    page.goto(address)
    with page.expect_navigation():
        page.get_by_role("link", name=words).first.click()
    looks(page, name)


def press(page: Page, words: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=words, exact=True).click()


def test_axe_finds_nothing_where_people_give_and_join(sqlite_world: World, context: BrowserContext) -> None:
    story, page = lived_in(sqlite_world), context.new_page()
    own, (first, *_) = sqlite_world.mailer.link(MARIA, "/my/"), story.rows("SELECT public_id FROM donation")
    gifts = f"{own}/gifts?from=2020-01-01&to=2035-12-31"
    with served(sqlite_world) as address:
        open_each(
            page,
            address,
            {
                "form": FORM,
                "form-several": f"{FORM}?fund=USD",
                "gift": f"/donations/{first['public_id']}",
                "join": "/join",
                "own-page": own,
                "own-gifts": gifts,
                "own-gifts-none": f"{own}/gifts?from=2020-01-01&to=2020-12-31",
                "own-gifts-refused": f"{own}/gifts?from=yesterday",
                "monthly": story.manage(),
                "membership": story.manage(LEE),
            },
        )


def test_axe_finds_nothing_on_the_page_that_holds_somebody_back(sqlite_world: World, context: BrowserContext) -> None:
    sqlite_world.publish(appeal())
    page = context.new_page()
    for number in range(OF_ADDRESS.lately):
        assert knock(sqlite_world, number, email=MARIA).status_code == 303
    with served(sqlite_world) as address:
        page.goto(f"{address}{FORM}")
        page.fill("input[name=email]", MARIA)
        press(page, "Go to payment")
        looks(page, "held")
        assert "No money has moved" in page.inner_text("main")


def test_axe_finds_nothing_at_the_desk_for_money(sqlite_world: World, context: BrowserContext) -> None:
    lived_in(sqlite_world)
    page = context.new_page()
    with served(sqlite_world) as address:
        sign_in(sqlite_world, page, address, "treasurer")
        pages = {"desk-money": "/desk/money", "desk-funds": "/desk/funds/", "desk-fund-new": "/desk/funds/new"}
        open_each(page, address, pages | {"desk-members": "/desk/members", "desk-tiers": "/desk/members/tiers"})
        follow(page, f"{address}/desk/funds/", "Jo Hill and the hub", "desk-fund-change")
        page.fill("input[name=presets]", "a lot")
        press(page, "Save the changes")
        looks(page, "desk-fund-refused")
        follow(page, f"{address}/desk/members/tiers", "Out of work", "desk-tier")
        follow(page, f"{address}/desk/money", "Jo Hill and the hub", "desk-fund")
        page.goto(f"{address}/desk/money")
        page.get_by_label("Disputed").check()
        press(page, "I have looked at the ticked ones")
        looks(page, "desk-money-ticked")
        follow(page, f"{address}/desk/money", "Looked at", "desk-money-past")


def test_axe_finds_nothing_where_messages_are_read(sqlite_world: World, context: BrowserContext) -> None:
    lived_in(sqlite_world)
    page = context.new_page()
    with served(sqlite_world) as address:
        sign_in(sqlite_world, page, address)
        open_each(page, address, {"desk-messages": MESSAGES, "desk-messages-none": f"{MESSAGES}?state=shown"})
