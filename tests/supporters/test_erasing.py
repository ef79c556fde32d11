"""Erasing a person: what is left of them is looked for everywhere."""

import hashlib
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, text, update

from campaigns.campaign.questions import Kind, Question, ReadBy
from campaigns.db import Base
from campaigns.db.sealing import open_sealed
from campaigns.deliveries import erasing as delivery_erasing
from campaigns.deliveries import operations as deliveries
from campaigns.deliveries.models import Delivery, DeliveryRow
from campaigns.donations.models import Donation
from campaigns.kernel.ports import MailNotAccepted
from campaigns.outbox.models import OutboxItem
from campaigns.paper import importing
from campaigns.paper import operations as paper
from campaigns.paper.checks import check_all
from campaigns.paper.models import PaperPhoto
from campaigns.paper.rules import Typed
from campaigns.payments.models import PaymentEvent
from campaigns.review.models import ReviewAction
from campaigns.review.queries import email_hash
from campaigns.review.rules import Decision, Rule, Step
from tests.coalition.make import add_partner, ticked
from tests.make import SIGN, World, appeal, at_once, petition
from tests.paper.make import photo
from tests.review.make import ask, step, work_off
from tests.signatures.test_races import on_postgresql, until_somebody_waits
from tests.subscriptions.make import subscribe
from tests.supporters.pages import OwnPage, counted, signatures

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
}
MARKS = ("quarrington", "wilhelmina", "gansbach", "zwiefalten", "zx88529", "gooseberries", "5550142", "blossbrook")
QUESTIONS = (Question("", Kind.PHONE), Question("", Kind.WORKPLACE, read_by=ReadBy.DELIVERED))


