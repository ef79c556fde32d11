"""Absolute addresses for mails and print lead to doors that are really there."""

from collections.abc import Callable

import pytest
from werkzeug.routing import RequestRedirect

from campaigns.links import Links
from tests.make import World

LINKS = Links("https://example.org")


@pytest.mark.parametrize(
    ("link", "address"),
    [
        (LINKS.campaign("rescind"), "https://example.org/campaigns/rescind"),
        (LINKS.confirm("s3cret"), "https://example.org/confirm/s3cret"),
        (LINKS.sign("rescind"), "https://example.org/campaigns/rescind/sign"),
        (LINKS.not_me("s3cret"), "https://example.org/not-me/s3cret"),
        (LINKS.own_page("s3cret"), "https://example.org/my/s3cret"),
        (LINKS.own_page(""), "https://example.org/my"),
        (LINKS.donate("rescind"), "https://example.org/campaigns/rescind/donate"),
        (LINKS.donate("rescind", "canteen"), "https://example.org/campaigns/rescind/donate?via=canteen"),
        (LINKS.donation("abc"), "https://example.org/donations/abc"),
        (LINKS.monthly("abc"), "https://example.org/monthly/abc"),
        (LINKS.monthly_manage("s3cret"), "https://example.org/monthly/manage/s3cret"),
        (LINKS.join, "https://example.org/join"),
        (LINKS.verify("abc"), "https://example.org/verify/abc"),
        (LINKS.desk_delivery("abc"), "https://example.org/desk/deliveries/abc"),
        (LINKS.desk_money, "https://example.org/desk/money/"),
        (LINKS.webhook, "https://example.org/webhooks/stripe"),
        (LINKS.site, "example.org"),
    ],
)
def test_an_address_is_what_outsiders_rely_on(link: str, address: str) -> None:
    assert link == address


EVERY = [name for name in vars(Links) if not name.startswith("_") and callable(getattr(Links, name))]


@pytest.mark.parametrize("name", EVERY)
def test_every_link_leads_to_a_door(sqlite_world: World, name: str) -> None:
    make: Callable[[str], str] = getattr(LINKS, name)
    address = make("abc")
    doors = sqlite_world.app.url_map.bind("example.org", url_scheme="https")
    try:
        endpoint, values = doors.match(address.removeprefix(LINKS.site_url), method="GET")
    except RequestRedirect as redirect:
        pytest.fail(f"{address} is sent on to {redirect.new_url}")
    assert endpoint
    assert list(values.values()) == ["abc"]


def test_every_link_was_looked_at() -> None:
    assert {"campaign", "confirm", "donate", "donation", "verify", "desk_delivery"} <= set(EVERY)
