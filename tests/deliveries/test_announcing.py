"""Before a list is made: who is told, once each, and what waits for whom."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from campaigns.deliveries import announcing, rules
from campaigns.deliveries.models import Announcement, Delivery
from campaigns.deliveries.rules import Announced, Freezing
from campaigns.outbox.models import OutboxItem
from tests.make import World, at_once, csrf_token

LISTS = "/desk/campaigns/rescind/deliveries/"
NOW = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("announced", "verdict"),
    [
        (None, Freezing.NOT_ANNOUNCED),
        (Announced(NOW, NOW, None, 0), Freezing.STILL_TELLING),
        (Announced(NOW, NOW, NOW, 3), Freezing.ALLOWED),
        (Announced(NOW, NOW + timedelta(seconds=1), NOW, 3), Freezing.TOO_EARLY),
        (Announced(NOW, NOW - rules.ANNOUNCED_FOR, NOW, 3), Freezing.NOT_ANNOUNCED),
    ],
)
def test_when_a_list_may_be_made(announced: Announced | None, verdict: Freezing) -> None:
    assert rules.freezing(announced, NOW) is verdict


def signed(world: World) -> None:
    world.publish()
    for visibility in ("public", "delivered", "counted"):
        world.sign_and_confirm(
            name=f"Ana {visibility.title()}", visibility=visibility, email=f"{visibility}@example.org"
        )
    world.sign(email="waiting@example.org")
    world.run_worker()


def press(desk: Any, path: str, **data: str) -> Any:
    return desk.post(path, data=data | {"csrf_token": csrf_token(desk, LISTS)})


def told(world: World) -> list[str]:
    world.run_worker()
    return sorted(message.to for message in world.mailer.sent if "keep it or hide it" in message.subject)


def lists(world: World) -> int:
    with world.reading() as session:
        return session.scalar(select(func.count()).select_from(Delivery)) or 0


def test_no_list_is_made_before_those_it_names_were_told(world: World) -> None:
    signed(world)
    desk = world.desk()
    refused = press(desk, LISTS, paper="a4")
    assert refused.status_code == 409
    assert "Tell the signatories first" in refused.text
    assert press(desk, f"{LISTS}announce", hours="24").status_code == 303
    assert press(desk, LISTS, paper="a4").status_code == 409
    assert told(world) == ["delivered@example.org", "public@example.org"]
    early = press(desk, LISTS, paper="a4")
    assert "promised more time" in early.text
    assert lists(world) == 0
    world.clock.move(days=1)
    assert press(desk, LISTS, paper="a4").status_code == 303
    assert lists(world) == 1


def test_who_hides_the_name_through_the_mail_is_not_on_the_list(world: World) -> None:
    signed(world)
    desk = world.desk()
    press(desk, f"{LISTS}announce", hours="0")
    assert len(told(world)) == 2
    mail = world.mailer.to("delivered@example.org")[-1]
    assert "Hub Management" in mail.subject
    assert "180 days after the petition has closed and its last list is made" in mail.text
    own_page = "/my/" + mail.text.split("/my/")[1].split()[0]
    page = world.client.get(own_page).text
    door = page.split(f'action="{own_page}/signatures/')[1].split("#")[0]
    fields = {"name": "Ana Delivered", "visibility": "counted", "comment": ""}
    assert world.client.post(f"{own_page}/signatures/{door}", data=fields).status_code == 303
    press(desk, LISTS, paper="a4")
    world.run_worker()
    (data,) = world.files.kept.values()
    assert b"Ana Public" in data
    assert b"Ana Delivered" not in data


def test_telling_that_breaks_off_goes_on_and_tells_nobody_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "BATCH", 2)
    world.publish()
    for number in range(5):
        world.sign_and_confirm(email=f"p{number}@example.org")
    _announce(world)
    with world.reading() as session:
        announcement_id = session.scalars(select(Announcement.id)).one()
    more = [True]
    with suppress(RuntimeError), world.work() as session:
        announcing.tell_some(session, announcement_id, world.campaign(), now=world.clock())
        raise RuntimeError("killed before the commit")
    while more[-1]:
        with world.work() as session:
            more.append(announcing.tell_some(session, announcement_id, world.campaign(), now=world.clock()))
    assert more == [True, True, True, False]
    assert told(world) == [f"p{number}@example.org" for number in range(5)]
    with world.reading() as session:
        assert session.scalars(select(Announcement.told)).one() == 5
        kind = OutboxItem.kind == announcing.ANNOUNCE_MAIL
        assert session.scalar(select(func.count()).where(kind)) == 5


def _announce(world: World) -> None:
    with world.work() as session:
        announcing.announce(session, world.campaign(), hours=0, actor="test", now=world.clock())


def test_two_clicks_announce_once(world: World) -> None:
    signed(world)
    at_once([lambda: _announce(world)] * 4)
    assert len(told(world)) == 2
    with world.reading() as session:
        assert len(session.scalars(select(Announcement)).all()) == 1


def test_an_announcement_holds_for_two_weeks(sqlite_world: World) -> None:
    signed(sqlite_world)
    _announce(sqlite_world)
    sqlite_world.run_worker()
    sqlite_world.clock.move(days=15)
    desk = sqlite_world.desk()
    assert press(desk, LISTS, paper="a4").status_code == 409
    assert "Tell them" in desk.get(LISTS).text


def test_a_list_that_names_nobody_needs_no_telling(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm(visibility="counted")
    assert press(sqlite_world.desk(), LISTS, paper="a4").status_code == 303


@pytest.mark.parametrize("hours", ["", "1", "-1", "x"])
def test_only_the_offered_times_are_taken(sqlite_world: World, hours: str) -> None:
    signed(sqlite_world)
    desk = sqlite_world.desk()
    answer = press(desk, f"{LISTS}announce", hours=hours)
    assert answer.status_code == 422
    assert told(sqlite_world) == []


def test_only_organizers_announce(sqlite_world: World) -> None:
    sqlite_world.publish()
    assert sqlite_world.client.post(f"{LISTS}announce", data={"hours": "0"}).status_code in (302, 303, 400, 403)
    desk = sqlite_world.desk("treasurer")
    token = csrf_token(desk, "/desk/account/change")
    assert desk.post(f"{LISTS}announce", data={"hours": "0", "csrf_token": token}).status_code in (400, 403)
