"""Scenarios 1-18 of the forty that a payment must survive: how news of it comes, or does not.

Each test's sentence begins with the number; 10 is told with subscriptions, 13-15 at the doorbell (tests/payments).
"""

import json
from dataclasses import replace
from itertools import permutations

import pytest
from sqlalchemy import text

from campaigns.kernel.money import Money
from campaigns.kernel.ports import Doorbell
from campaigns.ledger import triggers
from campaigns.outbox import operations as outbox
from campaigns.receipts import triggers as receipt_triggers
from sandbox.stripe import disputes, refunds
from tests.donations.make import FEE, GIVEN, Story, at_once
from tests.donations.real import RealStory

BOOKED = ["recognised", "settled"]
LOST = (
    "receipt_print receipt receipt_series ledger_checkpoint ledger_posting ledger_entry payment_notice payment_refund "
    "payment_dispute payment_event payment donation_line donation outbox_item"
).split()


def test_the_same_event_twice_is_one_gift(real_story: RealStory) -> None:
    """1."""
    session_id = real_story.give()
    completed = real_story.events(session_id)["checkout.session.completed"]
    assert real_story.deliver(completed, completed) == [200, 200]
    assert (real_story.entries(), real_story.receipts()) == (BOOKED, 1)
    (event,) = real_story.rows("SELECT deliveries FROM payment_event")
    assert event["deliveries"] == 2


def test_the_same_event_twice_at_once_is_one_gift(real_story: RealStory) -> None:
    """2."""
    session_id = real_story.give()
    completed = real_story.events(session_id)["checkout.session.completed"]
    answers = at_once(*[lambda: real_story.post(completed).status_code] * 2)
    real_story.worker("a")
    assert answers == [200, 200]
    assert (real_story.entries(), real_story.receipts()) == (BOOKED, 1)


def test_the_event_comes_before_the_giver_returns(real_story: RealStory) -> None:
    """3."""
    session_id = real_story.give()
    real_story.deliver(real_story.events(session_id)["checkout.session.completed"])
    assert "Your gift has arrived" in real_story.page()
    assert real_story.entries() == BOOKED


def test_the_giver_returns_before_the_event_comes(real_story: RealStory) -> None:
    """4."""
    session_id = real_story.give()
    assert "Your gift has arrived" in real_story.page()
    assert real_story.entries() == BOOKED
    real_story.deliver(real_story.events(session_id)["checkout.session.completed"])
    assert (real_story.entries(), real_story.receipts()) == (BOOKED, 1)


def test_giver_and_event_come_at_the_same_moment(story: Story) -> None:
    """5."""
    session_id = story.world.give()
    story.world.checkout.pay(session_id)
    story.world.ring("evt_1", "checkout.session", session_id)
    page, _ = at_once(story.page, lambda: story.worker("a"))
    assert "Your gift has arrived" in page
    story.worker("b")
    assert (story.entries(), story.receipts()) == (BOOKED, 1)


def test_the_giver_never_returns(real_story: RealStory) -> None:
    """6."""
    session_id = real_story.give()
    real_story.deliver(real_story.events(session_id)["checkout.session.completed"])
    assert (real_story.figures().given, real_story.receipts()) == (GIVEN, 1)


def test_no_event_ever_comes_and_the_sweep_finds_the_gift_within_ten_minutes(real_story: RealStory) -> None:
    """7."""
    real_story.give()
    real_story.sweep(minutes=10)
    assert (real_story.entries(), real_story.receipts()) == (BOOKED, 1)


def test_after_four_days_the_events_that_did_not_arrive_are_asked_for(story: Story) -> None:
    """8, the events: our door was shut for longer than they are repeated."""
    session_id = story.world.give()
    story.world.pay(session_id)
    refund = story.world.checkout.refund(session_id, 500)
    story.world.checkout.booked.clear()  # the provider's books shall not help
    story.world.checkout.lost_events.append(Doorbell("evt_lost", "refund.created", False, None, refund.id, "refund"))
    story.sweep(minutes=4 * 24 * 60)
    assert story.entries() == [*BOOKED, "refunded"]
    (lost,) = story.rows("SELECT deliveries FROM payment_event WHERE id = 'evt_lost'")
    assert lost["deliveries"] == 0


