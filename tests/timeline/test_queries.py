"""A timeline that is longer than a page: read on to its first day, each entry once."""

from datetime import date, timedelta

import pytest

from campaigns.timeline import operations, queries
from campaigns.timeline.queries import Stretch
from campaigns.timeline.rules import SHOWN_ON_PAGE, Kind
from tests.make import World

FIRST = date(2025, 1, 1)


def write(world: World, day: date, *said: str, hidden: bool = False) -> None:
    campaign = world.campaign()
    with world.work() as session:
        for words in said:
            operations.note(session, campaign.id, Kind.NOTE, subject=words, words=words, day=day, now=world.clock())
    if hidden:
        with world.work() as session:
            for entry in queries.every(session, campaign.id).entries:
                if entry.words in said:
                    operations.hide(session, campaign.id, entry.id, hidden=True, actor="test", now=world.clock())


def read_on(world: World) -> list[list[str]]:
    """The words of each page, from the newest to the first."""
    pages, before = list[list[str]](), None
    while True:
        stretch = stretch_before(world, before)
        pages.append([entry.words or entry.kind for entry in stretch.entries])
        before = stretch.before
        if before is None:
            return pages


def stretch_before(world: World, before: date | None) -> Stretch:
    with world.reading() as session:
        return queries.shown(session, world.campaign().id, before)


@pytest.fixture
def site(sqlite_world: World) -> World:
    sqlite_world.publish()
    return sqlite_world


@pytest.mark.parametrize("entries", [1, SHOWN_ON_PAGE - 1, SHOWN_ON_PAGE, SHOWN_ON_PAGE + 1, 2 * SHOWN_ON_PAGE + 7])
def test_each_entry_stands_on_one_page_and_the_oldest_can_be_reached(site: World, entries: int) -> None:
    for at in range(entries):
        write(site, FIRST + timedelta(days=at), f"note {at}")
    pages = read_on(site)
    told = [words for page in pages for words in page]
    assert told == ["published", *(f"note {at}" for at in reversed(range(entries)))]
    assert all(len(page) <= SHOWN_ON_PAGE for page in pages)
    assert len(pages) == -(-(entries + 1) // SHOWN_ON_PAGE)


def test_a_day_is_never_torn_apart(site: World) -> None:
    crowded = FIRST + timedelta(days=1)
    write(site, FIRST, "the first")
    write(site, crowded, *(f"crowded {at}" for at in range(SHOWN_ON_PAGE + 5)))
    newest, oldest = read_on(site)
    assert len(newest) == 1 + SHOWN_ON_PAGE + 5
    assert oldest == ["the first"]


def test_hidden_entries_lead_to_no_empty_page(site: World) -> None:
    write(site, FIRST, "hidden", hidden=True)
    for at in range(1, SHOWN_ON_PAGE):
        write(site, FIRST + timedelta(days=at), f"note {at}")
    assert stretch_before(site, None).before is None
    assert stretch_before(site, FIRST + timedelta(days=1)).entries == []


def test_another_campaigns_days_are_none_of_this(site: World) -> None:
    write(site, FIRST, "the first")
    with site.reading() as session:
        assert queries.ends_a_stretch(session, site.campaign().id, FIRST)
        assert not queries.ends_a_stretch(session, site.campaign().id, FIRST + timedelta(days=1))
