"""A stated time after the last list of a closed petition nothing is left of the people, and every count stays."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from campaigns.campaign.questions import Kind, Question, ReadBy
from campaigns.db import Base
from campaigns.db.sealing import open_sealed
from campaigns.deliveries import anonymising, operations, queries, rules
from campaigns.deliveries.models import Delivery, DeliveryRow
from campaigns.deliveries.operations import NamesDeleted
from campaigns.endings import operations as endings
from campaigns.kernel.errors import Refusal
from campaigns.mailboxes.operations import hash_of
from campaigns.review import operations as review
from campaigns.review.rules import Decision, Rule
from campaigns.signatures import jobs
from campaigns.signatures import queries as signatures
from campaigns.signatures.models import Signature
from campaigns.signatures.queries import Count
from tests.make import World, appeal, at_once, petition
from tests.subscriptions.make import ask, stop_link, subscribe

CLOSED = datetime(2026, 5, 4, tzinfo=UTC)
DAYS = 180
QUESTIONS = (Question("", Kind.PHONE), Question("", Kind.WORKPLACE, read_by=ReadBy.DELIVERED))
WILHELMINA = {
    "name": "Wilhelmina Quarrington",
    "email": "w.quarrington@gansbach.example",
    "town": "Zwiefalten",
    "postcode": "ZX88529",
    "comment": "Because of gooseberries",
    "updates": "y",
    "country": "AE",  # where no postcode is known to be wrong
    "answer_q1": "+49 7373 5550142",
    "answer_q2": "Blossbrook yard",
    "visibility": "public",
    "via": "canteen",
}
MARKS = ("quarrington", "wilhelmina", "gansbach", "zwiefalten", "zx88529", "gooseberries", "5550142", "blossbrook")


@pytest.mark.parametrize(
    ("last_list", "due"),
    [
        (None, None),
        (CLOSED - timedelta(days=90), CLOSED + timedelta(days=DAYS + 1)),  # a day for mails under way
        (CLOSED + timedelta(days=3), CLOSED + timedelta(days=DAYS + 3)),
    ],
)
def test_the_days_are_counted_from_the_last_list_and_from_the_closing(
    last_list: datetime | None, due: datetime | None
) -> None:
    assert rules.anonymised_from(CLOSED, last_list, DAYS) == due


def lived_through(world: World) -> None:
    """Four sign, two by name; one waits for a mail, one withdrew, one is rejected; a list is made, then it closes."""
    world.publish(appeal(questions=QUESTIONS))
    world.sign_and_confirm(**WILHELMINA)
    world.sign_and_confirm(name="Ben Delivered", email="ben@example.org")
    world.sign_and_confirm(name="Cleo Counted", email="cleo@example.org", visibility="counted")
    world.sign_and_confirm(name="Wally Wilhelmina", email="wally@example.org")
    with world.work() as session:
        rule = Rule(review=None, name="*Quarrington*", place="Zwiefalten", email_hash=hash_of("x@example.org").hex())
        review.ask(session, world.campaign(), Decision.HOLD, rule, actor="test", now=world.clock())
    make_list(world)
    close(world)
    world.run_worker()


def told_that_all_stands(world: World) -> None:
    """Somebody types Wilhelmina's address once more, and mails tell her that signature and news stand."""
    subscribe(world, WILHELMINA["email"])
    ask(world, WILHELMINA["email"])
    world.client.post("/campaigns/rescind/sign/resend", data={"email": WILHELMINA["email"]})
    world.run_worker()
    told = "\n".join(mail.subject for mail in world.mailer.to(WILHELMINA["email"]))
    assert "already signed" in told
    assert "news already" in told


def make_list(world: World) -> str:
    with world.work() as session:
        public_id = operations.request(
            session, world.campaign(), paper="a4", answer_expected=None, actor="test", now=world.clock()
        )
    world.run_worker()
    return public_id


def close(world: World) -> None:
    with world.work() as session:
        endings.close(session, "rescind", actor="test", now=world.clock())


def six_months_later(world: World) -> None:
    world.clock.move(days=DAYS + 2)
    world.run_worker()
    world.run_worker()  # what the count gains or loses is gathered a second later


def stored(world: World) -> Iterator[tuple[str, str]]:
    """Every column of every table, as it stands and, where it is sealed, opened."""
    with world.engine.connect() as connection:
        for name in Base.metadata.tables:
            for row in connection.execute(text(f'SELECT * FROM "{name}"')).mappings():
                for column, value in row.items():
                    yield f"{name}.{column}", _opened(value)