def test_after_forty_days_the_provider_s_books_still_tell_everything(story: Story) -> None:
    """8, the books: older than the provider's list of events, and more than a page."""
    checkout = story.world.checkout
    checkout.page_size = 3
    story.sweep()
    paid = [story.world.give(email=f"giver{number}@example.org") for number in range(5)]
    for session_id in paid:
        checkout.pay(session_id)
        checkout.refund(session_id, 1000)
    story.sweep(minutes=40 * 24 * 60)
    assert sorted(story.entries()) == sorted([*BOOKED, "refunded"] * 5)
    assert story.figures().left == Money(5 * 2000, "USD")


@pytest.mark.parametrize("days", [4, 40])
def test_a_gift_whose_row_was_lost_is_made_again_with_its_earmark(real_story: RealStory, days: int) -> None:
    """8 and 38: the database is yesterday's. The same keys are booked again, and no second receipt is sent."""
    session_id = real_story.give()
    before = real_story.rows("SELECT public_id FROM donation")
    real_story.sweep()
    booked = {row["source_key"] for row in real_story.rows("SELECT source_key FROM ledger_entry")}
    sent = real_story.receipts()
    _lose_the_day(real_story)
    real_story.sweep(minutes=days * 24 * 60)
    assert {row["source_key"] for row in real_story.rows("SELECT source_key FROM ledger_entry")} == booked
    assert real_story.rows("SELECT public_id FROM donation") == before
    assert (real_story.figures().given, real_story.receipts()) == (GIVEN, sent)
    assert "restored" in real_story.told()
    assert session_id in {row["session_id"] for row in real_story.rows("SELECT session_id FROM payment")}


def _lose_the_day(story: Story) -> None:
    """Put the database back to what it was before anybody gave; what watches over the journal is put back too."""
    with story.world.engine.begin() as connection:
        names = _guards_of(story)
        for name, table, _ in names:
            on = f" ON {table}" if connection.dialect.name == "postgresql" else ""
            connection.execute(text(f"DROP TRIGGER {name}{on}"))
        for statement in receipt_triggers.drop(connection.dialect.name):
            connection.execute(text(statement))
        for table in LOST:
            connection.execute(text(f"DELETE FROM {table}"))
        for statement in receipt_triggers.create(connection.dialect.name):
            connection.execute(text(statement))
        connection.execute(text("UPDATE ledger_head SET sequence = 0, hash = :zero"), {"zero": "0" * 64})
        for _, _, again in names:
            connection.execute(text(again))
    with story.world.work() as session:
        outbox.note_restore(session, story.world.clock())


def _guards_of(story: Story) -> list[tuple[str, str, str]]:
    dialect = story.world.engine.dialect.name
    if dialect == "sqlite":
        return [(guard.name, guard.table, triggers.sqlite_trigger(guard)) for guard in triggers.GUARDS[dialect]]
    return [(guard.name, guard.table, triggers._postgresql(guard)[1]) for guard in triggers.GUARDS[dialect]]


def test_a_refund_is_heard_of_before_the_payment(real_story: RealStory) -> None:
    """9."""
    session_id = real_story.give()
    refunds.make(real_story.account, real_story.charge_of(session_id))
    told = real_story.events(session_id)
    real_story.deliver(told["charge.refunded"], told["payment_intent.succeeded"], told["checkout.session.completed"])
    assert real_story.entries() == [*BOOKED, "refunded"]
    assert real_story.figures().left == Money(0, "USD")
    assert "Given back" in real_story.page()


def test_events_of_one_second_in_every_order_end_in_the_same_books(real_story: RealStory) -> None:
    """11."""
    kinds = ("checkout.session.completed", "charge.succeeded", "charge.refunded", "charge.dispute.funds_withdrawn")
    for number, order in enumerate(permutations(kinds)):
        session_id = real_story.give(email=f"giver{number}@example.org")
        charge = real_story.charge_of(session_id)
        refunds.make(real_story.account, charge, 1000)
        disputes.dispute(real_story.account, charge)
        told, before = real_story.events(session_id), len(real_story.entries())
        real_story.deliver(*(told[kind] for kind in order))
        assert real_story.entries()[before:] == [*BOOKED, "refunded", "disputed"], order
    figures = real_story.figures()
    assert (figures.given, figures.left) == (Money(24 * 3000, "USD"), Money(0, "USD"))
    assert (figures.refunded, figures.disputed) == (Money(24 * 1000, "USD"), Money(24 * 2000, "USD"))


