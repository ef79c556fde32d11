"""Proof of work: asked for under pressure alone, handed in once, and never needed by a person who answers a mail."""

import base64
import json
from typing import Any

import pytest
from altcha import Challenge, Payload, solve_challenge
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from campaigns.abuse import operations as abuse
from campaigns.abuse.checks import CHALLENGE_LASTS
from campaigns.abuse.rules import PRESSURE_LASTS, PRESSURE_RATE
from campaigns.signatures import checks, queries
from campaigns.signatures.models import Signature
from tests.make import SIGN, World, petition
from tests.served import served

ADDRESS = "/campaigns/rescind/challenge"


def press(world: World, slug: str = "rescind") -> None:
    with world.work() as session:
        abuse.note_rates(session, {str(world.campaign(slug).id): PRESSURE_RATE + 1}, now=world.clock())


def challenge(world: World, slug: str = "rescind") -> Any:
    return world.client.get(f"/campaigns/{slug}/challenge").json


def solved(given: dict[str, Any]) -> str:
    parsed = Challenge.from_dict(given)
    solution = solve_challenge(parsed)
    assert solution is not None
    return Payload(parsed, solution).to_base64()


def judge(world: World) -> None:
    with world.work() as session:
        checks.judge(session, world.clock())


def reviews(world: World) -> list[tuple[str, str]]:
    with world.reading() as session:
        rows = session.scalars(select(Signature).order_by(Signature.id))
        return [(row.review, row.held_because) for row in rows]


def test_without_pressure_nothing_is_asked(world: World) -> None:
    world.publish()
    answer = world.client.get(ADDRESS)
    assert (answer.json, answer.headers["Cache-Control"]) == (None, "no-store")
    world.sign()
    assert reviews(world) == [("clear", "")]


def test_many_signatures_in_a_minute_are_pressure_and_it_ends_by_itself(world: World) -> None:
    world.publish()
    for each in range(PRESSURE_RATE + 1):
        world.sign(email=f"p{each}@example.org")
    judge(world)
    assert challenge(world)["parameters"]["algorithm"] == "PBKDF2/SHA-256"
    world.publish(petition(slug="other"))
    assert challenge(world, "other") is None
    world.clock.move(seconds=PRESSURE_LASTS.total_seconds() + 1)
    judge(world)
    assert challenge(world) is None


def test_pages_are_the_same_under_pressure(sqlite_world: World) -> None:
    sqlite_world.publish()
    paths = ("/campaigns/rescind", "/campaigns/rescind/sign")
    before = [sqlite_world.see(path).data for path in paths]
    press(sqlite_world)
    assert [sqlite_world.see(path).data for path in paths] == before
    honest, unproven = (sqlite_world.sign(email=f"{name}@example.org").text for name in ("one", "two"))
    assert honest.replace("one@", "") == unproven.replace("two@", "")


def test_who_did_the_sum_is_clear_and_who_did_not_is_held_until_the_mail_is_answered(world: World) -> None:
    world.publish()
    press(world)
    world.sign(email="proved@example.org", altcha=solved(challenge(world)))
    world.clock.move(seconds=1)
    world.sign(email="unproven@example.org")
    judge(world)
    assert reviews(world) == [("clear", ""), ("held", "unproven")]
    thanks = world.confirm("unproven@example.org")
    assert "Your signature counts" in thanks.text
    world.confirm("proved@example.org")
    with world.reading() as session:
        assert queries.count_of(session, world.campaign().id).total == 2


def test_one_sum_is_good_for_one_signature_however_it_is_written(sqlite_world: World) -> None:
    sqlite_world.publish()
    press(sqlite_world)
    handed_in = solved(challenge(sqlite_world))
    as_spaced = base64.b64encode(json.dumps(json.loads(base64.b64decode(handed_in)), indent=2).encode()).decode()
    for each, text in enumerate((handed_in, as_spaced, handed_in)):
        sqlite_world.clock.move(seconds=1)
        sqlite_world.sign(email=f"p{each}@example.org", altcha=text)
    judge(sqlite_world)
    assert reviews(sqlite_world) == [("clear", ""), ("held", "unproven"), ("held", "unproven")]