def _opened(value: Any) -> str:
    if not isinstance(value, bytes | memoryview):
        return str(value)
    try:
        return open_sealed(bytes(value))
    except Exception:
        return bytes(value).hex()


def found(world: World, *marks: str) -> set[str]:
    places = [*stored(world), *((key, data.decode("latin-1")) for key, data in world.files.kept.items())]
    places += [(path, world.see(path).text) for path in ("/", "/campaigns/rescind")]
    desk = world.desk()
    pages = ("", "/signatures/", "/comments?state=waiting", "/deliveries/", "/review/")
    places += [(path, desk.get(f"/desk/campaigns/rescind{path}").text) for path in pages]
    return {where for where, content in places for mark in marks if mark in content.lower()}


def count(world: World) -> Count:
    with world.reading() as session:
        return signatures.count_of(session, world.campaign().id)


def test_of_the_people_nothing_is_left_anywhere(world: World) -> None:
    lived_through(world)
    before = found(world, *MARKS)
    assert {"signature.name", "delivery_row.name", "signature.answers", "review_action.rule"} <= before
    six_months_later(world)
    assert found(world, *MARKS) == set()


def test_nobody_can_be_looked_up_by_an_address_they_might_have_signed_with(world: World) -> None:
    lived_through(world)
    told_that_all_stands(world)
    half = hash_of(WILHELMINA["email"]).hex()[:32]  # as good as the whole
    assert found(world, half) == {"signature.email_hash", "subscription.email_hash", "mailbox_link.email_hash"}
    assert world.client.post(stop_link(world, WILHELMINA["email"])).status_code == 200  # news goes on until then
    six_months_later(world)
    assert found(world, half, hash_of("x@example.org").hex()) == set()
    world.client.post("/my", data={"email": WILHELMINA["email"]})
    world.run_worker()
    assert not [mail for mail in world.mailer.to(WILHELMINA["email"]) if "own page" in mail.subject.lower()]


def test_every_count_stays_and_agrees_with_the_rows(world: World) -> None:
    lived_through(world)
    assert count(world) == Count(4, 1)
    with world.reading() as session:
        sources = signatures.sources(session, world.campaign().id)
    six_months_later(world)
    assert count(world) == Count(4, 0)
    with world.work() as session:
        assert jobs.repair_counts(session, world.clock()) == []
        assert signatures.sources(session, world.campaign().id) == sources
    page = world.see("/campaigns/rescind").text
    assert "4 more people" in page


def test_what_was_handed_over_stays_provable_without_the_names(world: World) -> None:
    lived_through(world)
    six_months_later(world)
    with world.reading() as session:
        delivery = session.scalars(select(Delivery)).one()
        rows = session.scalars(select(DeliveryRow).order_by(DeliveryRow.position)).all()
    assert {(row.signature_id, row.name, row.place, row.details, row.salt) for row in rows} == {(None,) * 5}
    assert [row.number for row in rows] == [1, 2, None, 3]
    told = {"letter": delivery.letter, "rows": [row.withheld_hash or row.named_hash for row in rows]}
    content = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert delivery.digest == hashlib.sha256(content.encode()).hexdigest()
    assert (delivery.named, delivery.withheld, delivery.file_key) == (3, 1, None)
    assert world.files.kept == {}
    assert world.see(f"/verify/{delivery.public_id}").status_code == 200


def test_givers_are_kept_apart_for_the_treasurers(world: World) -> None:
    lived_through(world)
    world.pay(world.give(email="giver@example.org", name="Gerda Giver"))
    six_months_later(world)
    assert "donation.name" in found(world, "gerda")


@pytest.mark.parametrize("still", ["open", "no list", "too early"])
def test_nobody_is_anonymised_before_the_time(world: World, still: str) -> None:
    world.publish()
    world.sign_and_confirm()
    if still != "no list":
        make_list(world)
    if still != "open":
        close(world)
    world.clock.move(days=DAYS - 1 if still == "too early" else 3 * DAYS)
    world.run_worker()
    assert found(world, "maria ortiz") >= {"signature.name"}


def test_a_list_that_is_being_made_holds_it_and_a_later_one_moves_the_day(sqlite_world: World) -> None:
    world = sqlite_world
    lived_through(world)
    first = due(world)
    world.clock.move(days=100)
    make_list(world)
    assert first is not None
    later = due(world)
    assert later is not None
    assert later > first
    with world.work() as session:
        session.execute(update(Delivery).where(Delivery.number == 2).values(state="frozen"))
    assert due(world) is None
    six_months_later(world)
    assert found(world, "ben delivered") >= {"signature.name"}


