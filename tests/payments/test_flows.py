"""Ask the provider, then take in: whatever the provider is doing at the moment."""

import logging
from datetime import timedelta
from uuid import uuid4

import pytest

from campaigns.kernel.ports import PaymentsRefused, PaymentsUnavailable, Root
from campaigns.payments import flows
from campaigns.payments.rules import State
from tests.make import World
from tests.payments.make import Till

AT_ONCE = timedelta(0)


@pytest.fixture
def till(sqlite_world: World) -> Till:
    return Till(sqlite_world)


def test_a_sync_while_the_provider_is_away_changes_nothing(till: Till) -> None:
    session_id = till.open()
    till.world.checkout.is_away = True
    with pytest.raises(PaymentsUnavailable):
        till.sync(session_id)
    assert till.row(session_id)["state"] == "open"


def test_no_transaction_is_open_while_the_provider_is_asked(till: Till) -> None:
    session_id = till.open()
    fetch = till.world.checkout.fetch_session

    def look_and_fetch(asked: str) -> object:
        with till.world.work() as session:  # SQLite has one writer: a second one would wait for the first
            session.connection()
        return fetch(asked)

    till.world.checkout.fetch_session = look_and_fetch  # type: ignore[method-assign,assignment]  # one look on the way
    assert till.sync(session_id) is State.OPEN


def test_a_session_the_provider_has_forgotten_is_told_in_the_log_and_nothing_else(
    till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    session_id = till.open()
    del till.world.checkout.sessions[session_id]
    assert till.sync(session_id) is None
    assert till.row(session_id)["state"] == "open"
    assert "knows no such session" in caplog.text


@pytest.mark.parametrize("kind", ["checkout.session", "payment_intent", "charge"])
def test_the_session_is_found_behind_whatever_rang(till: Till, kind: str) -> None:
    session_id = till.open()
    paid = till.world.checkout.pay(session_id)
    assert paid.charge is not None
    subject = {"checkout.session": paid.id, "payment_intent": paid.payment_intent_id, "charge": paid.charge.id}[kind]
    till.payments.sync_subject({"kind": kind, "id": subject})
    assert till.row(session_id)["state"] == "paid"


@pytest.mark.parametrize("kind", ["checkout.session", "payment_intent", "charge", "refund"])
def test_a_bell_for_something_unknown_is_answered_by_doing_nothing(till: Till, kind: str) -> None:
    till.payments.sync_subject({"kind": kind, "id": "made up"})
    assert till.rows("payment") == []


def test_a_bell_for_something_the_provider_denies_is_no_failure(till: Till, caplog: pytest.LogCaptureFixture) -> None:
    def deny(kind: str, object_id: str) -> Root | None:
        raise LookupError(object_id)

    till.world.checkout.find_root = deny  # type: ignore[method-assign]  # what Stripe does with another account's id
    till.payments.sync_subject({"kind": "charge", "id": "ch_of_somebody_else"})
    assert "knows no such object" in caplog.text


def test_a_mismatch_is_an_error_in_the_log_and_a_stranger_a_warning(
    till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    session_id = till.open()
    till.world.checkout.pay(session_id)
    till.change(session_id, livemode=True)
    till.sync(session_id)
    till.change(session_id, reference=str(uuid4()))
    till.sync(session_id)
    levels = [record.levelno for record in caplog.records if record.name == flows.__name__]
    assert levels == [logging.ERROR, logging.WARNING]


# The sweep


def test_a_payment_no_webhook_told_of_is_found(till: Till) -> None:
    session_id = till.open()
    till.world.checkout.pay(session_id)
    till.world.clock.move(minutes=3)
    assert till.payments.sweep() == 1
    assert till.row(session_id)["state"] == "paid"


def test_a_settlement_no_webhook_told_of_is_found(till: Till) -> None:
    till.world.checkout.delays_settlement = True
    session_id = till.open()
    till.world.checkout.pay(session_id)
    till.sync(session_id)
    till.world.checkout.settle(session_id)
    till.world.clock.move(hours=1)
    till.payments.sweep()
    assert till.row(session_id)["is_settled"]
    assert till.payments.sweep() == 0


def test_the_sweep_leaves_the_newest_to_their_webhooks(till: Till) -> None:
    till.open()
    assert till.payments.sweep() == 0
    assert till.payments.sweep(older_than=AT_ONCE) == 1


def test_what_has_come_to_its_end_is_not_asked_about_again(till: Till) -> None:
    paid, expired, parked = (till.open() for _ in range(3))
    till.world.checkout.pay(paid)
    till.world.checkout.expire(expired)
    till.world.checkout.pay(parked)
    till.change(parked, livemode=True)
    assert till.payments.sweep(older_than=AT_ONCE) == 3
    assert till.payments.sweep(older_than=AT_ONCE) == 0


def test_more_payments_than_a_batch_are_all_asked_about(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where many of them were made at one moment, and the first ones never end."""
    monkeypatch.setattr(flows, "SWEEP_BATCH", 2)
    waiting = [till.open() for _ in range(5)]
    till.world.checkout.pay(waiting[-1])
    assert till.payments.sweep(older_than=AT_ONCE) == 5
    assert till.row(waiting[-1])["state"] == "paid"


def test_a_session_that_failed_is_asked_about_until_it_has_ended(till: Till) -> None:
    session_id = till.open()
    till.world.checkout.start_processing(session_id)
    till.change(session_id, intent_status="requires_payment_method")
    assert till.sync(session_id) is State.FAILED
    assert till.payments.sweep(older_than=AT_ONCE) == 1


def test_after_five_weeks_the_provider_is_no_longer_asked(till: Till) -> None:
    till.open()
    till.world.clock.move(days=36)
    assert till.payments.sweep() == 0


def test_a_page_whose_opening_was_not_noted_waits_for_its_webhook(till: Till) -> None:
    session_id = till.page_of(till.prepare())
    assert till.payments.sweep(older_than=AT_ONCE) == 0
    till.world.checkout.pay(session_id)
    assert till.sync(session_id) is State.PAID


@pytest.mark.parametrize(
    "problem",
    [ValueError("1050 ISK has a part that ISK cannot hold"), PaymentsRefused("InvalidRequestError")],
    ids=lambda problem: type(problem).__name__,
)
def test_one_payment_that_cannot_be_taken_in_keeps_no_other_waiting(
    till: Till, caplog: pytest.LogCaptureFixture, problem: Exception
) -> None:
    broken = till.open()
    till.world.clock.move(seconds=1)
    sound = till.open()
    for session_id in (broken, sound):
        till.world.checkout.pay(session_id)
    fetch = till.world.checkout.fetch_session

    def stumble(asked: str) -> object:
        if asked == broken:
            raise problem
        return fetch(asked)

    till.world.checkout.fetch_session = stumble  # type: ignore[method-assign,assignment]  # a shape nobody foresaw
    assert till.payments.sweep(older_than=AT_ONCE) == 2
    assert till.row(sound)["state"] == "paid"
    assert "cannot be taken in" in caplog.text


def test_a_sweep_stops_at_once_when_the_provider_is_away(till: Till) -> None:
    for _ in range(3):
        till.open()
    till.world.checkout.is_away = True
    with pytest.raises(PaymentsUnavailable):
        till.payments.sweep(older_than=AT_ONCE)