def forged(given: dict[str, Any], **changes: object) -> str:
    parsed = json.loads(base64.b64decode(solved(given)))
    parsed["challenge"]["parameters"] |= changes
    return base64.b64encode(json.dumps(parsed).encode()).decode()


def test_what_is_no_proof_is_treated_as_none(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.publish(petition(slug="other"))
    press(sqlite_world)
    press(sqlite_world, "other")
    given = challenge(sqlite_world)
    unsolved = json.dumps({"challenge": given, "solution": {"counter": 1, "derivedKey": "00"}})
    old = solved(challenge(sqlite_world))
    texts = [
        "", "x", "e30=", base64.b64encode(b"[]").decode(), "A" * 5000, base64.b64encode(unsolved.encode()).decode(),
        forged(given, cost=1), forged(given, nonce="00" * 16), forged(given, data=None),
        solved(challenge(sqlite_world, "other")),
    ]  # fmt: skip
    for each, text in enumerate(texts):
        assert sqlite_world.sign(email=f"p{each}@example.org", altcha=text).status_code == 200
    sqlite_world.clock.move(seconds=CHALLENGE_LASTS.total_seconds() + 1)
    press(sqlite_world)
    sqlite_world.sign(email="late@example.org", altcha=old)
    assert set(reviews(sqlite_world)) == {("held", "unproven")}
    assert len(reviews(sqlite_world)) == len(texts) + 1


# In a real browser, under the site's own policy


@pytest.fixture
def page(browser: Browser) -> Any:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def fill_in(page: Page, address: str, complaints: list[str], hosts: set[str]) -> None:
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto(f"{address}/campaigns/rescind/sign")
    for name in ("name", "email", "town", "postcode"):
        page.fill(f"[name={name}]", SIGN[name])
    page.select_option("[name=country]", SIGN["country"])
    page.check("[name=visibility][value=delivered]")
    page.click("main form button")
    page.wait_for_selector("h1:has-text('Check your mail')")


@pytest.mark.browser
@pytest.mark.parametrize("pressed", [False, True])
def test_a_browser_does_the_sum_under_our_own_policy_and_asks_nobody_else(
    sqlite_world: World, page: Page, pressed: bool
) -> None:
    sqlite_world.publish()
    if pressed:
        press(sqlite_world)
    complaints: list[str] = []
    hosts: set[str] = set()
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url.rpartition("/")[2]))
    with served(sqlite_world) as address:
        fill_in(page, address, complaints, hosts)
    assert complaints == []
    assert len(hosts) == 1
    assert ("altcha-pbkdf2.js" in fetched) is pressed
    assert reviews(sqlite_world) == [("clear", "")]
    with sqlite_world.reading() as session:
        assert (session.scalars(select(Signature.proof)).one() is not None) is pressed


@pytest.mark.browser
def test_without_javascript_the_way_leads_through_the_mailbox(sqlite_world: World, browser: Browser) -> None:
    sqlite_world.publish()
    press(sqlite_world)
    context = browser.new_context(java_script_enabled=False)
    with served(sqlite_world) as address:
        fill_in(context.new_page(), address, [], set())
    context.close()
    assert reviews(sqlite_world) == [("held", "unproven")]
    assert "Your signature counts" in sqlite_world.confirm().text
    assert reviews(sqlite_world) == [("clear", "unproven")]


@pytest.mark.browser
def test_the_bait_is_seen_and_reached_by_nobody(sqlite_world: World, page: Page) -> None:
    sqlite_world.publish()
    with served(sqlite_world) as address:
        page.goto(f"{address}/campaigns/rescind/sign")
        bait = page.locator("[name=homepage]")
        assert bait.count() == 1
        assert not bait.is_visible()
        assert page.get_by_label("Leave this empty").count() <= 1
        assert "Leave this empty" not in page.locator("main").aria_snapshot()
        reached = set()
        for _ in range(30):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.name || ''"))
    assert "email" in reached
    assert "homepage" not in reached
