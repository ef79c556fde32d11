"""The review pages in a real browser: axe finds nothing, nothing is wider than its screen, by keyboard and without."""

from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext

from campaigns.review.rules import DOMAIN_ALARM, Decision, Phase, Rule, Step
from campaigns.signatures.rules import Review
from tests.looking import looks, sign_in
from tests.make import World
from tests.review.make import advance, ask, found, signed, step, work_off
from tests.served import served

pytestmark = [pytest.mark.browser, pytest.mark.prove]
HELD = "/desk/campaigns/rescind/review/"


def lived_in(world: World) -> list[str]:
    """Somebody of every kind, and an action in every phase; return the addresses of its pages."""
    world.publish()
    world.clock.move(minutes=1)
    codes = ("trap", "disposable", "crowd", "crowd disposable", "unproven", "again", "organizer", "organizer trap")
    for reasons in codes:
        signed(world, 2, review="held", held_because=reasons, name="Philomena Clearwater-Fallowfield")
    signed(world, 2, review="held", held_because="crowd", visibility="counted")
    signed(world, DOMAIN_ALARM, domain="catch-all.example")
    world.run_worker()
    rule = Rule(review=Review.CLEAR, domain="catch-all.example", name="P*")
    actions = [ask(world, decision, rule) for decision in (Decision.HOLD, Decision.REJECT, Decision.RELEASE)]
    for action_id in actions[:2]:
        work_off(world, action_id)
    step(world, actions[1], Step.APPLY)
    work_off(world, actions[1])
    stop, undo = (Step.CANCEL,), (Step.CANCEL, Step.UNDO)
    actions += [_in_the_middle(world, *steps) for steps in ((), stop, undo, undo)]
    work_off(world, actions[-1])
    assert {found(world, each).phase for each in actions} == set(Phase)
    return [HELD, *[f"{HELD}{action_id}" for action_id in actions], "/desk/networks", f"{HELD}?review=clear&domain=x"]


def _in_the_middle(world: World, *steps: Step) -> UUID:
    """An action that has changed some and not all, after whatever was asked of it then."""
    action_id = ask(world, Decision.RELEASE, Rule(review=Review.REJECTED, domain="catch-all.example"))
    work_off(world, action_id)
    step(world, action_id, Step.APPLY)
    assert advance(world, action_id, batch=7)
    for each in steps:
        step(world, action_id, each)
    return action_id


def test_axe_finds_nothing_on_the_review_pages(sqlite_world: World, context: BrowserContext) -> None:
    pages = lived_in(sqlite_world)
    page = context.new_page()
    with served(sqlite_world) as address:
        sign_in(sqlite_world, page, address)
        for number, path in enumerate(pages):
            page.goto(f"{address}{path}")
            looks(page, f"review-{number}")
        page.goto(f"{address}{HELD}")
        page.select_option("select[name=review]", "clear")
        page.click("text=Count them first")
        looks(page, "review-refused")
        page.fill("#person-email", "nobody@example.org")
        page.click("button:text-is('Find')")
        looks(page, "review-person")


def test_a_rule_is_applied_and_undone_by_keyboard_without_scripts(sqlite_world: World, browser: Browser) -> None:
    lived_in(sqlite_world)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    with served(sqlite_world) as address:
        sign_in(sqlite_world, page, address)
        page.goto(f"{address}{HELD}")
        page.focus("#decision")
        page.keyboard.press("Space")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        for words in ("Release 18 signatures", "Undo all of it"):
            sqlite_world.run_worker()
            page.reload()
            page.focus(f"button:has-text('{words}')")
            with page.expect_navigation():
                page.keyboard.press("Enter")
        sqlite_world.run_worker()
        page.reload()
        assert "18 of 18 stand as they did before" in page.inner_text("main")
    context.close()
