"""Telling people of a correction: whom, once each, with both texts."""

from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import func, select, update

from campaigns.campaign import operations as campaigns
from campaigns.campaign.rules import Demand, Text
from campaigns.outbox.models import OutboxItem
from campaigns.signatures.models import Signature
from campaigns.versions import queries, rules, telling
from campaigns.versions.models import CorrectionNotice
from campaigns.versions.rules import Change
from campaigns.versions.telling import NothingToTell, OtherText
from tests.make import World, at_once, csrf_token, petition
from tests.supporters.pages import OwnPage

TEXTS = "/desk/campaigns/rescind/versions"


def correct(world: World, title: str) -> None:
    with world.work() as session:
        fields = petition(demands=(Demand(title, "Talking is no offence."),))
        campaigns.change(session, "rescind", fields, actor="test", now=world.clock())


def tell(world: World, number: int = 2) -> bool:
    with world.work() as session:
        return telling.tell(session, "rescind", number, actor="test", now=world.clock())


def told(world: World) -> list[str]:
    world.run_worker()
    return sorted(message.to for message in world.mailer.sent if "was corrected" in message.subject)


def test_each_confirmed_signatory_of_an_earlier_text_is_told_once_with_both_texts(world: World) -> None:
    world.publish()
    world.sign_and_confirm(email="ana@example.org", visibility="counted")
    world.clock.move(seconds=1)
    world.sign_and_confirm(email="ben@example.org")
    world.sign(email="waiting@example.org")
    correct(world, "Rescind all twelve write-ups")
    world.sign_and_confirm(email="late@example.org")
    assert tell(world) is True
    assert tell(world) is False
    assert told(world) == ["ana@example.org", "ben@example.org"]
    assert told(world) == ["ana@example.org", "ben@example.org"]
    (mail,) = [each for each in world.mailer.to("ana@example.org") if "was corrected" in each.subject]
    before, _, after = mail.text.partition("What people sign now:")
    assert "Rescind all eleven write-ups" in before
    assert "Rescind all twelve write-ups" in after
    assert "http://localhost/campaigns/rescind" in after
    assert world.client.get("/my/" + mail.text.split("/my/")[1].split()[0]).status_code == 200


def test_who_asked_for_no_news_is_told_of_their_own_signature_and_who_withdrew_is_not(world: World) -> None:
    world.publish()
    for who in ("ana", "ben"):
        world.sign_and_confirm(email=f"{who}@example.org", updates="y")
    OwnPage.asked(world, "ana@example.org").post("stop-mails")
    world.client.post(world.mailer.link("ben@example.org", "/not-me/"))
    correct(world, "Rescind all twelve write-ups")
    tell(world)
    assert told(world) == ["ana@example.org"]


@pytest.mark.parametrize(("review", "is_told"), [("clear", True), ("held", True), ("rejected", False)])
def test_who_is_rejected_is_not_told(sqlite_world: World, review: str, is_told: bool) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    with sqlite_world.work() as session:
        session.execute(update(Signature).values(review=review))
    correct(sqlite_world, "Rescind all twelve write-ups")
    tell(sqlite_world)
    assert bool(told(sqlite_world)) is is_told


def test_telling_that_breaks_off_goes_on_and_tells_nobody_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "BATCH", 2)
    world.publish()
    for number in range(5):
        world.sign_and_confirm(email=f"p{number}@example.org")
    correct(world, "Rescind all twelve write-ups")
    tell(world)
    with world.reading() as session:
        notice_id = session.scalars(select(CorrectionNotice.id)).one()
    more = [True]
    with suppress(RuntimeError), world.work() as session:
        telling.tell_some(session, notice_id, world.campaign(), now=world.clock())
        raise RuntimeError("killed before the commit")
    while more[-1]:
        with world.work() as session:
            more.append(telling.tell_some(session, notice_id, world.campaign(), now=world.clock()))
    assert more == [True, True, True, False]
    assert told(world) == [f"p{number}@example.org" for number in range(5)]
    with world.reading() as session:
        assert session.scalars(select(CorrectionNotice.told)).one() == 5
        kind = OutboxItem.kind == telling.CORRECTION_MAIL
        assert session.scalar(select(func.count()).where(kind)) == 5