class Listener(logging.Handler):
    """Keeps all that is logged, with everything a formatter might print of it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(f"{logging.Formatter().format(record)}\n{record.__dict__}")


@pytest.fixture
def log() -> Iterator[Listener]:
    listener, root = Listener(), logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    yield listener
    root.setLevel(level)
    root.removeHandler(listener)


def marks_in(content: str) -> set[str]:
    return {mark for mark in MARKS if mark in content.lower()}


def everything_stored(world: World) -> Iterator[tuple[str, str]]:
    """Every column of every table, as it stands and, where it is sealed, opened."""
    with world.engine.connect() as connection:
        for name in [*Base.metadata.tables, "alembic_version"]:
            for row in connection.execute(text(f'SELECT * FROM "{name}"')).mappings():
                for column, value in row.items():
                    yield f"{name}.{column}", _opened(value)


def _opened(value: Any) -> str:
    if not isinstance(value, bytes | memoryview):
        return str(value)
    try:
        return open_sealed(bytes(value))
    except Exception:
        return bytes(value).decode("latin-1")


def found_in(world: World, log: Listener) -> set[tuple[str, str]]:
    """Where anything of the person is found: tables, files, logs, and what the site still hands out."""
    kept = [*everything_stored(world)]
    kept += [(f"file {key}", data.decode("latin-1")) for key, data in world.files.kept.items()]
    kept += [("log", line) for line in log.heard]
    kept += [(path, world.see(path).text) for path in ("/", "/campaigns/rescind", "/campaigns/rescind/count.json")]
    desk = world.desk()
    kept += [(path, desk.get(path).text) for path in _desk_pages(world)]
    return {(where, mark) for where, content in kept for mark in marks_in(content)}


def _desk_pages(world: World) -> list[str]:
    with world.reading() as session:
        lists = session.scalars(select(Delivery.public_id)).all()
        actions = session.scalars(select(ReviewAction.id)).all()
    pages = ["", "/signatures/", "/deliveries/", "/review/", *(f"/review/{action_id}" for action_id in actions)]
    pages = [f"/desk/campaigns/rescind{page}" for page in pages]
    return pages + [f"/desk/deliveries/{public_id}{end}" for public_id in lists for end in ("", ".pdf")]


def make_list(world: World) -> str:
    with world.work() as session:
        public_id = deliveries.request(
            session, world.campaign(), paper="a4", answer_expected=None, actor="test", now=world.clock()
        )
    world.run_worker()
    return public_id


def on_paper(world: World) -> None:
    """The same person on a sheet of a third campaign, and in a table that waits to be imported there."""
    world.publish(petition(slug="third"))
    typed = {name: WILHELMINA[name] for name in ("name", "town", "postcode", "email")}
    with world.work() as session:
        third = world.campaign("third")
        paper.ask_print(session, third, paper="a4", sheets=1, actor="test", now=world.clock())
        rows = [*check_all([Typed(1, **typed, country="AE", is_listed=True)])]
        paper.enter_sheet(session, third.id, 1, rows, actor="test", now=world.clock())
        paper.keep_photo(session, third.id, 1, photo(), actor="test", now=world.clock())
        importing.take_in(session, third, [["name", "email"], [*typed.values()]], actor="test", now=world.clock())


def look_for(world: World) -> None:
    """An organizer decides by rules that name the person: one by the name, one by the exact address."""
    for rule in (
        Rule(review=None, name="W* Quarrington"),
        Rule(review=None, email_hash=email_hash(WILHELMINA["email"])),
    ):
        action_id = ask(world, Decision.HOLD, rule)
        work_off(world, action_id)
        step(world, action_id, Step.CANCEL)


def lives_here(world: World) -> None:
    """Everything that somebody can leave behind without giving money."""
    world.publish(appeal(questions=QUESTIONS))
    world.publish(petition(slug="other", questions=QUESTIONS))
    world.sign_and_confirm(email="first@example.org", name="Ana First", visibility="public")
    add_partner(world)
    world.sign_and_confirm(visibility="public", **WILHELMINA | ticked(world))
    subscribe(world, WILHELMINA["email"])
    world.sign_and_confirm("other", visibility="counted", **WILHELMINA)
    on_paper(world)
    make_list(world)
    look_for(world)
    world.sign(**WILHELMINA)  # "already signed"
    abandoned = world.give(email=WILHELMINA["email"], name=WILHELMINA["name"], message="Because of gooseberries")
    world.checkout.expire(abandoned)
    world.ring("evt_1", "checkout.session", abandoned)
    with world.work() as session:  # what a real event says of who did not pay
        session.execute(update(PaymentEvent).values(body=f'{{"customer_email": "{WILHELMINA["email"]}"}}'))
    world.run_worker()
    world.mailer.refusing = MailNotAccepted(f"{WILHELMINA['email']} is not known here", final=True)
    world.clock.move(days=1)
    world.sign(**WILHELMINA)
    world.run_worker()
    world.mailer.refusing = None


def test_of_a_person_who_never_gave_nothing_is_found_anywhere(world: World, log: Listener) -> None:
    lives_here(world)
    page = OwnPage.asked(world, WILHELMINA["email"])
    world.client.post("/my", data={"email": WILHELMINA["email"]})  # a mail that still waits
    before = {where for where, _mark in found_in(world, log)}
    assert {"signature.name", "signature.email", "signature.town", "signature.postcode", "signature.comment"} <= before
    assert {"signature.answers", "delivery_row.details", "paper_import.content", "review_action.rule"} <= before
    assert any(where.startswith("/desk/campaigns/rescind/review/") for where in before)
    with world.reading() as session:
        assert session.scalars(select(PaperPhoto.sheet_id)).all()
    assert {
        "delivery_row.name",
        "donation.name",
        "outbox_item.payload",
        "payment_event.body",
        "subscription.email",
        "/campaigns/rescind",
    } <= before
    assert any(where.startswith("file ") for where in before)
    log.heard.clear()  # the test's own sight of the addresses, in what the test asked for
    answer = page.post("erase")
    assert answer.status_code == 200
    assert marks_in(answer.text) == set()
    world.run_worker()
    assert found_in(world, log) == set()
    assert page.see().status_code == page.post("erase").status_code == 404
    with world.reading() as session:
        assert session.scalars(select(PaperPhoto.sheet_id)).all() == []


def test_the_others_stay_and_the_count_follows(world: World, log: Listener) -> None:
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


# What nobody has to ask for
