"""Home and the campaign page."""

import re
from datetime import timedelta

import pytest

from campaigns.campaign.rules import Demand
from campaigns.signatures import queries as signatures
from campaigns.signatures.rules import Audience
from tests.make import World, appeal, days, fund, petition

CAMPAIGN = "/campaigns/rescind"


def plain(page: str) -> str:
    """The words of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


# Home


def test_an_empty_site_says_whom_to_write_to(sqlite_world: World) -> None:
    page = sqlite_world.client.get("/")
    assert page.status_code == 200
    assert "No campaign is open at the moment" in page.text
    assert "mailto:hub@example.org" in page.text


def test_home_shows_what_is_published_with_its_count_the_newest_first(sqlite_world: World) -> None:
    sqlite_world.publish(petition(slug="older", headline="The older one"))
    sqlite_world.clock.move(days=1)
    sqlite_world.publish(petition(slug="newer", headline="The newer one"))
    sqlite_world.sign_and_confirm("older")
    page = sqlite_world.see("/").text
    assert page.index("The newer one") < page.index("The older one")
    assert "1 has signed" in plain(page)
    assert "Be the first to sign" in page


def test_a_closed_campaign_stays_on_home(sqlite_world: World) -> None:
    sqlite_world.publish(petition(deadline=sqlite_world.clock() + days(1)))
    sqlite_world.clock.move(days=2)
    page = sqlite_world.see("/").text
    assert "Rescind the write-ups" in page
    assert "Closed" in plain(page)


# The campaign


def test_the_page_shows_demands_story_and_who_stands_behind_it(sqlite_world: World) -> None:
    sqlite_world.publish()
    words = plain(sqlite_world.see(CAMPAIGN).text)
    for told in ("Rescind all eleven write-ups", "Talking is no offence.", "It happened last week .", "Hub Workers"):
        assert told in words
    assert "Be the first to sign" in words


def test_what_organizers_write_runs_nowhere(sqlite_world: World) -> None:
    evil = "<script>alert(1)</script>"
    sqlite_world.publish(
        appeal(
            headline=evil,
            summary=f'"{evil}',
            organisation=evil,
            target_name=evil,
            story=f"{evil} [x](javascript:alert(1)) ![y](https://elsewhere.example/y.png)",
            demands=(Demand(evil, evil),),
            fund=fund(name=evil, purpose=evil, beyond=evil, recipient=evil),
        )
    )
    for path in ("/", CAMPAIGN, f"{CAMPAIGN}/sign", f"{CAMPAIGN}/donate"):
        page = sqlite_world.see(path).text
        assert "<script>alert" not in page
        assert '="javascript:' not in page
        assert "elsewhere.example" not in page


def test_the_public_stand_by_name_and_the_others_as_a_number(sqlite_world: World) -> None:
    sqlite_world.publish()
    for number, visibility in enumerate(["public", "delivered", "counted", "counted"]):
        sqlite_world.sign_and_confirm(
            name=f"{visibility.title()} Person", visibility=visibility, email=f"p{number}@example.org", town=""
        )
    words = plain(sqlite_world.see(CAMPAIGN).text)
    assert "4 have signed" in words
    assert "Public Person US" in words
    assert "3 more people have signed and are counted" in words
    assert "Delivered Person" not in words


def test_the_newest_names_come_first_and_no_more_than_asked_for(sqlite_world: World) -> None:
    campaign = sqlite_world.publish()
    for name in ("Ana", "Ben", "Cleo"):
        sqlite_world.sign_and_confirm(name=f"{name} Ortiz", visibility="public", email=f"{name}@example.org")
    with sqlite_world.reading() as session:
        newest = signatures.latest_names(session, campaign.id, Audience.EVERYONE, 2)
    assert [shown.name for shown in newest] == ["Cleo Ortiz", "Ben Ortiz"]
    assert re.findall(r"(\w+) Ortiz", sqlite_world.see(CAMPAIGN).text) == ["Cleo", "Ben", "Ana"]


@pytest.mark.parametrize(
    ("until", "stamp"),
    [(days(10), "10 days left"), (days(2), "2 days left"), (days(0.9), "Last day"), (days(0), "Closed")],
)
def test_the_page_says_how_long_there_is(sqlite_world: World, until: object, stamp: str) -> None:
    in_a_second = sqlite_world.clock() + timedelta(seconds=1)
    sqlite_world.publish(petition(deadline=in_a_second + until, zone="America/New_York"))  # type: ignore[operator]
    sqlite_world.clock.move(seconds=1)
    assert stamp in plain(sqlite_world.see(CAMPAIGN).text)


def test_the_fund_shows_what_was_given_and_what_is_left(world: World) -> None:
    world.publish(appeal())
    world.pay(world.give())
    words = plain(world.see(CAMPAIGN).text)
    assert "given by 1 person $30" in words
    assert "left in the fund $30" in words
    assert "Jo Hill's costs while the firing is fought." in words.replace("&#39;", "'")


def test_an_appeal_without_a_petition_has_no_form_and_no_count(sqlite_world: World) -> None:
    sqlite_world.publish(appeal(has_petition=False))
    page = sqlite_world.see(CAMPAIGN).text
    assert 'action="/campaigns/rescind/sign"' not in page
    assert "Give $30" in plain(page)


def test_a_closed_petition_still_takes_gifts(sqlite_world: World) -> None:
    sqlite_world.publish(appeal(deadline=sqlite_world.clock() + days(1)))
    sqlite_world.clock.move(days=2)
    page = sqlite_world.see(CAMPAIGN).text
    assert "The fund is still open." in page
    assert "/campaigns/rescind/donate?amount=30" in page


def test_the_page_may_be_kept_by_any_cache(sqlite_world: World) -> None:
    sqlite_world.publish()
    answer = sqlite_world.see(CAMPAIGN)
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    assert "Set-Cookie" not in answer.headers
    again = sqlite_world.client.get(CAMPAIGN, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    packed = sqlite_world.client.get(CAMPAIGN, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(answer.data) / 2


def test_who_stands_behind_the_site_is_on_every_page(sqlite_world: World) -> None:
    sqlite_world.publish(appeal())
    for path in ("/", CAMPAIGN, f"{CAMPAIGN}/sign", f"{CAMPAIGN}/donate", "/verify", "/nothing-here"):
        page = sqlite_world.see(path).text
        assert "Hub Workers e. V." in page, path
        assert "mailto:hub@example.org" in page, path
