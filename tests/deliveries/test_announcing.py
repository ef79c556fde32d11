"""Before a list is made: who is told, once each, and what waits for whom."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from campaigns.deliveries import announcing, queries, rules
from campaigns.deliveries.models import Announcement, Delivery, DeliveryRow
from campaigns.deliveries.rules import Announced, Freezing
from campaigns.kernel.ports import MailNotAccepted
from campaigns.outbox.models import FAILED, OutboxItem
from campaigns.review import operations as review
from campaigns.review.rules import Decision
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import Review, Visibility
from campaigns.switches import operations as switches
from campaigns.switches.rules import Switch
from tests.make import World, at_once, csrf_token

LISTS = "/desk/campaigns/rescind/deliveries/"
NOW = datetime(2026, 5, 4, tzinfo=UTC)
IDS = (UUID(int=1),)


@pytest.mark.parametrize(
    ("announced", "verdict"),
    [
        (None, Freezing.NOT_ANNOUNCED),
        (Announced(IDS, NOW, NOW, None, 0), Freezing.STILL_TELLING),
        (Announced(IDS, NOW, NOW, NOW, 3), Freezing.ALLOWED),
        (Announced(IDS, NOW, NOW + timedelta(seconds=1), NOW, 3), Freezing.TOO_EARLY),
        (Announced(IDS, NOW, NOW - rules.ANNOUNCED_FOR, NOW, 3), Freezing.NOT_ANNOUNCED),
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
        kind = OutboxItem.kind == queries.ANNOUNCE_MAIL
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


def test_no_list_is_made_while_a_mail_that_tells_of_it_waits(world: World) -> None:
    signed(world)
    with world.work() as session:
        switches.turn(session, Switch.MAIL, is_on=True, actor="test", now=world.clock())
    desk = world.desk()
    press(desk, f"{LISTS}announce", hours="24")
    world.run_worker()
    world.clock.move(days=2)
    refused = press(desk, LISTS, paper="a4")
    assert refused.status_code == 409
    assert "Some mails to the signatories have not left yet" in refused.text
    assert "not all of them have left" in refused.text
    with world.work() as session:
        switches.turn(session, Switch.MAIL, is_on=False, actor="test", now=world.clock())
    assert len(told(world)) == 2
    assert press(desk, LISTS, paper="a4").status_code == 303


def test_mails_that_were_given_up_hold_no_list_up(sqlite_world: World) -> None:
    signed(sqlite_world)
    _announce(sqlite_world)
    sqlite_world.mailer.refusing = MailNotAccepted("recipient refused", final=True)
    sqlite_world.run_worker()
    assert press(sqlite_world.desk(), LISTS, paper="a4").status_code == 303


# Those whom the mail did not reach before the list


def confirms(world: World) -> None:
    world.sign_and_confirm(name="Lena Late", email="late@example.org")


def is_released(world: World) -> None:
    with world.work() as session:
        held = session.scalars(select(Signature.id).where(Signature.review == Review.HELD.value)).one()
        review.decide_one(session, world.campaign().id, held, Decision.RELEASE, actor="test", now=world.clock())


def asks_to_be_named(world: World) -> None:
    """As on the own page, whose way to it is shown elsewhere."""
    with world.work() as session:
        counted = update(Signature).where(Signature.visibility == Visibility.COUNTED.value)
        session.execute(counted.values(visibility=Visibility.DELIVERED.value))


def loses_the_mail(world: World) -> None:
    """The server refused one of them for good."""
    with world.work() as session:
        delivered = select(Signature.id).where(Signature.visibility == Visibility.DELIVERED.value)
        theirs = OutboxItem.subject.endswith(str(session.scalars(delivered.order_by(Signature.created_at)).first()))
        given_up = {"state": FAILED, "finished_at": None, "problem": "recipient refused"}
        session.execute(update(OutboxItem).where(OutboxItem.kind == queries.ANNOUNCE_MAIL, theirs).values(given_up))


def rows_of_the_list(world: World) -> list[tuple[int | None, str | None]]:
    with world.reading() as session:
        rows = session.execute(select(DeliveryRow.number, DeliveryRow.name).order_by(DeliveryRow.number))
        return sorted((tuple(row) for row in rows), key=lambda row: row[0] or 99)


@pytest.mark.parametrize(
    ("happens", "named", "withheld"),
    [
        (confirms, 2, 2),
        (is_released, 2, 2),
        (asks_to_be_named, 2, 1),
        (loses_the_mail, 1, 2),
    ],
)
def test_a_list_counts_and_does_not_name_whom_no_mail_told(
    world: World, happens: Callable[[World], None], named: int, withheld: int
) -> None:
    signed(world)
    world.sign(name="Hella Held", email="held@mailinator.com")
    world.confirm("held@mailinator.com")
    _announce(world)
    world.run_worker()
    happens(world)
    desk = world.desk()
    assert "1 person was not told by mail" in " ".join(desk.get(LISTS).text.split())
    assert press(desk, LISTS, paper="a4").status_code == 303
    world.run_worker()
    rows = rows_of_the_list(world)
    names = ["Ana Public", "Ana Delivered"][:named]
    assert rows == [*enumerate(names, 1), *[(None, None)] * withheld]
    assert [line.split(", ")[0].split(". ")[1] for line in world.printer.lines] == names


def test_who_confirms_after_a_list_was_asked_for_is_not_named_in_it(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm(visibility="counted")
    sqlite_world.sign(name="Lena Late", email="late@example.org")
    sqlite_world.run_worker()
    press(sqlite_world.desk(), LISTS, paper="a4")
    assert sqlite_world.client.post(sqlite_world.mailer.link("late@example.org", "/confirm/")).status_code == 200
    sqlite_world.run_worker()
    assert rows_of_the_list(sqlite_world) == [(None, None)] * 2


def test_who_was_left_out_is_told_of_the_next_list_and_named_in_it(sqlite_world: World) -> None:
    signed(sqlite_world)
    _announce(sqlite_world)
    sqlite_world.run_worker()
    confirms(sqlite_world)
    sqlite_world.clock.move(days=15)
    _announce(sqlite_world)
    assert told(sqlite_world)[-3:] == ["late@example.org", "public@example.org", "public@example.org"]
    desk = sqlite_world.desk()
    assert "not told by mail" not in desk.get(LISTS).text
    press(desk, LISTS, paper="a4")
    sqlite_world.run_worker()
    assert [name for _, name in rows_of_the_list(sqlite_world)] == ["Ana Public", "Ana Delivered", "Lena Late", None]
