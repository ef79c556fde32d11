"""The watch over domains and places, and the worker that does what was decided."""

from sqlalchemy import select

from campaigns.outbox.models import OutboxItem
from campaigns.review import operations
from campaigns.review.jobs import Reviewing
from campaigns.review.models import ReviewAlarm
from campaigns.review.rules import DOMAIN_ALARM, PLACE_ALARM, Decision, Phase, Rule, Step
from campaigns.signatures.queries import Count
from campaigns.signatures.rules import Review
from tests.make import World, at_once, petition
from tests.review.make import ask, count, found, signed, step


def watch(world: World) -> None:
    services = world.app.extensions["undersigned"]
    Reviewing(services.work, services.reading, world.clock).watch()


def alarms(world: World) -> list[tuple[str, str, int]]:
    with world.reading() as session:
        rows = session.scalars(select(ReviewAlarm).order_by(ReviewAlarm.id)).all()
    return [(row.kind, row.label, row.number) for row in rows]


def mails(world: World) -> int:
    with world.reading() as session:
        return len(session.scalars(select(OutboxItem).where(OutboxItem.kind == operations.ALARM_MAIL)).all())


def test_a_domain_and_a_place_that_stand_out_are_told_once_a_day(world: World) -> None:
    world.publish()
    signed(world, DOMAIN_ALARM, domain="catch-all.example", town="")
    watch(world)
    assert alarms(world) == [("domain", "catch-all.example", DOMAIN_ALARM)]
    world.clock.move(seconds=1)
    signed(world, PLACE_ALARM, domain="gmail.com", town="Hebron")
    watch(world)
    assert alarms(world)[1:] == [("place", "Hebron", PLACE_ALARM)]
    watch(world)
    assert mails(world) == 2
    world.clock.move(days=1)
    watch(world)
    assert mails(world) == 2
    signed(world, DOMAIN_ALARM, domain="catch-all.example", town="")
    watch(world)
    assert mails(world) == 3


def test_subdomains_without_end_raise_one_alarm_whose_link_finds_them(world: World) -> None:
    world.publish()
    for each in range(DOMAIN_ALARM):
        signed(world, 1, domain=f"s{each}.catch-all.example", town="")
    watch(world)
    ((_, label, number),) = alarms(world)
    assert (label, number) == ("*.catch-all.example", DOMAIN_ALARM)
    action_id = ask(world, Decision.HOLD, Rule(review=Review.CLEAR, domain=label))
    world.run_worker()
    assert found(world, action_id).matched == DOMAIN_ALARM


def test_the_mail_goes_to_the_campaigns_own_address_and_names_no_person(world: World) -> None:
    world.publish()
    signed(world, DOMAIN_ALARM, domain="catch-all.example", name="Maria Ortiz", visibility="counted")
    world.run_worker()
    (mail,) = world.mailer.sent
    assert mail.to == "hub@example.org"
    assert "catch-all.example" in mail.subject
    assert f"{DOMAIN_ALARM} signatures came from addresses at catch-all.example" in mail.text
    assert "http://localhost/desk/campaigns/rescind/review/" in mail.text
    assert "Maria" not in mail.text
    page = world.desk().get("/desk/campaigns/rescind/review/").text
    assert "catch-all.example" in page
    assert "Maria" not in page


def test_what_is_usual_raises_no_alarm_and_each_campaign_is_watched_apart(sqlite_world: World) -> None:
    sqlite_world.publish()
    signed(sqlite_world, DOMAIN_ALARM - 1, domain="catch-all.example", town="")
    signed(sqlite_world, 200, domain="gmail.com", town="")
    sqlite_world.publish(petition(slug="other"))
    watch(sqlite_world)
    assert alarms(sqlite_world) == []


def test_two_watches_at_once_tell_once(world: World) -> None:
    world.publish()
    signed(world, DOMAIN_ALARM, domain="catch-all.example", town="")
    at_once([lambda: watch(world)] * 3)
    assert mails(world) == 1


def test_the_worker_counts_applies_and_undoes(world: World) -> None:
    world.publish()
    signed(world, 1100, domain="catch-all.example")
    action_id = ask(world, Decision.REJECT, Rule(review=Review.CLEAR, domain="catch-all.example"))
    for begin, phase in ((None, Phase.READY), (Step.APPLY, Phase.DONE), (Step.UNDO, Phase.UNDONE)):
        if begin:
            step(world, action_id, begin)
        world.run_worker()
        assert found(world, action_id).phase is phase
    assert count(world) == Count(1100, 1100)
