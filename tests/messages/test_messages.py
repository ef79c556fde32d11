"""Givers' words and names: read by an organizer first, shown as the giver chose, gone when the giver is."""

import re
from html import unescape

import pytest
from sqlalchemy import text

from tests.make import GIVE, World, appeal, csrf_token

DESK = "/desk/campaigns/rescind/messages"
NAMED = {"name": "Rosalind Quill", "show_name": "y", "message": "Hold the line at gate four."}
UNNAMED = {"name": "Bartholomew Zest", "message": "Soup for everybody."}


@pytest.fixture
def site(sqlite_world: World) -> World:
    sqlite_world.publish(appeal())
    return sqlite_world


def given(world: World, **typed: str) -> None:
    world.pay(world.give(**typed))


def desk_page(world: World, state: str = "waiting") -> str:
    return unescape(world.desk().get(f"{DESK}?state={state}").text)


def review(world: World, act: str, state: str = "waiting") -> None:
    desk = world.desk()
    readings = re.findall(r'name="message" value="([^"]+)"', desk.get(f"{DESK}?state={state}").text)
    data = {"csrf_token": csrf_token(desk, DESK), "act": act, "message": readings}
    assert desk.post(DESK, data=data).status_code == 303


def public(world: World) -> str:
    return unescape(world.see("/campaigns/rescind").text)


def test_nothing_stands_on_the_page_before_an_organizer_has_read_it(site: World) -> None:
    given(site, **NAMED)
    assert "Hold the line" not in public(site)
    assert "Quill" not in public(site)
    assert "Hold the line" in desk_page(site)
    review(site, "show")
    assert "Hold the line at gate four." in public(site)
    assert "Rosalind Quill" in public(site)
    review(site, "hide", "shown")
    assert "Hold the line" not in public(site)
    assert "Quill" not in public(site)


def test_whoever_did_not_tick_it_stands_there_as_somebody(site: World) -> None:
    given(site, **UNNAMED)
    assert "Zest" not in desk_page(site)
    review(site, "show")
    assert "Soup for everybody." in public(site)
    assert "Somebody" in public(site)
    assert "Zest" not in public(site)


def test_a_name_alone_is_read_first_too(site: World) -> None:
    given(site, name="Rosalind Quill", show_name="y")
    assert "Quill" not in public(site)
    review(site, "show")
    assert "Rosalind Quill" in public(site)


def test_a_gift_without_words_and_without_a_name_to_show_stands_nowhere(site: World) -> None:
    given(site, name="Bartholomew Zest", dedication="For Oskar Quince")
    assert "Zest" not in desk_page(site)
    assert "No message waits for you." in desk_page(site)


def test_of_a_promise_that_was_never_paid_nothing_is_read(site: World) -> None:
    site.give(**NAMED)
    assert "Hold the line" not in desk_page(site)
    review(site, "show")
    assert "Hold the line" not in public(site)


def test_the_tick_is_not_set_until_the_giver_sets_it(site: World) -> None:
    form = site.see("/campaigns/rescind/donate").text
    (tick,) = re.findall(r"<input[^>]*name=\"show_name\"[^>]*>", form)
    assert "checked" not in tick


def test_a_dedication_stands_on_the_receipt_and_nowhere_else(site: World) -> None:
    given(site, **NAMED, dedication="For Oskar Quince")
    review(site, "show")
    (mail,) = site.mailer.to(GIVE["email"])
    assert "Dedicated: For Oskar Quince" in mail.text
    with site.engine.connect() as connection:
        (public_id,) = connection.execute(text("SELECT public_id FROM donation")).scalars()
    for page in (public(site), desk_page(site, "shown"), site.see(f"/donations/{public_id}").text):
        assert "Quince" not in page


def test_what_an_erased_giver_wrote_is_gone_from_page_and_desk(site: World) -> None:
    given(site, **NAMED, dedication="For Oskar Quince")
    review(site, "show")
    own = site.mailer.link(GIVE["email"], "/my/")
    assert site.client.post(f"{own}/erase", data={"sure": "y"}).status_code in (200, 303)
    assert "Hold the line" not in public(site)
    assert "Quill" not in public(site)
    assert "Hold the line" not in desk_page(site, "shown")
    with site.engine.connect() as connection:
        row = connection.execute(text("SELECT message, message_state, dedication, show_name FROM donation")).one()
    assert tuple(row) == (None, None, None, 0)


def test_what_was_not_read_as_it_stands_is_not_shown(site: World) -> None:
    given(site, **NAMED)
    desk = site.desk()
    with site.engine.connect() as connection:
        (donation,) = connection.execute(text("SELECT id FROM donation")).scalars()
    for forged in (f"{donation}.000000000000", "nonsense", ""):
        data = {"csrf_token": csrf_token(desk, DESK), "act": "show", "message": forged}
        desk.post(DESK, data=data)
    assert "Hold the line" not in public(site)
