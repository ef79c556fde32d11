"""Erasing a person: what is left of them is looked for everywhere."""

import hashlib
import json
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from campaigns.deliveries import erasing as delivery_erasing
from campaigns.deliveries import operations as deliveries
from campaigns.deliveries.models import Delivery, DeliveryRow
from campaigns.donations.models import Donation
from campaigns.outbox.models import OutboxItem
from campaigns.paper.models import PaperPhoto
from campaigns.payments.models import PaymentEvent
from tests.make import SIGN, World, appeal, at_once
from tests.signatures.test_races import on_postgresql, until_somebody_waits
from tests.supporters.left import (
    WILHELMINA,
    Printed,
    everything_stored,
    found_in,
    listening,
    lives_here,
    make_list,
    marks_in,
)
from tests.supporters.pages import OwnPage, counted, signatures

# Where the person is found before: a search that does not look there would find nothing either.
EVERYWHERE = {
    "signature.name", "signature.email", "signature.town", "signature.postcode", "signature.comment",
    "signature.answers", "delivery_row.name", "delivery_row.details", "subscription.email", "donation.name",
    "outbox_item.payload", "payment_event.body", "review_action.rule", "paper_import.content",
    "/campaigns/rescind", "/desk/campaigns/rescind/signatures/", "/desk/campaigns/rescind/comments?state=waiting",
    "/desk/campaigns/third/paper/sheets/1", "the partner's file",
}  # fmt: skip
IN_MANY = ("file ", "/desk/deliveries/", "/desk/campaigns/rescind/review/", "/desk/campaigns/third/paper/imports/")


@pytest.fixture
def log() -> Iterator[Printed]:
    with listening() as listener:
        yield listener


def test_of_a_person_who_never_gave_nothing_is_found_anywhere(world: World, log: Printed) -> None:
    lives_here(world)
    page = OwnPage.asked(world, WILHELMINA["email"])
    world.client.post("/my", data={"email": WILHELMINA["email"]})  # a mail that still waits
    before = {where for where, _mark in found_in(world)}
    assert not EVERYWHERE - before
    assert not [many for many in IN_MANY if not any(where.startswith(many) for where in before)]
    with world.reading() as session:
        assert session.scalars(select(PaperPhoto.sheet_id)).all()
    answer = page.post("erase")
    assert answer.status_code == 200
    assert marks_in(answer.text) == set()
    world.run_worker()
    assert found_in(world) == set()
    assert page.see().status_code == page.post("erase").status_code == 404
    with world.reading() as session:
        assert session.scalars(select(PaperPhoto.sheet_id)).all() == []
    assert [line for line in log.heard if "mail not accepted" in line]
    assert [line for line in log.heard if "outbox item failed" in line]
    assert [line for line in log.heard if marks_in(line)] == []  # from the first request on


def test_the_others_stay_and_the_count_follows(world: World) -> None:
    lives_here(world)
    assert (counted(world).total, counted(world).public) == (2, 2)
    OwnPage.asked(world, WILHELMINA["email"]).post("erase")
    assert (counted(world).total, counted(world).public) == (1, 1)
    assert counted(world, "other").total == 0
    assert [row.name for row in signatures(world)] == ["Ana First"]
    assert "Ana First" in world.see("/campaigns/rescind").text


