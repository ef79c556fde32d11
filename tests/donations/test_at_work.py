"""Giving from the employer's own mail or network: a warning before anything is stored."""

import logging
import re

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from campaigns.gate.rules import WAIT
from tests.donations.make import MARIA
from tests.donations.test_shares import KITCHEN, add_funds, funds_of
from tests.donations.test_views import FORM, rows
from tests.gate.make import decline, give, watch
from tests.make import GIVE, World, appeal

WORK = "maria.ortiz@mail.airhub.example"
AT_WORK, AT_HOME = "198.51.100.23", "192.0.2.1"
OWNED = {"target_domains": ("airhub.example",), "target_networks": ("198.51.100.0/24",)}
TABLES = ("donation", "donation_line", "monthly_gift", "payment", "payment_subscription", "payment_try", "outbox_item")
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


@pytest.fixture
def site(world: World) -> World:
    world.publish(appeal(**OWNED))
    return world


@pytest.fixture
def short_site(sqlite_world: World) -> World:
    """The same, for what no database can change."""
    sqlite_world.publish(appeal(**OWNED))
    return sqlite_world


def post(site: World, address: str = AT_HOME, **typed: str) -> TestResponse:
    return site.client.post(FORM, data=GIVE | typed, environ_overrides={"REMOTE_ADDR": address})


def stored(site: World) -> int:
    return sum(len(rows(site, table)) for table in TABLES)


def carried(page: str, after: str) -> MultiDict[str, str]:
    """What the form under a heading sends without a key being touched."""
    return MultiDict(HIDDEN.findall(page.partition(after)[2].partition("</form>")[0]))


@pytest.mark.parametrize("frequency", ["once", "monthly"])
@pytest.mark.parametrize(
    ("email", "address", "sentence"),
    [
        (WORK, AT_HOME, "is an address of those this campaign writes to"),
        (MARIA, AT_WORK, "You are in the network of those this campaign writes to"),
        (WORK, AT_WORK, "You are in the network of those this campaign writes to"),
    ],
)
def test_whoever_gives_from_work_is_warned_and_nothing_is_stored_or_logged(
    site: World, caplog: pytest.LogCaptureFixture, frequency: str, email: str, address: str, sentence: str
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = post(site, address, email=email, frequency=frequency)
    assert answer.status_code == 409
    assert sentence in answer.text
    assert ("Take another address" in answer.text) is (email == WORK)
    assert (stored(site), site.checkout.requests) == (0, [])
    assert answer.headers["Cache-Control"] == "no-store"
    assert not any(part in caplog.text for part in ("airhub", "maria", address))


@pytest.mark.parametrize("frequency", ["once", "monthly"])
@pytest.mark.parametrize(("email", "address"), [(WORK, AT_HOME), (MARIA, AT_WORK), (WORK, AT_WORK)])
def test_whoever_insists_gives(site: World, frequency: str, email: str, address: str) -> None:
    insisting = carried(post(site, address, email=email, frequency=frequency).text, "Or do it anyway")
    assert insisting.to_dict() == GIVE | {"email": email, "frequency": frequency, "anyway": "y"}
    assert post(site, address, **insisting.to_dict()).status_code == 303
    assert len(rows(site, "monthly_gift" if frequency == "monthly" else "donation")) == 1


def test_another_address_gives_all_that_was_typed(short_site: World) -> None:
    """The fund, the shares, what was left empty and the form's own mark: the gift is the one that was meant."""
    add_funds(short_site, KITCHEN)
    funds = funds_of(short_site)
    first, second = (f"share_{funds[name].id.hex}" for name in ("Jo Hill and the hub", "Strike kitchen"))
    typed = {
        "preset": "", "amount": "", "fund": "USD", first: "12.50", second: "7", "cover_fees": "y", "name": "Maria <O>",
        "show_name": "y", "message": "For Jo,\nand the rest.", "dedication": "Oskar", "via": "canteen",
        "attempt": "form-1", "frequency": "once",
    }  # fmt: skip
    other = carried(post(short_site, **typed, email=WORK).text, "Take another address")
    assert other.to_dict() == typed | {"name": "Maria &lt;O&gt;"}
    assert post(short_site, **typed, email=MARIA).status_code == 303
    assert [line["amount_minor"] for line in rows(short_site, "donation_line")][:2] == [1250, 700]
    assert rows(short_site, "donation")[0]["source"] == "canteen"


def test_who_waited_at_the_gate_keeps_the_ticket_through_the_warning(short_site: World) -> None:
    give(short_site)
    decline(short_site, 12)
    assert watch(short_site) == 1
    held = carried(post(short_site).text, "One step more").to_dict()
    short_site.clock.move(seconds=WAIT.total_seconds())
    insisting = carried(post(short_site, AT_WORK, **held).text, "Or do it anyway").to_dict()
    assert insisting == held | {"anyway": "y"}
    assert post(short_site, AT_WORK, **insisting).status_code == 303


def test_who_insisted_and_is_held_at_the_gate_is_not_warned_again(short_site: World) -> None:
    give(short_site)
    decline(short_site, 12)
    assert watch(short_site) == 1
    held = post(short_site, AT_WORK, anyway="y")
    assert held.status_code == 429
    short_site.clock.move(seconds=WAIT.total_seconds())
    assert post(short_site, AT_WORK, **carried(held.text, "One step more").to_dict()).status_code == 303


def test_a_form_that_is_wrong_is_put_right_first(short_site: World) -> None:
    answer = post(short_site, AT_WORK, preset="other")
    assert answer.status_code == 422
    assert "Enter the amount you want to give" in answer.text


def test_the_form_is_the_same_at_work_as_everywhere(short_site: World) -> None:
    pages = [short_site.client.get(FORM, environ_base={"REMOTE_ADDR": each}).text for each in (AT_HOME, AT_WORK)]
    assert len({re.sub(r'name="attempt" value="[^"]*"', "", page) for page in pages}) == 1


def test_a_campaign_that_knows_nothing_of_its_target_warns_nobody(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    assert post(sqlite_world, AT_WORK, email=WORK).status_code == 303
