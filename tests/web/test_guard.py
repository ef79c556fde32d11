"""A form that another site's page sends is turned away; a browser that says nothing has no session to steal."""

from collections.abc import Callable

import pytest

from campaigns.web.guard import takes_posts_from_elsewhere
from tests.make import GIVE, SIGN, World, appeal

HERE, ELSEWHERE = "http://localhost", "https://evil.example"
TABLE: list[tuple[str, dict[str, str], bool]] = [
    ("says nothing", {}, True),
    ("our page", {"Sec-Fetch-Site": "same-origin", "Origin": HERE}, True),
    ("our page, no origin", {"Sec-Fetch-Site": "same-origin"}, True),
    ("typed by hand", {"Sec-Fetch-Site": "none"}, True),
    ("an older browser, our page", {"Origin": HERE}, True),
    ("another site", {"Sec-Fetch-Site": "cross-site", "Origin": ELSEWHERE}, False),
    ("another site that claims ours", {"Sec-Fetch-Site": "cross-site", "Origin": HERE}, False),
    ("a sister domain", {"Sec-Fetch-Site": "same-site"}, False),
    ("a word of a later standard", {"Sec-Fetch-Site": "same-party"}, False),
    ("an empty word", {"Sec-Fetch-Site": ""}, False),
    ("an older browser, another site", {"Origin": ELSEWHERE}, False),
    ("a sandboxed frame", {"Origin": "null"}, False),
    ("no address at all", {"Origin": "evil"}, False),
    ("an empty origin", {"Origin": ""}, False),
    ("a broken address", {"Origin": "http://[::1"}, False),
    ("another port", {"Origin": "http://localhost:81"}, False),
    ("our name in theirs", {"Origin": "http://localhost.evil.example"}, False),
    ("our name before theirs", {"Origin": "http://localhost@evil.example"}, False),
]


def test_a_form_is_taken_from_our_own_pages_only(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    for name, headers, taken in TABLE:
        sqlite_world.checkout.requests.clear()
        signed = sqlite_world.client.post("/campaigns/rescind/sign", data=SIGN, headers=headers)
        given = sqlite_world.client.post("/campaigns/rescind/donate", data=GIVE, headers=headers)
        assert (signed.status_code, given.status_code) == ((200, 303) if taken else (403, 403)), name
        assert len(sqlite_world.checkout.requests) == taken, name
        assert ("sent from another site" in signed.text) is not taken, name


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_link_from_another_site_opens(sqlite_world: World, method: str) -> None:
    sqlite_world.publish(appeal())
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": ELSEWHERE}
    assert sqlite_world.client.open("/campaigns/rescind", method=method, headers=headers).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_every_method_that_could_change_something_is_guarded(sqlite_world: World, method: str) -> None:
    sqlite_world.app.add_url_rule("/a-door", "a_door", lambda: "in", methods=[method])
    assert sqlite_world.client.open("/a-door", method=method).status_code == 200
    refused = sqlite_world.client.open("/a-door", method=method, headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403


def test_a_door_for_machines_is_marked_and_open(sqlite_world: World) -> None:
    view: Callable[[], str] = takes_posts_from_elsewhere(lambda: "in")
    sqlite_world.app.add_url_rule("/a-door", "a_door", view, methods=["POST"])
    assert sqlite_world.client.post("/a-door", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_only_the_webhook_and_the_one_click_that_stops_news_take_posts_from_elsewhere(sqlite_world: World) -> None:
    marked = {
        name
        for name, view in sqlite_world.app.view_functions.items()
        if getattr(view, "_takes_posts_from_elsewhere", False)
    }
    assert marked == {"payments.stripe_webhook", "subscriptions.stop"}


def test_the_name_the_visitor_came_by_is_ours_too(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    headers = {"Origin": "https://mirror.example", "Host": "mirror.example"}
    assert sqlite_world.client.post("/campaigns/rescind/sign", data=SIGN, headers=headers).status_code == 200