def test_who_was_erased_can_sign_anew(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    OwnPage.asked(world).post("erase")
    world.clock.move(minutes=1)
    world.sign_and_confirm()
    assert counted(world).total == 1


# Lists


def test_a_list_that_was_handed_over_stays_provable_without_the_name(world: World) -> None:
    world.publish()
    for name in ("Ana First", "Maria Ortiz", "Zoe Last"):
        world.clock.move(seconds=1)
        world.sign_and_confirm(name=name, email=f"{name[:3].lower()}@example.org")
    public_id = make_list(world)
    before = world.client.get(f"/verify/{public_id}").text
    OwnPage.asked(world, "mar@example.org").post("erase")
    world.run_worker()
    assert world.client.get(f"/verify/{public_id}").text == before
    with world.reading() as session:
        delivery = session.scalars(select(Delivery)).one()
        rows = session.scalars(select(DeliveryRow).order_by(DeliveryRow.position)).all()
    assert [(row.number, row.name) for row in rows] == [(1, "Ana First"), (2, None), (3, "Zoe Last")]
    assert (rows[1].signature_id, rows[1].place, rows[1].salt) == (None, None, None)
    told = {"letter": delivery.letter, "rows": [row.withheld_hash or row.named_hash for row in rows]}
    content = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert delivery.digest == hashlib.sha256(content.encode()).hexdigest()
    assert delivery.named == 3


def test_the_file_is_removed_and_the_desk_says_why(world: World) -> None:
    world.publish()
    world.sign_and_confirm(visibility="delivered")
    public_id = make_list(world)
    desk = world.desk()
    assert desk.get(f"/desk/deliveries/{public_id}.pdf").status_code == 200
    OwnPage.asked(world).post("erase")
    assert desk.get(f"/desk/deliveries/{public_id}.pdf").status_code == 404
    assert "had their name erased" in desk.get(f"/desk/deliveries/{public_id}").text
    assert desk.get("/desk/campaigns/rescind/deliveries/").status_code == 200
    world.run_worker()
    assert world.files.kept == {}
    assert world.printer.forgotten[-1] is None


def test_the_file_of_a_list_that_never_named_the_person_stays(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm(email="ana@example.org", name="Ana First", visibility="public")
    sqlite_world.sign_and_confirm(visibility="counted")
    public_id = make_list(sqlite_world)
    OwnPage.asked(sqlite_world).post("erase")
    sqlite_world.run_worker()
    assert sqlite_world.desk().get(f"/desk/deliveries/{public_id}.pdf").status_code == 200


def test_a_file_is_not_finished_with_a_name_that_was_erased_while_it_was_printed(world: World) -> None:
    world.publish()
    world.sign_and_confirm(email="ana@example.org", name="Ana First", visibility="public")
    world.clock.move(minutes=1)
    world.sign_and_confirm()
    page = OwnPage.asked(world)
    printing = world.app.extensions["undersigned.printing"]
    with world.work() as session:
        deliveries.request(session, world.campaign(), paper="a4", answer_expected=None, actor="t", now=world.clock())
    put = world.files.put

    def erased_meanwhile(key: str, data: bytes) -> None:
        put(key, data)
        if page.see().status_code == 200:
            assert page.post("erase").status_code == 200

    world.files.put = erased_meanwhile  # type: ignore[method-assign]  # somebody is erased while the file is written
    world.run_worker()
    assert world.files.kept == {}
    world.clock.move(minutes=1)
    world.run_worker()
    (data,) = world.files.kept.values()
    assert b"Ana First" in data
    assert b"Maria Ortiz" not in data
    assert printing is not None


@on_postgresql
def test_whoever_is_erased_while_a_list_is_frozen_is_gone_from_it(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    page, frozen = OwnPage.asked(world), threading.Event()
    with world.work() as session:
        asked = deliveries.request(
            session, world.campaign(), paper="a4", answer_expected=None, actor="test", now=world.clock()
        )
        delivery_id = session.scalars(select(Delivery.id).where(Delivery.public_id == asked)).one()

    def freeze() -> int:
        with world.work() as session:
            deliveries.freeze(session, delivery_id, world.campaign(), now=world.clock())
            session.flush()
            frozen.set()
            until_somebody_waits(world)
        return 200

    def erase() -> int:
        assert frozen.wait(30)
        return page.post("erase").status_code

    assert at_once([freeze, erase]) == [200, 200]
    with world.reading() as session:
        assert [(row.name, row.salt) for row in session.scalars(select(DeliveryRow))] == [(None, None)]


def test_removing_a_file_twice_is_harmless(sqlite_world: World) -> None:
    printing = sqlite_world.app.extensions["undersigned.printing"]
    for _ in range(2):
        printing.remove_file({"key": "deliveries/unknown.pdf"})
    printing.remove_file({"key": None})
    assert delivery_erasing.REMOVE_JOB in sqlite_world.app.extensions["undersigned.worker"]("w").registry.jobs


# What the page says of it

LAW = "that were paid the law makes us keep the amount, the day, the fund, and the name and address the"
BEFORE = {
    "always": "Lists that were handed over are in other hands; we cannot take them back.",
    "gave": f"Of gifts {LAW} receipt was made out to, for ten years. Gifts that were never paid are emptied, and what "
    "you wrote with a gift is deleted.",
}
AFTER = {
    "always": "Backups made before today are kept apart, encrypted, until they run out.",
    "gave": f"Of gifts and dues {LAW} receipts were made out to, for ten years. Nobody but the treasurers sees them.",
    "listed": "Lists that were handed over before are on paper or with the one they were handed to; we cannot take "
    "them back. Here your name is taken out of them, and the files that held it are removed.",
}


@pytest.mark.parametrize("is_listed", [False, True], ids=["on no list", "on a list"])
@pytest.mark.parametrize("gave", [False, True], ids=["never gave", "gave"])
def test_it_says_what_erasing_keeps_and_why_and_nothing_that_does_not_hold(
    sqlite_world: World, gave: bool, is_listed: bool
) -> None:
    sqlite_world.publish(appeal())
    sqlite_world.sign_and_confirm()
    if gave:
        sqlite_world.pay(sqlite_world.give())
    if is_listed:
        make_list(sqlite_world)
    page = OwnPage.asked(sqlite_world)
    holds = {"always"} | ({"gave"} if gave else set()) | ({"listed"} if is_listed else set())
    shown = page.see().text
    assert {name for name, words in BEFORE.items() if words in shown} == holds & set(BEFORE)
    assert ("the law" in shown) is gave
    erased = page.post("erase").text
    assert {name for name, words in AFTER.items() if words in erased} == holds
    assert ("the law" in erased) is gave


# Givers


def test_of_a_giver_stays_what_a_receipt_needs_and_nothing_else(world: World) -> None:
    world.publish(appeal())
    world.sign_and_confirm(visibility="public")
    world.pay(world.give(name="M. Ortiz", message="Hold on", show_name="y"))
    page = OwnPage.asked(world)
    assert "for ten years" in page.see().text
    answer = page.post("erase")
    assert "for ten years" in answer.text
    world.run_worker()
    with world.reading() as session:
        gift = session.scalars(select(Donation)).one()
        bodies = session.scalars(select(PaymentEvent.body)).all()
    assert (gift.amount_minor, gift.name, gift.email) == (3000, "M. Ortiz", SIGN["email"])
    assert (gift.message, gift.show_name) == (None, False)
    assert set(bodies) == {""}
    assert signatures(world) == []
    stored = {
        where for where, content in everything_stored(world) if "ortiz" in content.lower() or SIGN["email"] in content
    }
    assert stored == {
        "donation.name",
        "donation.email",
        "receipt.content",
    }  # the receipt is frozen, as docs/retention.md says
    assert world.client.get(f"/donations/{gift.public_id}").status_code == 200
    again = OwnPage.asked(world)
    assert "$30" in again.see().text


def test_a_payment_that_arrives_after_the_erasure_is_booked_without_a_person(world: World) -> None:
    world.publish(appeal())
    hosted = world.give()
    OwnPage.asked(world).post("erase")
    world.pay(hosted)
    with world.reading() as session:
        assert session.scalars(select(Donation.email)).one() == ""
        failed = session.scalars(select(OutboxItem.kind).where(OutboxItem.state == "failed")).all()
    assert failed == []
    assert "$30" in world.see("/campaigns/rescind").text
    assert not [mail for mail in world.mailer.sent if "receipt" in mail.subject]
