"""Scenarios 10 and 38 of the forty: what is paid monthly is booked once, in whatever order anybody tells of it."""

from collections.abc import Iterator
from itertools import permutations

import pytest

from tests.donations.make import FEE, GIVEN, at_once
from tests.make import World, appeal
from tests.recurring.make import Months


@pytest.fixture
def short_months(sqlite_world: World) -> Iterator[Months]:
    sqlite_world.publish(appeal())
    story = Months(sqlite_world)
    yield story
    story.prove()


ORDERS = list(permutations(["checkout.session", "invoice", "subscription", "charge"]))


@pytest.fixture
def months(world: World) -> Iterator[Months]:
    world.publish(appeal())
    story = Months(world)
    yield story
    story.prove()


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: " ".join(word[:2] for word in order))
def test_scenario_10_the_first_month_is_one_gift_in_any_order_of_its_events(
    sqlite_world: World, order: tuple[str, ...]
) -> None:
    sqlite_world.publish(appeal())
    months = Months(sqlite_world)
    session_id = months.promise()
    subscription_id = months.vendor.pay(session_id)
    invoice_id = months.vendor.subscriptions[subscription_id].latest_invoice_id or ""
    charge = months.vendor.invoices[invoice_id].charge
    assert charge
    ids = {
        "checkout.session": session_id, "invoice": invoice_id, "subscription": subscription_id, "charge": charge.id,
    }  # fmt: skip
    for kind in order:
        months.tell(kind, ids[kind])
    assert months.donations() == 1
    assert months.entries() == ["recognised", "settled"]
    assert months.figures().given == GIVEN
    assert months.receipts() == 1
    assert months.monthly(subscription_id).state == "active"
    months.prove()


def test_scenario_10_both_at_once_are_one_gift(months: Months) -> None:
    session_id = months.promise()
    subscription_id = months.vendor.pay(session_id)
    invoice_id = months.vendor.subscriptions[subscription_id].latest_invoice_id or ""
    at_once(
        lambda: months.recurring.sync_subject("invoice", invoice_id),
        lambda: months.recurring.sync_subject("checkout.session", session_id),
        lambda: months.recurring.sync_subject("invoice", invoice_id),
        lambda: months.recurring.sync_subject("subscription", subscription_id),
    )
    months.world.run_worker()
    assert (months.donations(), months.entries()) == (1, ["recognised", "settled"])
    assert months.receipts() == 1


def test_scenario_38_a_renewal_fails_is_retried_and_succeeds(months: Months) -> None:
    subscription_id = months.begin()
    invoice_id = months.renew(subscription_id, paid=False)
    assert months.monthly(subscription_id).state == "past_due"
    assert months.donations() == 1
    months.tell("invoice", invoice_id)
    assert months.subjects()[1:] == ["Your card was declined: Jo Hill and the hub"], "once for each invoice"
    months.world.clock.move(days=3)
    months.vendor.try_card(invoice_id, paid=True)
    months.tell("invoice", invoice_id, "subscription", subscription_id)
    assert months.donations() == 2
    assert months.figures().given == GIVEN + GIVEN
    assert months.monthly(subscription_id).state == "active"
    assert months.subjects()[2:] == ["Thank you: receipt for $30.00"]


def test_scenario_38_a_month_paid_late_that_no_event_told_is_found_by_the_sweep(months: Months) -> None:
    subscription_id = months.begin()
    invoice_id = months.renew(subscription_id, paid=False)
    months.world.clock.move(days=7)
    months.vendor.try_card(invoice_id, paid=True)
    months.recurring.sweep()
    assert months.donations() == 2


def test_scenario_38_a_renewal_after_the_cancellation_is_booked_all_the_same(months: Months) -> None:
    """Money that came is money: it is booked and shown, and can be given back."""
    subscription_id = months.begin()
    assert months.press("cancel").status_code == 303
    invoice_id = months.renew(subscription_id)
    assert months.monthly(subscription_id).state == "ended"
    assert months.figures().given == GIVEN + GIVEN
    assert invoice_id in {row["invoice_id"] for row in months.rows("SELECT invoice_id FROM payment")}


def test_scenario_38_the_amount_is_changed_and_the_next_month_costs_it(months: Months) -> None:
    subscription_id = months.begin()
    assert months.press("amount", amount="45").status_code == 303
    months.renew(subscription_id)
    assert [row["amount_minor"] for row in months.rows("SELECT amount_minor FROM donation ORDER BY created_at")] == [
        3000,
        4500,
    ]
    assert "line_1" in months.vendor.subscriptions[subscription_id].metadata
    assert months.vendor.subscriptions[subscription_id].metadata["line_1"].split()[2] == "4500"


def test_scenario_38_a_retry_of_a_month_before_the_change_costs_the_old_amount(months: Months) -> None:
    subscription_id = months.begin()
    invoice_id = months.renew(subscription_id, paid=False)
    months.press("amount", amount="45")
    months.vendor.try_card(invoice_id, paid=True)
    months.tell("invoice", invoice_id)
    assert months.figures().given == GIVEN + GIVEN


@pytest.mark.parametrize("hours", [0, 30, 24 * 10], ids=["at once", "a day later", "ten days later"])
def test_scenario_38_a_restored_database_is_swept_to_the_same_books(months: Months, hours: int) -> None:
    """Yesterday's backup knows nothing of today's month: the sweep books it by the same keys, and mails nothing."""
    subscription_id = months.begin()
    before = months.snapshot()
    months.renew(subscription_id)
    told, keys, gifts = len(months.subjects()), months.keys(), months.public_ids()
    months.restore(before)
    months.world.clock.move(hours=hours)
    months.recurring.sweep()
    months.world.run_worker()
    assert months.keys() == keys
    assert months.public_ids() == gifts, "the links in receipts that were sent still lead to their gifts"
    assert months.figures().given == GIVEN + GIVEN
    assert len(months.subjects()) == told, "no receipt is sent twice"
    months.renew(subscription_id)
    assert len(months.subjects()) == told + 1, "what happens from then on is told"


def test_a_month_that_is_not_settled_settles_later(months: Months) -> None:
    months.vendor.delays_settlement = True
    subscription_id = months.begin()
    assert months.entries() == ["recognised"]
    invoice_id = months.vendor.subscriptions[subscription_id].latest_invoice_id or ""
    months.vendor.settle(invoice_id)
    months.world.clock.move(minutes=10)
    months.world.run_worker()
    assert months.entries() == ["recognised", "settled"]
    assert months.general_fees() == FEE


def test_a_refund_of_one_month_goes_back_from_its_fund(months: Months) -> None:
    subscription_id = months.begin()
    invoice_id = months.vendor.subscriptions[subscription_id].latest_invoice_id or ""
    months.tell("refund", months.vendor.refund(invoice_id, 1000))
    assert months.entries() == ["recognised", "settled", "refunded"]
    assert months.figures().refunded.minor == 1000
