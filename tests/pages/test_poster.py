"""The sheet to hang up: the demands, and a code that leads to the page."""

import re
from xml.etree import ElementTree as ET

import pytest

from tests.make import World, appeal, petition
from tests.scanned import codes_drawn

POSTER = "/campaigns/rescind/poster"


def qr(page: str) -> str:
    found = re.search(r"<svg.*?</svg>", page, re.DOTALL)
    assert found
    return found[0]


def test_it_says_who_is_asked_what_is_demanded_and_where_to_sign(sqlite_world: World) -> None:
    sqlite_world.publish()
    page = sqlite_world.see(POSTER).text
    for words in ("Rescind the write-ups", "Hub Management", "Rescind all eleven write-ups", "Reinstate Jo Hill"):
        assert words in page
    assert "localhost/campaigns/rescind</p>" in page
    assert "Sign here" in page


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("", "http://localhost/campaigns/rescind"),
        ("?via=canteen", "http://localhost/campaigns/rescind?via=canteen"),
        ("?via=%3Cb%3E", "http://localhost/campaigns/rescind"),
    ],
)
def test_its_code_leads_to_the_page(sqlite_world: World, query: str, address: str) -> None:
    sqlite_world.publish()
    drawing = qr(sqlite_world.see(f"{POSTER}{query}").text)
    title = ET.fromstring(drawing).find("./{*}title")
    assert title is not None
    assert title.text == f"QR code: {address}"
    assert codes_drawn(drawing) == [address]


def test_a_campaign_without_a_petition_asks_to_give(sqlite_world: World) -> None:
    sqlite_world.publish(appeal(has_petition=False))
    page = sqlite_world.see(POSTER).text
    assert "Give here" in page
    assert "Sign here" not in page


def test_a_draft_has_no_poster(sqlite_world: World) -> None:
    from campaigns.campaign import operations

    with sqlite_world.work() as session:
        operations.create(session, petition(), actor="test", now=sqlite_world.clock())
    assert sqlite_world.see(POSTER).status_code == 404


def test_the_pages_that_share_lead_to_it(sqlite_world: World) -> None:
    sqlite_world.publish()
    assert f'href="{POSTER}"' in sqlite_world.see("/campaigns/rescind").text
    assert f'href="{POSTER}"' in sqlite_world.desk().get("/desk/campaigns/rescind").text
    sqlite_world.sign()
    assert f'href="{POSTER}"' in sqlite_world.confirm().text
