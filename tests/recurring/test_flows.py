"""What no event told, what is not ours, and what is mailed once."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from campaigns.kernel.money import Money
from campaigns.kernel.ports import PaymentsRefused
from campaigns.recurring import flows
from campaigns.recurring.operations import OtherCurrency
from campaigns.recurring.rules import Act
from tests.donations.make import GIVEN
from tests.recurring.make import Months


def test_everything_is_found_without_a_single_event(months: Months) -> None:
    session_id = months.promise()
    subscription_id = months.vendor.pay(session_id)
    months.world.clock.move(minutes=10)
    months.world.run_worker()
    assert months.figures().given == GIVEN
    months.world.clock.move(days=30)
    months.vendor.renew(subscription_id)
    months.world.clock.move(minutes=10)
    months.world.run_worker()
    assert months.figures().given == GIVEN + GIVEN
    assert months.subjects() == ["Thank you: receipt for $30.00"] * 2


def test_the_sweep_asks_once_and_books_nothing_twice(short_months: Months) -> None:
    short_months.begin()
    entries = short_months.entries()
    for _ in range(3):
        short_months.recurring.sweep()
    short_months.recurring.sweep_all()
    assert short_months.entries() == entries


def test_a_cancellation_at_the_provider_s_side_is_noticed_a_day_after_the_period(short_months: Months) -> None:
    subscription_id = short_months.begin()
    short_months.vendor.change(subscription_id, status="canceled", ended_at=short_months.world.clock())
    short_months.recurring.sweep()
    assert short_months.monthly(subscription_id).state == "active", "nobody has told, and it is not due"
    short_months.world.clock.move(days=32)
    short_months.recurring.sweep()
    assert short_months.monthly(subscription_id).state == "ended"


def test_an_end_that_was_asked_for_at_the_provider_s_stands_on_the_page(short_months: Months) -> None:
    subscription_id = short_months.begin()
    end = short_months.vendor.subscriptions[subscription_id].period_end
    short_months.vendor.change(subscription_id, ends_at=end)
    short_months.tell("subscription", subscription_id)
    page = short_months.world.client.get(short_months.manage()).text
    assert "It ends on" in page
    assert "The next month is taken on" not in page


def test_once_and_each_month_are_two_choices_and_twice_each_month_may_be_a_mistake(short_months: Months) -> None:
    short_months.world.pay(short_months.world.give())
    short_months.begin()
    assert short_months.told() == []
    short_months.begin()
    assert short_months.told() == ["duplicate"]


@pytest.mark.parametrize("problem", [ValueError, PaymentsRefused])
def test_one_that_cannot_be_taken_in_keeps_no_other_waiting(
    short_months: Months, caplog: pytest.LogCaptureFixture, problem: type[Exception]
) -> None:
    first, second = short_months.begin(), short_months.begin(email="second@example.org")
    short_months.world.clock.move(days=30)
    broken, sound = short_months.vendor.renew(first), short_months.vendor.renew(second)
    short_months.spoil("fetch_invoice", broken, problem)
    short_months.recurring.sweep()
    assert "something monthly cannot be taken in" in caplog.text
    assert sound in {row["invoice_id"] for row in short_months.rows("SELECT invoice_id FROM payment")}


@pytest.mark.parametrize("amount", [Money(2999, "USD"), Money(3000, "EUR")], ids=str)
def test_a_month_nobody_agreed_to_is_parked_and_booked_to_no_fund(
    short_months: Months, caplog: pytest.LogCaptureFixture, amount: Money
) -> None:
    subscription_id = short_months.begin()
    invoice_id = short_months.vendor.ask(subscription_id, amount=amount)
    short_months.tell("invoice", invoice_id)
    assert short_months.figures().given == GIVEN
    states = {row["invoice_id"]: row["state"] for row in short_months.rows("SELECT invoice_id, state FROM payment")}
    assert states[invoice_id] == "parked"
    assert "parked" in caplog.text
    short_months.tell("invoice", invoice_id)
    assert short_months.donations() == 1
    assert short_months.told() == ["mismatch"]


def test_a_month_of_the_other_mode_is_parked(short_months: Months) -> None:
    subscription_id = short_months.begin()
    invoice_id = short_months.vendor.ask(subscription_id)
    short_months.vendor.invoices[invoice_id] = replace(short_months.vendor.invoices[invoice_id], livemode=True)
    short_months.tell("invoice", invoice_id)
    assert short_months.donations() == 1


def test_what_belongs_to_another_product_on_the_account_is_left_alone(
    short_months: Months, caplog: pytest.LogCaptureFixture
) -> None:
    mine = short_months.begin()
    vendor = short_months.vendor
    vendor.subscriptions["sub_other"] = replace(vendor.subscriptions[mine], id="sub_other", metadata={})
    invoice_id = vendor.ask("sub_other")
    charge = vendor.invoices[invoice_id].charge
    assert charge
    short_months.tell("invoice", invoice_id, "subscription", "sub_other", "charge", charge.id)
    assert short_months.donations() == 1
    assert "not ours" in caplog.text


def test_a_subscription_that_borrows_our_number_neither_moves_nor_pays_ours(short_months: Months) -> None:
    mine = short_months.begin()
    vendor = short_months.vendor
    vendor.subscriptions["sub_thief"] = replace(vendor.subscriptions[mine], id="sub_thief", status="canceled")
    short_months.tell("subscription", "sub_thief", "invoice", vendor.ask("sub_thief"))
    assert short_months.monthly(mine).state == "active"
    assert short_months.donations() == 1


@pytest.mark.parametrize("kind", ["invoice", "subscription", "checkout.session", "charge", "payment_intent"])
def test_what_the_provider_does_not_know_is_no_error(short_months: Months, kind: str) -> None:
    short_months.tell(kind, "unknown_1")
    assert not [row for row in short_months.rows("SELECT problem FROM outbox_item") if row["problem"]]


def test_an_amount_in_another_currency_is_never_asked_for(short_months: Months) -> None:
    subscription_id = short_months.begin()
    with pytest.raises(OtherCurrency):
        short_months.recurring.act(short_months.monthly(subscription_id).id, Act.AMOUNT, Money(200_000, "HUF"))
    assert short_months.vendor.subscriptions[subscription_id].amount == GIVEN


def test_an_event_about_something_paid_once_goes_the_way_of_what_is_paid_once(short_months: Months) -> None:
    session_id = short_months.world.give()
    short_months.world.checkout.pay(session_id)
    charge = short_months.world.checkout.sessions[session_id].charge
    assert charge
    short_months.tell("charge", charge.id)
    assert short_months.figures().given == GIVEN
    calls = len(short_months.vendor.calls)
    short_months.tell("charge", charge.id, "checkout.session", session_id)
    assert len(short_months.vendor.calls) == calls, "our own rows know what they are"


def test_a_stale_answer_changes_nothing_but_an_end_is_an_end(short_months: Months) -> None:
    subscription_id = short_months.begin()
    vendor, recurring = short_months.vendor, short_months.recurring
    old = vendor.subscriptions[subscription_id]
    fetch = vendor.fetch_subscription

    def fetched_late(remote_id: str) -> Any:
        """While this answer is on its way, it is paused, and that is taken in."""
        vendor.fetch_subscription = fetch  # type: ignore[method-assign]
        short_months.world.clock.move(seconds=1)
        vendor.change(remote_id, is_paused=True)
        recurring.sync_subscription(remote_id)
        return old

    vendor.fetch_subscription = fetched_late  # type: ignore[method-assign]
    recurring.sync_subscription(subscription_id)
    assert short_months.monthly(subscription_id).state == "paused"


# Mails


def test_the_first_receipt_says_that_it_has_begun_and_the_next_does_not(months: Months) -> None:
    subscription_id = months.begin()
    months.renew(subscription_id)
    first, second = months.world.mailer.to("maria@example.org")
    assert "Your monthly gift has begun" in first.text
    assert "Your monthly gift has begun" not in second.text
    assert "/monthly/manage/" in first.text
    assert "/monthly/manage/" in second.text


def test_a_gift_once_has_no_link_to_anything_monthly(short_months: Months) -> None:
    short_months.world.pay(short_months.world.give())
    assert "/monthly/" not in short_months.world.mailer.to("maria@example.org")[0].text


def test_a_failed_month_is_told_once_however_often_it_is_tried(short_months: Months) -> None:
    subscription_id = short_months.begin()
    invoice_id = short_months.renew(subscription_id, paid=False)
    for _ in range(2):
        short_months.world.clock.move(days=3)
        short_months.vendor.try_card(invoice_id, paid=False)
        short_months.tell("invoice", invoice_id)
    assert short_months.subjects()[1:] == ["Your card was declined: Jo Hill and the hub"]
    assert "tried once more on" in short_months.world.mailer.sent[-1].text


def test_an_end_for_want_of_payment_says_why(short_months: Months) -> None:
    subscription_id = short_months.begin()
    ended_at = short_months.world.clock.move(days=15)
    short_months.vendor.change(subscription_id, status="canceled", ended_at=ended_at, ended_unpaid=True)
    short_months.tell("subscription", subscription_id)
    assert "your card was declined several times" in short_months.world.mailer.sent[-1].text


def test_a_card_that_runs_out_is_told_of_once_a_month_and_not_where_it_was_renewed(short_months: Months) -> None:
    mine, other = short_months.begin(), short_months.begin(email="other@example.org")
    soon = short_months.world.clock().date() + timedelta(days=20)
    for subscription_id in (mine, other):
        short_months.vendor.change(subscription_id, card_expires=soon)
        short_months.tell("subscription", subscription_id)
    short_months.vendor.change(other, card_expires=date(2034, 1, 1))  # its bank has sent the new number meanwhile
    for _ in range(4):
        short_months.world.clock.move(days=1)
        short_months.world.run_worker()
    assert short_months.subjects()[1:] == ["Your card runs out soon: Jo Hill and the hub"]
    assert short_months.subjects("other@example.org") == ["Thank you: receipt for $30.00"]


def test_all_cards_that_run_out_are_told_of_however_many_there_are(
    short_months: Months, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look took the same first ones, told or not: nobody behind them ever heard of it."""
    monkeypatch.setattr(flows, "SWEEP_BATCH", 2)
    owners = [f"maria{number}@example.org" for number in range(5)]
    soon = short_months.world.clock().date() + timedelta(days=20)
    for email in owners:
        short_months.vendor.change(short_months.begin(email=email), card_expires=soon)
    short_months.tell(*(word for each in short_months.vendor.subscriptions for word in ("subscription", each)))
    short_months.recurring.warn_of_cards()
    short_months.world.run_worker()
    assert [short_months.subjects(email)[1:] for email in owners] == [
        ["Your card runs out soon: Jo Hill and the hub"]
    ] * 5


def test_a_card_that_cannot_be_looked_at_keeps_no_other_owner_unwarned(
    short_months: Months, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = short_months.begin(), short_months.begin(email="second@example.org")
    for subscription_id in (broken, sound):
        short_months.vendor.change(subscription_id, card_expires=short_months.world.clock().date() + timedelta(days=20))
        short_months.tell("subscription", subscription_id)
    short_months.spoil("fetch_subscription", broken)
    short_months.recurring.warn_of_cards()
    short_months.world.run_worker()
    assert "something monthly cannot be taken in" in caplog.text
    assert short_months.subjects("second@example.org")[1:] == ["Your card runs out soon: Jo Hill and the hub"]


def test_who_has_ended_is_not_told_of_a_card(short_months: Months) -> None:
    subscription_id = short_months.begin()
    soon = short_months.world.clock().date() + timedelta(days=20)
    short_months.vendor.change(subscription_id, card_expires=soon)
    short_months.press("cancel")
    short_months.world.clock.move(days=1)
    short_months.world.run_worker()
    assert short_months.subjects()[1:] == ["Ended: Jo Hill and the hub"]
