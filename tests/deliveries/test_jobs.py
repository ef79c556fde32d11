"""Making a list's PDF outside any request, whatever breaks on the way."""

import hashlib
import unicodedata
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, func, select

from campaigns.deliveries import operations, queries
from campaigns.deliveries.jobs import Printing
from campaigns.deliveries.models import DeliveryRow
from campaigns.deliveries.queries import DeliveryFacts
from campaigns.deliveries.rules import State, grouped
from campaigns.outbox.models import DONE, OutboxItem
from tests.make import World, at_once, petition

ISOLATES = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))


def asked(world: World, **changes: Any) -> DeliveryFacts:
    """A list that somebody has asked for and no worker has touched."""
    values: dict[str, Any] = {"paper": "letter", "answer_expected": None} | changes
    with world.work() as session:
        public_id = operations.request(session, world.campaign(), actor="test", now=world.clock(), **values)
    return found(world, public_id)


def found(world: World, public_id: str) -> DeliveryFacts:
    with world.reading() as session:
        delivery = queries.find(session, public_id)
    assert delivery is not None
    return delivery


def key(delivery: DeliveryFacts) -> str:
    return f"deliveries/{delivery.public_id}.pdf"


def printing(world: World) -> Printing:
    made: Printing = world.app.extensions["undersigned.printing"]
    return made


def run(world: World, delivery: DeliveryFacts) -> None:
    printing(world).run({"delivery": str(delivery.id)})