def test_a_sale_of_something_else_on_the_same_account_stands_in_suspense(real_story: RealStory) -> None:
    """12."""
    real_story.world.give()  # a page is open, so that this site has begun
    paid = real_story.rig.paid(client_reference_id="order-17", metadata={"order": "17"})
    assert real_story.deliver(real_story.events(paid.id)["checkout.session.completed"]) == [200]
    real_story.sweep()
    real_story.sweep()
    own = real_story.rows("SELECT source_key FROM ledger_entry WHERE kind <> 'unknown'")
    assert (own, real_story.figures().given) == ([], Money(0, "USD"))
    charge = real_story.charge_of(paid.id)
    (entry,) = real_story.rows(f"SELECT kind FROM ledger_entry WHERE source_key = 'bt:{charge['balance_transaction']}'")
    assert entry["kind"] == "unknown"
    assert set(real_story.told()) == {"suspense"}


def test_an_event_in_an_old_version_s_shape_is_worked_on_by_asking_again(real_story: RealStory) -> None:
    """16. What it carries is not believed: its session is said to be unpaid and worth a million."""
    session_id = real_story.give()
    event = json.loads(real_story.events(session_id)["charge.succeeded"][0])
    subject = {"id": event["data"]["object"]["id"], "object": "charge", "amount": 100_000_000, "invoice": None}
    old = {**event, "api_version": "2020-08-27", "data": {"object": subject}}
    real_story.deliver((json.dumps(old).encode(), ""))
    assert (real_story.entries(), real_story.figures().given) == (BOOKED, GIVEN)


def test_a_crash_between_booking_and_mail_repeats_neither(story: Story) -> None:
    """17. A worker dies after its commit: its job is done again, and finds everything there."""
    session_id = story.world.give()
    story.world.pay(session_id)
    with story.world.engine.begin() as connection:
        again = (
            "UPDATE outbox_item SET state = 'due', due_at = created_at, payload = :payload WHERE kind = 'payments.sync'"
        )
        from campaigns.db.sealing import seal

        payload = seal(json.dumps({"kind": "checkout.session", "id": session_id}))
        connection.execute(text(again), {"payload": payload})
    story.worker("a peer")
    assert (story.entries(), story.receipts()) == (BOOKED, 1)


def test_two_sweeps_at_once_book_everything_once(story: Story) -> None:
    """40, its last sentence."""
    checkout = story.world.checkout
    paid = [story.world.give(email=f"giver{number}@example.org") for number in range(4)]
    for session_id in paid:
        checkout.pay(session_id)
        checkout.dispute(session_id, 1000)
    checkout.move("stripe_fee", -200)
    story.world.clock.move(minutes=15)
    sweep = story.world.app.extensions["undersigned.payments"].sweep
    at_once(sweep, sweep)
    assert sorted(story.entries()) == sorted([*BOOKED, "disputed"] * 4 + ["unknown"])
    assert story.balance() == checkout.balance().sums[0].minor


@pytest.mark.parametrize("hours", [0.1, 3])
def test_while_the_provider_is_away_the_event_is_kept_and_tried_again(story: Story, hours: float) -> None:
    """18."""
    session_id = story.world.give()
    story.world.checkout.pay(session_id)
    story.world.checkout.is_away = True
    assert story.world.ring("evt_1", "checkout.session", session_id).status_code == 200
    for _ in range(4):
        story.worker("a")
        story.world.clock.move(minutes=1)
    (item,) = story.rows("SELECT state, attempts FROM outbox_item WHERE kind = 'payments.sync'")
    assert (item["state"], item["attempts"] > 1) == ("due", True)
    story.world.checkout.is_away = False
    story.world.clock.move(hours=hours)
    story.worker("a")
    assert story.entries() == BOOKED


def test_a_word_that_nobody_knows_is_told_and_others_go_on(short_story: Story) -> None:
    """18, the unknown word."""
    odd, sound = short_story.world.give(), short_story.world.give(email="jo@example.org")
    for session_id in (odd, sound):
        short_story.world.checkout.pay(session_id)
    refund = short_story.world.checkout.refund(odd, 500)
    short_story.world.checkout.change_refund(odd, replace(refund, status="on_holiday"))
    short_story.sweep()
    assert short_story.told() == ["unknown_status"]
    assert short_story.entries().count("settled") == 2
    assert short_story.general_fees() == FEE + FEE