def test_two_clicks_tell_once(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    correct(world, "Rescind all twelve write-ups")
    assert sorted(at_once([lambda: tell(world)] * 4)) == [False, False, False, True]
    assert len(told(world)) == 1


def test_whoever_confirms_an_earlier_text_after_the_telling_is_told_at_the_next_press_and_alone(world: World) -> None:
    world.publish()
    for who in ("late", "later"):  # their rows are older than that of who is told first
        world.sign(email=f"{who}@example.org")
    world.clock.move(seconds=1)
    world.sign_and_confirm(email="ana@example.org")
    correct(world, "Rescind all twelve write-ups")
    assert tell(world) is True
    assert told(world) == ["ana@example.org"]
    everybody = ["ana@example.org"]
    for who in ("late", "later"):
        world.clock.move(minutes=1)
        world.confirm(f"{who}@example.org")
        assert tell(world) is True
        assert tell(world) is False
        everybody.append(f"{who}@example.org")
        assert told(world) == everybody
    with world.reading() as session:
        assert session.execute(select(CorrectionNotice.told, CorrectionNotice.done_at.is_not(None))).one() == (3, True)


def test_whoever_confirms_an_earlier_text_reads_that_it_was_corrected(sqlite_world: World) -> None:
    world = sqlite_world
    world.publish()
    world.sign()
    world.run_worker()
    link = world.mailer.link("maria@example.org", "/confirm/")
    assert "was corrected since" not in world.see(link).text
    correct(world, "Rescind all twelve write-ups")
    page = world.see(link).text
    assert "It was corrected since you filled in the form." in page
    assert "/campaigns/rescind/versions" in page
    world.sign(email="new@example.org")
    world.run_worker()
    assert "was corrected since" not in world.see(world.mailer.link("new@example.org", "/confirm/")).text


def test_the_desk_offers_to_tell_again_once_all_are_told(sqlite_world: World) -> None:
    world = sqlite_world
    world.publish()
    world.sign_and_confirm()
    correct(world, "Rescind all twelve write-ups")
    tell(world)
    desk = world.desk()
    assert f"{TEXTS}/tell" not in desk.get(TEXTS).text
    told(world)
    assert f"{TEXTS}/tell" in desk.get(TEXTS).text


def test_a_text_that_is_as_it_was_signed_or_was_changed_again_is_not_told(sqlite_world: World) -> None:
    world = sqlite_world
    world.publish()
    world.sign_and_confirm()
    with pytest.raises(NothingToTell):
        tell(world, 1)
    correct(world, "Second")
    world.sign_and_confirm(email="second@example.org")
    correct(world, "Third")
    with pytest.raises(OtherText):
        tell(world, 2)
    assert tell(world, 3) is True
    assert told(world) == ["maria@example.org", "second@example.org"]
    mails = {to: world.mailer.to(to)[-1].text.partition("What people sign now:")[0] for to in told(world)}
    assert "Rescind all eleven write-ups" in mails["maria@example.org"]
    assert "Second" in mails["second@example.org"]


def test_the_desk_shows_how_many_signed_each_text_and_what_changed(sqlite_world: World) -> None:
    world = sqlite_world
    world.publish()
    world.sign_and_confirm()
    world.sign_and_confirm(email="two@example.org")
    correct(world, "Rescind all twelve write-ups")
    world.sign_and_confirm(email="late@example.org")
    desk = world.desk()
    page = desk.get(TEXTS).text
    assert "2 signatures that count stand under an earlier text." in page
    assert "<del>" in page
    with world.reading() as session:
        found = queries.corrections(session, world.campaign().id)
        by_number = {
            each.version.number: queries.signed(session, world.campaign().id)[each.version.id] for each in found
        }
    assert by_number == {2: 1, 1: 2}
    post: Any = {"version": "1", "csrf_token": csrf_token(desk, "/desk/campaigns/new")}
    refused = desk.post(f"{TEXTS}/tell", data=post)
    assert refused.status_code == 409
    assert "changed once more" in refused.text
    for odd in ("", "x", "-3", "9" * 40):
        assert desk.post(f"{TEXTS}/tell", data=post | {"version": odd}).status_code == 409
    assert desk.post(f"{TEXTS}/tell", data=post | {"version": "2"}).status_code == 303
    assert len(told(world)) == 2


def test_everybody_can_read_the_earlier_texts_and_nobody_counts_who_signed_them(sqlite_world: World) -> None:
    world = sqlite_world
    assert world.see("/campaigns/rescind/versions").status_code == 404
    world.publish()
    assert "never changed after somebody had signed it" in world.see("/campaigns/rescind/versions").text
    assert "Corrected on" not in world.see("/campaigns/rescind").text
    world.sign_and_confirm()
    correct(world, "Rescind all twelve write-ups")
    page = world.see("/campaigns/rescind/versions")
    assert "Rescind all eleven write-ups" in page.text
    assert page.headers["Cache-Control"].startswith("public")
    for path in ("/campaigns/rescind", "/campaigns/rescind/sign"):
        assert "Corrected on" in world.see(path).text


def test_a_signature_shows_its_own_text_wherever_it_is_shown(sqlite_world: World) -> None:
    """The confirmation page, the reminder, the mail that is sent again, /my and its export."""
    world = sqlite_world
    world.publish()
    world.sign(email="waiting@example.org")
    world.sign_and_confirm()
    with world.work() as session:
        fields = petition(headline="Rescind everything", demands=(Demand("Rescind all twelve", ""),))
        campaigns.change(session, "rescind", fields, actor="test", now=world.clock())
    link = world.mailer.link("waiting@example.org", "/confirm/")
    for path in (link, link.replace("/confirm/", "/not-me/")):
        assert "Rescind the write-ups" in world.see(path).text
        assert "Rescind everything" not in world.see(path).text
    world.client.post("/campaigns/rescind/sign/resend", data={"email": "waiting@example.org"})
    world.clock.move(days=3)
    world.run_worker()
    for mail in world.mailer.to("waiting@example.org"):
        assert "Rescind the write-ups" in mail.subject + mail.text
        assert "Rescind everything" not in mail.subject + mail.text
    page = OwnPage.asked(world)
    own = page.see().text
    assert "Rescind all eleven write-ups" in own
    assert "It was corrected since." in own
    assert "Rescind all eleven write-ups" in world.client.get(f"{page.path}/data.json").text


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (("H", "a", "b"), ("H", "a", "b"), "kept kept kept"),
        (("H", "a"), ("J", "a"), "removed added kept"),
        (("H", "a", "b"), ("H", "b"), "kept removed kept"),
        (("H", "a"), ("H", "a", "b"), "kept kept added"),
        (("H",), ("H",), "kept"),
    ],
)
def test_what_was_changed_is_told_in_whole_lines(before: tuple[str, ...], after: tuple[str, ...], told: str) -> None:
    old, new = (Text(title, tuple(Demand(each, "") for each in rest)) for title, *rest in (before, after))
    lines = rules.changes(old, new)
    assert [line.change for line in lines] == [Change(word) for word in told.split()]
    assert [line.title for line in lines if line.change is not Change.REMOVED] == list(after)
    assert [line.title for line in lines if line.change is not Change.ADDED] == list(before)
