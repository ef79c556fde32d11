"""The timeline's own page: all that happened, down to the first day, kept like every public page."""

import re
from datetime import date, timedelta

import pytest

from campaigns.timeline import operations
from campaigns.timeline.models import TimelineEntry
from campaigns.timeline.rules import DESK_SHOWN, SHOWN_ON_PAGE, Kind
from tests.make import World, csrf_token

CAMPAIGN = "/campaigns/rescind"
TIMELINE = f"{CAMPAIGN}/timeline"
ENDING = f"/desk{CAMPAIGN}/ending"
FIRST = date(2024, 1, 1)


def lengthen(world: World, entries: int) -> None:
    """Let something happen on each of the last days of another year."""
    campaign = world.campaign()
    with world.work() as session:
        for at in range(entries):
            day, words = FIRST + timedelta(days=at), f"note no. {at}."
            operations.note(session, campaign.id, Kind.NOTE, subject=words, words=words, day=day, now=world.clock())


def told(page: str) -> list[int]:
    return [int(number) for number in re.findall(r"note no\. (\d+)\.", page)]


def older(page: str) -> str:
    """Where the link to what is older leads; nowhere without one."""
    found = re.search(r'<a rel="next" href="([^"]+)"', page)
    return found[1].partition("#")[0] if found else ""


@pytest.fixture
def long(sqlite_world: World) -> World:
    sqlite_world.publish()
    lengthen(sqlite_world, 2 * SHOWN_ON_PAGE)
    return sqlite_world


def test_from_the_campaigns_page_links_lead_to_the_first_day(long: World) -> None:
    found, path = list[int](), CAMPAIGN
    while path:
        page = long.see(path).text
        found += told(page)
        path = older(page)
    assert found == list(reversed(range(2 * SHOWN_ON_PAGE)))
    assert "The campaign began." in long.see(CAMPAIGN).text


def test_a_short_timeline_leads_nowhere(sqlite_world: World) -> None:
    sqlite_world.publish()
    lengthen(sqlite_world, 3)
    assert older(sqlite_world.see(CAMPAIGN).text) == ""
    page = sqlite_world.see(TIMELINE)
    assert (page.status_code, told(page.text), older(page.text)) == (200, [2, 1, 0], "")


def test_each_stretch_is_kept_under_its_own_address(long: World) -> None:
    path = older(long.see(CAMPAIGN).text)
    answer = long.client.get(path)
    assert "public" in answer.headers["Cache-Control"]
    assert not answer.headers.getlist("Set-Cookie")
    kept = long.app.extensions["undersigned.kept_pages"].pages
    assert [address for address, _language in kept] == [CAMPAIGN, path]


@pytest.mark.parametrize(
    "query", ["before=2024-13-01", "before=yesterday", "before=", "before=2024-01-01%00", "before=9999-12-31", "x=1"]
)
def test_what_is_no_day_of_it_begins_at_the_newest_and_is_not_kept(long: World, query: str) -> None:
    answer = long.client.get(f"{TIMELINE}?{query}")
    assert answer.status_code == 200
    assert told(answer.text)[0] == 2 * SHOWN_ON_PAGE - 1
    assert answer.headers["Cache-Control"] == "no-cache"


def test_hidden_entries_stand_on_no_page(long: World) -> None:
    with long.work() as session:
        session.execute(TimelineEntry.__table__.update().values(hidden_at=long.clock()))  # type: ignore[attr-defined]
    assert told(long.see(TIMELINE).text) == []
    assert "The campaign began." not in long.see(TIMELINE).text


@pytest.mark.parametrize("slug", ["draft", "unknown"])
def test_only_what_is_published_has_one(sqlite_world: World, slug: str) -> None:
    assert sqlite_world.client.get(f"/campaigns/{slug}/timeline").status_code == 404


def test_the_desk_reaches_and_hides_the_oldest(sqlite_world: World) -> None:
    sqlite_world.publish()
    lengthen(sqlite_world, DESK_SHOWN + 5)
    desk = sqlite_world.desk()
    newest = desk.get(ENDING).text
    assert told(newest)[-1] == 6
    oldest = desk.get(older(newest)).text
    assert told(oldest) == [5, 4, 3, 2, 1, 0]
    action = re.findall(r'action="([^"]+/entries/[^"]+)"', oldest)[-1]
    answer = desk.post(action, data={"act": "hide", "csrf_token": csrf_token(desk, ENDING)}, follow_redirects=True)
    assert "It is hidden." in answer.text
    assert told(answer.text) == [5, 4, 3, 2, 1, 0]
    assert "note no. 0." not in sqlite_world.see(f"{TIMELINE}?before={FIRST + timedelta(days=6)}").text