def test_a_worker_makes_the_list_that_was_asked_for(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    delivery = asked(world)
    assert delivery.state is State.REQUESTED
    world.run_worker()
    ready = found(world, delivery.public_id)
    data = world.files.kept[key(ready)]
    assert ready.state is State.READY
    assert (ready.file_sha256, ready.pages, ready.file_key) == (hashlib.sha256(data).hexdigest(), 2, key(ready))
    assert ready.frozen_at
    assert ready.ready_at
    assert ready.frozen_at <= ready.ready_at


def test_the_letter_says_who_is_asked_what_and_how_many(sqlite_world: World) -> None:
    sqlite_world.publish(petition(target_address="1 Air Hub Way\nErlanger, KY"))
    for name, visibility in (("Ana Public", "public"), ("Ben Delivered", "delivered"), ("Cleo Counted", "counted")):
        sqlite_world.sign_and_confirm(name=name, visibility=visibility, email=f"{visibility}@example.org")
    delivery = asked(sqlite_world, answer_expected=date(2026, 6, 1))
    sqlite_world.run_worker()
    (letter,) = sqlite_world.printer.letters
    frozen = found(sqlite_world, delivery.public_id)
    for told in ("Hub Management", "1 Air Hub Way", "Rescind all eleven write-ups", "June 1, 2026", frozen.public_id):
        assert told in letter
    (footer,) = sqlite_world.printer.footers
    assert grouped(frozen.digest, 2) in footer.left
    assert [len(frozen.digest), frozen.named, frozen.withheld] == [64, 2, 1]
    assert len(sqlite_world.printer.lines) == 2


NAMES = [
    "محمد الأمين",
    "שרה כהן",
    "王伟",
    "이지은",
    "山田 花子",
    "Ἑλένη Παπαδοπούλου",
    "Олена Шевченко",
    "मीना कुमारी",
    "Zoë O’Neil",
    "Nguyễn Thị Hạnh",
]


def test_a_name_of_any_script_stands_on_the_list_letter_by_letter(sqlite_world: World) -> None:
    sqlite_world.publish()
    for number, name in enumerate(NAMES):
        sqlite_world.sign_and_confirm(name=name, town="Ħal Qormi", email=f"p{number}@example.org")
    asked(sqlite_world)
    sqlite_world.run_worker()
    lines = [unicodedata.normalize("NFC", line.translate(ISOLATES)) for line in sqlite_world.printer.lines]
    assert len(lines) == len(NAMES)
    for line, name in zip(lines, NAMES, strict=True):
        assert unicodedata.normalize("NFC", name) in line
        assert "Ħal Qormi, US" in line


def test_making_a_list_again_changes_nothing(world: World) -> None:
    world.publish()
    world.sign_and_confirm()
    delivery = asked(world)
    run(world, delivery)
    first, data = found(world, delivery.public_id), dict(world.files.kept)
    world.clock.move(days=1)
    run(world, delivery)
    assert found(world, delivery.public_id) == first
    assert world.files.kept == data
    assert len(world.printer.letters) == 1


@pytest.mark.parametrize("breaks", ["the printer dies", "the disk is full", "the power fails before the note"])
def test_a_job_that_broke_off_goes_on_to_the_same_list(world: World, breaks: str) -> None:
    world.publish()
    world.sign_and_confirm(name="Ana", visibility="public", email="ana@example.org")
    world.sign_and_confirm(name="Cleo", visibility="counted", email="cleo@example.org")
    delivery = asked(world)
    _break_off(world, delivery, breaks)
    broken = found(world, delivery.public_id)
    assert (broken.state, broken.file_key) == (State.FROZEN, None)
    world.sign_and_confirm(name="Too Late", visibility="public", email="late@example.org")
    world.clock.move(hours=1)
    run(world, delivery)
    ready = found(world, delivery.public_id)
    assert ready.state is State.READY
    assert (ready.digest, ready.frozen_at, ready.named, ready.withheld) == (broken.digest, broken.frozen_at, 1, 1)
    assert ["Too Late" in line for line in world.printer.lines] == [False]
    with world.reading() as session:
        wanted = select(func.count()).where(DeliveryRow.delivery_id == delivery.id)
        assert session.scalar(wanted) == 2


def _break_off(world: World, delivery: DeliveryFacts, breaks: str) -> None:
    if breaks == "the printer dies":
        world.printer.breaks_off = 1
        with pytest.raises(RuntimeError, match="broke off"):
            run(world, delivery)
    elif breaks == "the disk is full":
        world.files.is_full = True
        with pytest.raises(OSError, match="No space"):
            run(world, delivery)
        world.files.is_full = False
    else:
        _fail_at(world, "UPDATE delivery SET state='ready'", delivery)


def _fail_at(world: World, _what: str, delivery: DeliveryFacts) -> None:
    def fail(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("UPDATE delivery") and "file_key" in statement:
            raise RuntimeError("the power fails here")

    event.listen(world.engine, "before_cursor_execute", fail)
    try:
        with pytest.raises(RuntimeError, match="power"):
            run(world, delivery)
    finally:
        event.remove(world.engine, "before_cursor_execute", fail)
    assert key(delivery) in world.files.kept


def test_the_outbox_tries_a_broken_list_again_by_itself(sqlite_world: World) -> None:
    sqlite_world.publish()
    sqlite_world.sign_and_confirm()
    delivery = asked(sqlite_world)
    sqlite_world.printer.breaks_off = 2
    sqlite_world.run_worker()
    assert found(sqlite_world, delivery.public_id).state is State.FROZEN
    for _ in range(2):
        sqlite_world.clock.move(minutes=1)
        sqlite_world.run_worker()
    assert found(sqlite_world, delivery.public_id).state is State.READY
    with sqlite_world.reading() as session:
        job = session.scalars(select(OutboxItem).where(OutboxItem.kind == operations.PRINT_JOB)).one()
    assert (job.state, job.attempts, job.payload) == (DONE, 3, None)


def test_a_worker_and_a_person_who_make_the_same_list_at_once_agree(world: World) -> None:
    """`flask signatures list` prints at once, while a worker may have taken the job already."""
    world.publish()
    for number in range(5):
        world.sign_and_confirm(email=f"person{number}@example.org")
    delivery = asked(world)
    at_once([lambda: run(world, delivery)] * 4)
    ready = found(world, delivery.public_id)
    assert (ready.state, ready.named) == (State.READY, 5)
    assert hashlib.sha256(world.files.kept[key(ready)]).hexdigest() == ready.file_sha256


def test_the_second_list_holds_everybody_anew(sqlite_world: World) -> None:
    sqlite_world.publish()
    for number in (1, 2):
        sqlite_world.sign_and_confirm(email=f"person{number}@example.org", name=f"Person {'AB'[number - 1]}")
        delivery = asked(sqlite_world)
        sqlite_world.run_worker()
        ready = found(sqlite_world, delivery.public_id)
        assert (ready.number, ready.named) == (number, number)
    assert len(sqlite_world.printer.lines) == 2
