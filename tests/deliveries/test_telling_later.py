"""While an announcement stands: telling those who came since, so that the list can name them too."""

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from campaigns.deliveries import announcing, queries, rules
from campaigns.deliveries.models import Announcement
from campaigns.deliveries.rules import Announced
from tests.deliveries.test_announcing import LISTS, confirms, loses_the_mail, press, rows_of_the_list, signed, told
from tests.make import World, at_once

NOW = datetime(2026, 5, 4, tzinfo=UTC)
FIRST, SECOND = UUID(int=1), UUID(int=2)
HOUR = timedelta(hours=1)


def announcement(of: UUID, at: datetime, hours: int, told: int, done_at: datetime | None = NOW) -> Announced:
    return Announced((of,), at, at + hours * HOUR, done_at, told)


@pytest.mark.parametrize(
    ("standing", "together"),
    [
        ([], None),
        ([announcement(FIRST, NOW, 24, 3)], announcement(FIRST, NOW, 24, 3)),
        (
            [announcement(FIRST, NOW, 48, 3), announcement(SECOND, NOW + HOUR, 24, 1)],
            Announced((FIRST, SECOND), NOW, NOW + 48 * HOUR, NOW, 4),
        ),
        (
            [announcement(FIRST, NOW, 0, 3), announcement(SECOND, NOW + HOUR, 24, 1, done_at=NOW + 2 * HOUR)],
            Announced((FIRST, SECOND), NOW, NOW + 25 * HOUR, NOW + 2 * HOUR, 4),
        ),
        (
            [announcement(FIRST, NOW, 0, 3), announcement(SECOND, NOW + HOUR, 0, 1, done_at=None)],
            Announced((FIRST, SECOND), NOW, NOW + HOUR, None, 4),
        ),
    ],
)
def test_several_announcements_hold_as_one_until_the_last_notice_has_passed(
    standing: list[Announced], together: Announced | None
) -> None:
    assert rules.together(standing) == together


def announce(world: World, hours: int = 0) -> None:
    with world.work() as session:
        announcing.announce(session, world.campaign(), hours=hours, actor="test", now=world.clock())


def announcements(world: World) -> int:
    with world.reading() as session:
        return session.scalar(select(func.count()).select_from(Announcement)) or 0


def named(world: World) -> list[str]:
    return [name for _, name in rows_of_the_list(world) if name]


@pytest.fixture
def late(world: World) -> World:
    """Two were told, and one has confirmed after that."""
    signed(world)
    announce(world, 24)
    world.run_worker()
    confirms(world)
    return world


def test_those_who_came_since_are_told_alone_and_named_after_the_same_notice(late: World) -> None:
    desk = late.desk()
    page = " ".join(desk.get(LISTS).text.split())
    assert "1 person was not told by mail" in page
    assert "Tell those who came since" in page
    late.clock.move(days=1)
    assert press(desk, f"{LISTS}announce", hours="24").status_code == 303
    assert "not all of them have left" in desk.get(LISTS).text
    assert Counter(told(late)) == Counter(["delivered@example.org", "late@example.org", "public@example.org"])
    page = " ".join(desk.get(LISTS).text.split())
    assert "3 signatories are told by mail" in page
    assert "their name. A list can be made from" in page
    assert "not told by mail" not in page
    early = press(desk, LISTS, paper="a4")
    assert (early.status_code, "promised more time" in early.text) == (409, True)
    late.clock.move(days=1)
    assert press(desk, LISTS, paper="a4").status_code == 303
    late.run_worker()
    assert named(late) == ["Ana Public", "Ana Delivered", "Lena Late"]


def test_the_first_notice_is_not_shortened_by_a_second(late: World) -> None:
    desk = late.desk()
    press(desk, f"{LISTS}announce", hours="0")
    late.run_worker()
    assert "promised more time" in press(desk, LISTS, paper="a4").text
    late.clock.move(days=1)
    assert press(desk, LISTS, paper="a4").status_code == 303


def test_whose_mail_was_given_up_is_told_again(sqlite_world: World) -> None:
    signed(sqlite_world)
    announce(sqlite_world)
    sqlite_world.run_worker()
    loses_the_mail(sqlite_world)
    announce(sqlite_world)
    assert Counter(told(sqlite_world)) == Counter({"public@example.org": 1, "delivered@example.org": 2})
    press(sqlite_world.desk(), LISTS, paper="a4")
    sqlite_world.run_worker()
    assert named(sqlite_world) == ["Ana Public", "Ana Delivered"]


def test_without_anybody_new_nobody_is_told_and_nothing_is_put_off(world: World) -> None:
    signed(world)
    announce(world)
    world.run_worker()
    announce(world, 72)
    assert announcements(world) == 1
    assert len(told(world)) == 2
    assert "Tell those who came since" not in world.desk().get(LISTS).text
    assert press(world.desk(), LISTS, paper="a4").status_code == 303


def test_while_mails_wait_nobody_is_told_a_second_time(world: World) -> None:
    signed(world)
    announce(world)
    announce(world)
    assert announcements(world) == 1
    assert len(told(world)) == 2


def test_two_clicks_tell_those_who_came_since_once(late: World) -> None:
    at_once([lambda: announce(late)] * 4)
    assert Counter(told(late))["late@example.org"] == 1
    assert announcements(late) == 2


def test_telling_that_breaks_off_goes_on_and_tells_nobody_twice(late: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "BATCH", 2)
    announce(late)
    with late.reading() as session:
        newest = session.scalars(select(Announcement.id).order_by(Announcement.announced_at.desc())).first()
    assert newest is not None
    with suppress(RuntimeError), late.work() as session:
        announcing.tell_some(session, newest, late.campaign(), now=late.clock())
        raise RuntimeError("killed before the commit")
    assert Counter(told(late)) == Counter(["delivered@example.org", "late@example.org", "public@example.org"])
    with late.reading() as session:
        found = queries.announced(session, late.campaign().id, late.clock())
    assert found is not None
    assert found.told == 3


def test_whoever_was_told_by_what_no_longer_holds_is_told_again(sqlite_world: World) -> None:
    """The first announcement's two weeks end while the second's go on: its people would be counted alone."""
    signed(sqlite_world)
    announce(sqlite_world)
    sqlite_world.run_worker()
    confirms(sqlite_world)
    sqlite_world.clock.move(days=13)
    announce(sqlite_world)
    sqlite_world.run_worker()
    sqlite_world.clock.move(days=2)
    assert "2 people were not told by mail" in " ".join(sqlite_world.desk().get(LISTS).text.split())
    announce(sqlite_world)
    assert Counter(told(sqlite_world)) == Counter(
        {"public@example.org": 2, "delivered@example.org": 2, "late@example.org": 1}
    )
    press(sqlite_world.desk(), LISTS, paper="a4")
    sqlite_world.run_worker()
    assert named(sqlite_world) == ["Ana Public", "Ana Delivered", "Lena Late"]


def test_a_list_that_was_asked_for_before_names_none_of_those_told_after(late: World) -> None:
    desk = late.desk()
    late.clock.move(days=1)
    assert press(desk, LISTS, paper="a4").status_code == 303
    announce(late)
    late.run_worker()
    assert named(late) == ["Ana Public", "Ana Delivered"]