def due(world: World) -> datetime | None:
    with world.reading() as session:
        return queries.anonymised_on(session, world.campaign())


def test_reopened_in_time_nothing_is_deleted_and_the_day_is_counted_anew(sqlite_world: World) -> None:
    world = sqlite_world
    lived_through(world)
    with world.work() as session:
        endings.reopen(session, "rescind", None, actor="test", now=world.clock())
    assert due(world) is None
    six_months_later(world)
    assert found(world, "ben delivered") >= {"signature.name"}
    close(world)
    assert due(world) == world.clock() + timedelta(days=DAYS + 1)


def test_after_that_it_is_neither_opened_nor_delivered_nor_told_again(world: World) -> None:
    lived_through(world)
    six_months_later(world)
    for act in (
        lambda session: endings.reopen(session, "rescind", None, actor="test", now=world.clock()),
        lambda session: operations.request(
            session, world.campaign(), paper="a4", answer_expected=None, actor="test", now=world.clock()
        ),
    ):
        with world.work() as session, pytest.raises(Refusal, match="names under this petition are deleted"):
            act(session)
    assert world.sign().status_code == 410


def test_asking_for_a_list_and_deleting_at_once_never_make_a_list_of_nobody(world: World) -> None:
    lived_through(world)
    world.clock.move(days=DAYS + 2)
    facts = world.campaign()

    def ask() -> bool:
        with suppress(NamesDeleted), world.work() as session:
            operations.request(session, facts, paper="letter", answer_expected=None, actor="test", now=world.clock())
            return True
        return False

    def delete() -> bool:
        with world.work() as session:
            anonymising.anonymise_some(session, world.clock(), 100)
        return world.campaign().anonymising_since is not None

    asked, deleted = at_once([ask, delete])
    assert asked is not deleted


def test_broken_off_anywhere_it_goes_on_and_does_nothing_twice(world: World) -> None:
    lived_through(world)
    world.clock.move(days=DAYS + 2)
    before = count(world).total
    for _ in range(20):
        with suppress(RuntimeError), world.work() as session:
            anonymising.anonymise_some(session, world.clock(), 1)
            raise RuntimeError("killed before the commit")
        with world.work() as session:
            left = anonymising.anonymise_some(session, world.clock(), 1)
        if not left:
            break
    assert left == 0
    world.run_worker()
    assert count(world) == Count(before, 0)
    assert found(world, "ben delivered", "wally") == set()
    with world.work() as session:
        assert jobs.repair_counts(session, world.clock()) == []


def test_two_workers_at_once_take_no_name_from_the_count_twice(world: World) -> None:
    lived_through(world)
    world.clock.move(days=DAYS + 2)

    def work() -> None:
        for _ in range(12):
            with world.work() as session:
                anonymising.anonymise_some(session, world.clock(), 1)

    at_once([work, work])
    world.run_worker()
    assert count(world) == Count(4, 0)
    assert world.campaign().anonymising_since is not None


def test_who_never_confirmed_and_who_withdrew_leave_nothing_either(world: World) -> None:
    world.publish()
    world.sign_and_confirm(name="Ana First", email="ana@example.org")
    make_list(world)
    world.client.post(world.mailer.link("ana@example.org", "/not-me/"))  # she withdraws
    world.sign(name="Never Confirmed", email="never@example.org")
    close(world)
    with world.work() as session:
        session.execute(update(Signature).values(created_at=world.clock() + timedelta(days=DAYS)))
    six_months_later(world)
    with world.reading() as session:
        rows = session.scalars(select(Signature)).all()
    assert [(row.state, row.name, row.email) for row in rows] == [("withdrawn", "", "")]


def test_each_petition_has_its_own_time(sqlite_world: World) -> None:
    world = sqlite_world
    lived_through(world)
    world.publish(petition(slug="other"))
    world.sign_and_confirm("other", name="Olga Other", email="olga@example.org")
    with world.work() as session:
        endings.keep_for(session, "rescind", 30, actor="test", now=world.clock())
    world.clock.move(days=32)
    world.run_worker()
    assert found(world, *MARKS) == set()
    assert "signature.name" in found(world, "olga other")
    assert world.campaign("other").anonymising_since is None
