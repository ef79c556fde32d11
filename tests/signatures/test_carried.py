"""The code that somebody came by, from the first page to the last step after confirming, without a cookie."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from campaigns.donations.models import Donation
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import carried
from tests.make import GIVE, SIGN, World, appeal

CODE = "canteen"
HUB = "/campaigns/rescind"


def links(page: str) -> dict[str, list[str]]:
    """The codes in each address of a page that leads on, by path; those of `mailto:` and the like are no pages."""
    found: dict[str, list[str]] = {}
    for address in re.findall(r'(?:href|data-share|data-copy)="([^"]+)"', page):
        parts = urlsplit(unescape(address))
        if parts.scheme in ("", "http", "https"):
            found.setdefault(parts.path, []).extend(parse_qs(parts.query).get("via", [""]))
    return found


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def test_the_code_goes_along_from_signing_to_giving_to_passing_it_on_to_joining(world: World) -> None:
    """Each step takes only what the page before it handed over."""
    world.publish(appeal(join_url="https://union.example/join"))
    arrived = world.see(f"{HUB}?via={CODE}").text
    world.client.post(f"{HUB}/sign", data=SIGN | hidden(arrived))
    world.run_worker()
    thanks = world.client.post(world.mailer.link(SIGN["email"], "/confirm/"))
    steps = links(thanks.text)
    for step in (f"{HUB}/donate", HUB, f"{HUB}/poster", "/join"):
        assert set(steps[step]) == {CODE}, step
    assert not thanks.headers.getlist("Set-Cookie")

    form = world.see(f"{HUB}/donate?amount=30&via={CODE}").text
    assert set(links(form)[HUB]) == {CODE}
    paying = world.client.post(f"{HUB}/donate", data=GIVE | hidden(form))
    assert paying.status_code == 303
    request = world.checkout.requests[-1]
    assert request.cancel_url == f"http://localhost{HUB}/donate?via={CODE}"
    gift = world.client.get(urlsplit(request.success_url).path).text
    assert set(links(gift)[HUB]) == {CODE}

    with world.reading() as session:
        assert session.scalars(select(Signature.source)).all() == [CODE]
        assert session.scalars(select(Donation.source)).all() == [CODE]


def test_a_gift_that_was_not_paid_is_tried_again_by_the_same_code(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    sqlite_world.give(via=CODE)
    request = sqlite_world.checkout.requests[-1]
    sqlite_world.clock.now = request.expires_at
    sqlite_world.checkout.expire(next(iter(sqlite_world.checkout.sessions)))
    page = sqlite_world.client.get(urlsplit(request.success_url).path).text
    assert links(page)[f"{HUB}/donate"] == [CODE]


def test_leaving_a_monthly_gifts_payment_page_comes_back_by_the_same_code(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    sqlite_world.give(via=CODE, frequency="monthly")
    (request,) = sqlite_world.subscriptions.requests.values()
    assert request.cancel_url == f"http://localhost{HUB}/donate?via={CODE}"


@pytest.mark.parametrize(
    ("address", "by_code"),
    [
        ("https://union.example/join", "https://union.example/join?via=canteen"),
        ("https://union.example/join?lang=de", "https://union.example/join?lang=de&via=canteen"),
        ("https://union.example/join#form", "https://union.example/join?via=canteen#form"),
        ("https://union.example/?a=1#top?x", "https://union.example/?a=1&via=canteen#top?x"),
        ("https://union.example/join?via=hub", "https://union.example/join?via=hub"),
        ("https://union.example/join?", "https://union.example/join?via=canteen"),
    ],
)
def test_an_address_takes_the_code_along_and_keeps_what_it_says_itself(address: str, by_code: str) -> None:
    assert carried(address, CODE) == by_code
    assert carried(address, "") == address
