"""Take in what the provider says: once, in any order, and only what matches what was asked."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest

from campaigns.kernel.money import Money
from campaigns.kernel.ports import Doorbell
from campaigns.payments import operations, queries
from campaigns.payments.rules import State
from tests.make import World
from tests.payments.make import KIND, THIRTY, Till


def bell(event_id: str = "evt_1", kind: str = "checkout.session", subject: str = "cs_1") -> Doorbell:
    return Doorbell(event_id, f"{kind}.updated", False, "2026-10-28.endive", subject, kind)


def store(world: World, rung: Doorbell, body: bytes = b'{"who": "maria@example.org"}') -> bool:
    with world.work() as session:
        return operations.store_event(session, rung, body, now=world.clock())


def test_a_payment_is_known_to_nobody_outside_until_its_page_is_open(world: World) -> None:
    till = Till(world)
    till.prepare()
    (row,) = till.rows("payment")
    assert (row["state"], row["session_id"], row["amount_minor"], row["currency"]) == ("pre", None, 3000, "USD")


def test_a_page_that_was_opened_is_noted_and_a_late_note_changes_nothing(sqlite_world: World) -> None:
    till = Till(sqlite_world)
    payment_id = till.prepare()
    session_id = till.page_of(payment_id)
    sqlite_world.checkout.pay(session_id)
    assert till.sync(session_id) is State.PAID
    with sqlite_world.work() as session:
        operations.opened(session, payment_id, sqlite_world.checkout.sessions[session_id])
    assert till.row(session_id)["state"] == "paid"


def test_a_new_event_is_stored_and_its_sync_queued(world: World) -> None:
    assert store(world, bell()) is True
    (event,), (item,) = Till(world).rows("payment_event"), Till(world).rows("outbox_item")
    assert (event["deliveries"], event["subject_kind"], event["subject_id"]) == (1, "checkout.session", "cs_1")
    assert (item["kind"], item["subject"]) == ("payments.sync", "evt_1")


def test_an_event_delivered_again_is_counted_and_queues_nothing_more(world: World) -> None:
    assert [store(world, bell()) for _ in range(3)] == [True, False, False]
    (event,) = Till(world).rows("payment_event")
    assert event["deliveries"] == 3
    assert len(Till(world).rows("outbox_item")) == 1


def test_an_event_delivered_at_once_is_stored_once(world: World) -> None:
    start = Barrier(4)

    def deliver(_: int) -> bool:
        start.wait()
        return store(world, bell())

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(deliver, range(4))) == [False, False, False, True]
    (event,) = Till(world).rows("payment_event")
    assert event["deliveries"] == 4


def test_an_event_about_something_else_is_stored_and_ignored(world: World) -> None:
    assert store(world, bell(kind="customer", subject="cus_1")) is True
    (event,) = Till(world).rows("payment_event")
    assert event["is_ignored"]
    assert Till(world).rows("outbox_item") == []


def test_an_events_body_is_sealed_at_rest(world: World) -> None:
    store(world, bell())
    (event,) = Till(world).rows("payment_event")
    assert b"maria" not in bytes(event["body"])


def test_a_paid_session_is_recognised_and_settled(world: World) -> None:
    till = Till(world)
    session_id = till.open()
    charge = world.checkout.pay(session_id).charge
    assert charge is not None
    assert charge.movement is not None
    assert till.sync(session_id) is State.PAID
    assert till.told.words == [("recognised", charge.id), ("settled", charge.movement.id)]
    row = till.row(session_id)
    assert (row["charge_id"], bool(row["is_settled"])) == (charge.id, True)
    assert row["paid_at"] is not None


def test_a_handler_is_told_our_own_amount_and_subject(sqlite_world: World) -> None:
    till = Till(sqlite_world)
    session_id = till.open(Money(4217, "USD"))
    sqlite_world.checkout.pay(session_id)
    till.sync(session_id)
    (paid,) = till.told.paid
    (row,) = till.rows("payment")
    assert (paid.payment_id.hex, paid.subject_id.hex, paid.amount) == (row["id"], row["subject_id"], Money(4217, "USD"))


def test_a_charge_that_settles_later_is_recognised_at_once(world: World) -> None:
    till = Till(world)
    session_id = till.open()
    world.checkout.delays_settlement = True
    world.checkout.pay(session_id)
    till.sync(session_id)
    assert [word for word, _ in till.told.words] == ["recognised"]
    assert not till.row(session_id)["is_settled"]
    world.checkout.settle(session_id)
    till.sync(session_id)
    assert [word for word, _ in till.told.words] == ["recognised", "recognised", "settled"]
    assert till.row(session_id)["is_settled"]


def test_each_refund_is_told_by_its_own_id(sqlite_world: World) -> None:
    till = Till(sqlite_world)
    session_id = till.open()
    sqlite_world.checkout.pay(session_id)
    for _ in range(2):
        sqlite_world.checkout.refund(session_id, 500)
    till.sync(session_id)
    refunds = [refund for word, refund in till.told.words if word == "refunded"]
    assert len(set(refunds)) == 2


def test_money_that_is_refunded_stays_paid(sqlite_world: World) -> None:
    till = Till(sqlite_world)
    session_id = till.open()
    sqlite_world.checkout.pay(session_id)
    sqlite_world.checkout.refund(session_id, 3000)
    assert till.sync(session_id) is State.PAID


def test_a_session_that_names_no_payment_of_ours_is_not_ours(sqlite_world: World) -> None:
    till = Till(sqlite_world)
    session_id = till.open()
    sqlite_world.checkout.pay(session_id)
    for reference in (None, "", "order 17", str(uuid4())):
        till.change(session_id, reference=reference)
        assert till.sync(session_id) is None
    assert till.told.words == []


MISMATCHES = {
    "more money": {"total": Money(3001, "USD")},
    "less money": {"total": Money(1, "USD")},
    "another currency": {"total": Money(3000, "EUR")},
    "another mode": {"livemode": True},
}


@pytest.mark.parametrize("fields", MISMATCHES.values(), ids=MISMATCHES)
def test_a_payment_that_is_not_what_was_asked_is_parked_and_nothing_booked(
    sqlite_world: World, fields: dict[str, object]
) -> None:
    till = Till(sqlite_world)
    session_id = till.open()
    sqlite_world.checkout.pay(session_id)
    till.change(session_id, **fields)
    assert till.sync(session_id) is State.PARKED
    assert till.told.words == []
    assert till.row(session_id)["charge_id"] is None


def test_a_charge_of_another_amount_than_the_session_is_parked(sqlite_world: World) -> None:
    till = Till(sqlite_world)
    session_id = till.open()
    sqlite_world.checkout.pay(session_id, Money(100, "USD"))
    till.change(session_id, total=THIRTY)
    assert till.sync(session_id) is State.PARKED
    assert till.told.words == []


def test_what_was_parked_is_not_booked_when_it_suddenly_fits(sqlite_world: World) -> None:
    till = Till(sqlite_world)
    session_id = till.open()
    sqlite_world.checkout.pay(session_id, Money(100, "USD"))
    till.sync(session_id)
    till.change(session_id, total=THIRTY)
    assert till.sync(session_id) is State.PARKED
    assert till.told.words == []


def test_a_second_session_for_a_payment_never_books_it_twice(world: World) -> None:
    till = Till(world)
    payment_id = till.prepare()
    first, second = (till.page_of(payment_id, key=key) for key in ("a", "b"))
    for session_id in (first, second):
        world.checkout.pay(session_id)
    assert till.sync(first) is State.PAID
    told = list(till.told.words)
    assert till.sync(second) is State.PARKED
    assert till.told.words == told
    assert till.row(first)["state"] == "paid"


def test_a_second_session_that_expires_leaves_the_first_alone(sqlite_world: World) -> None:
    till = Till(sqlite_world)
    payment_id = till.prepare()
    first, second = (till.page_of(payment_id, key=key) for key in ("a", "b"))
    assert till.sync(first) is State.OPEN
    sqlite_world.checkout.expire(second)
    till.sync(second)
    assert till.row(first)["state"] == "open"


def test_a_second_session_that_is_paid_does_not_block_the_first(sqlite_world: World) -> None:
    till = Till(sqlite_world)
    payment_id = till.prepare()
    first, second = (till.page_of(payment_id, key=key) for key in ("a", "b"))
    till.sync(first)
    sqlite_world.checkout.pay(second)
    assert till.sync(second) is State.PARKED
    sqlite_world.checkout.pay(first)
    assert till.sync(first) is State.PAID
    assert [word for word, _ in till.told.words] == ["recognised", "settled"]


def test_a_paid_payment_that_looks_wrong_later_keeps_what_is_booked_and_books_nothing_more(sqlite_world: World) -> None:
    till = Till(sqlite_world)
    session_id = till.open()
    sqlite_world.checkout.pay(session_id)
    till.sync(session_id)
    told = list(till.told.words)
    till.change(session_id, total=Money(9900, "USD"))
    assert till.sync(session_id) is State.PARKED
    assert till.row(session_id)["state"] == "paid"
    assert till.told.words == told


def test_two_syncs_at_once_end_like_one(world: World) -> None:
    till = Till(world)
    session_id = till.open()
    world.checkout.pay(session_id)
    start = Barrier(4)

    def sync(_: int) -> State | None:
        start.wait()
        return till.sync(session_id)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(sync, range(4))) == {State.PAID}
    (row,) = till.rows("payment")
    assert row["state"] == "paid"


def test_the_newest_payment_of_a_subject_is_the_one_that_counts(sqlite_world: World) -> None:
    subject = uuid4()
    with sqlite_world.work() as session:
        operations.prepare(session, KIND, subject, THIRTY, now=sqlite_world.clock())
        newest = operations.prepare(session, KIND, subject, THIRTY, now=sqlite_world.clock.move(minutes=1))
    with sqlite_world.reading() as session:
        found = queries.of_subject(session, KIND, subject)
        assert queries.of_subject(session, "another kind", subject) is None
    assert found is not None
    assert found.id == newest
