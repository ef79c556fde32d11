"""Gifts that come again: begun on the payment page, renewed by the clock, changed, paused and ended."""

from typing import Any

import pytest
import stripe

from sandbox.stripe import app as stripe_app
from sandbox.stripe import periods
from tests.sandbox.driving import visit
from tests.sandbox.rig import MONTHLY, Rig

DAY = 24 * 3600
EXPAND = {"expand": ["subscription", "invoice", "customer"]}


def _session(rig: Rig, card: str = "4242", **changes: Any) -> Any:
    session = rig.new_session(**{**MONTHLY, **changes})
    rig.press(session, "pay", card=card)
    return rig.api.checkout.sessions.retrieve(session.id, EXPAND)


def _subscription(rig: Rig, card: str = "4242") -> Any:
    return _session(rig, card).subscription


def _now(rig: Rig, subscription: Any) -> Any:
    return rig.api.subscriptions.retrieve(subscription.id)


def _renew(rig: Rig, subscription: Any) -> Any:
    assert visit(f"{rig.stripe_url}/control/{subscription.id}/renew", {}).status == 303
    return _now(rig, subscription)


def _invoices(rig: Rig, subscription: Any) -> list[str]:
    return [invoice.status for invoice in rig.api.invoices.list({"subscription": subscription.id}).data]


def _told(rig: Rig, after: int = 0) -> list[str]:
    rig.quiet()
    return rig.site.types()[after:]


def test_paying_begins_a_subscription_with_its_customer_and_first_invoice(rig: Rig) -> None:
    session = _session(rig)
    assert (session.status, session.payment_status, session.payment_intent) == ("complete", "paid", None)
    subscription, invoice = session.subscription, session.invoice
    assert (subscription.status, subscription.customer) == ("active", session.customer.id)
    assert subscription.metadata.to_dict() == {"donation": "1"}
    assert invoice.parent.subscription_details.subscription == subscription.id
    assert invoice.parent.subscription_details.metadata.to_dict() == {"donation": "1"}
    assert (invoice.billing_reason, invoice.amount_paid, invoice.status) == ("subscription_create", 1000, "paid")
    (payment,) = rig.api.invoice_payments.list({"invoice": invoice.id}).data
    intent = rig.api.payment_intents.retrieve(payment.payment.payment_intent, {"expand": ["latest_charge"]})
    assert (intent.customer, intent.metadata.to_dict()) == (session.customer.id, {})
    assert intent.latest_charge.balance_transaction
    assert session.customer.email == "ana@example.org"


def test_a_change_adds_to_what_is_written_on_it_and_an_empty_value_takes_away(rig: Rig) -> None:
    subscription = _subscription(rig)
    rig.api.subscriptions.update(subscription.id, {"metadata": {"line_1": "a", "line_2": "b"}})
    changed = rig.api.subscriptions.update(subscription.id, {"metadata": {"line_2": ""}})
    assert changed.metadata.to_dict() == {"donation": "1", "line_1": "a"} == _now(rig, subscription).metadata.to_dict()


def test_the_beginning_is_told_in_stripe_s_order(rig: Rig) -> None:
    _session(rig)
    assert _told(rig) == [
        "customer.created", "payment_method.attached", "customer.subscription.created", "invoice.created",
        "invoice.finalized", "payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "invoice.paid",
        "invoice.payment_succeeded", "invoice_payment.paid", "charge.updated", "checkout.session.completed",
    ]  # fmt: skip


def test_a_declined_card_begins_nothing_and_the_next_one_does(rig: Rig) -> None:
    session = rig.new_session(**MONTHLY)
    rig.press(session, "pay", card="9995")
    assert rig.api.subscriptions.list().data == []
    assert "insufficient funds" in visit(session.url).text
    rig.press(session, "pay")
    assert len(rig.api.subscriptions.list().data) == 1


def test_a_known_customer_keeps_the_id(rig: Rig) -> None:
    customer = rig.api.customers.create({"email": "bo@example.org"})
    session = _session(rig, customer=customer.id, customer_email=None)
    assert session.customer.id == customer.id
    assert rig.api.customers.list().data[0].id == customer.id


def test_a_renewal_charges_again_at_the_end_of_the_period(rig: Rig) -> None:
    first = _subscription(rig)
    begun = len(_told(rig))
    second = _renew(rig, first)
    ends = first["items"].data[0].current_period_end
    assert second["items"].data[0].current_period_start == ends
    invoice = rig.api.invoices.retrieve(second.latest_invoice)
    assert (invoice.billing_reason, invoice.status, invoice.created) == ("subscription_cycle", "paid", ends)
    assert len(rig.api.charges.list({"customer": first.customer}).data) == 2
    told = _told(rig, begun)
    assert (told[0], told[-1]) == ("customer.subscription.updated", "charge.updated")
    assert "invoice.paid" in told


def test_a_year_at_once_renews_twelve_times(rig: Rig) -> None:
    subscription = _subscription(rig)
    stripe_app.move_clock(rig.account, 366 * DAY)
    made = rig.api.invoices.list({"subscription": subscription.id, "limit": 100}).data
    assert len(made) == 13
    assert len({invoice.number for invoice in made}) == 13


def test_a_renewal_that_is_declined_is_tried_again_and_then_ends_the_subscription(rig: Rig) -> None:
    subscription = _renew(rig, _subscription(rig, "0341"))
    assert (subscription.status, _invoices(rig, subscription)) == ("past_due", ["open", "paid"])
    invoice = rig.api.invoices.retrieve(subscription.latest_invoice)
    assert invoice.next_payment_attempt == invoice.created + 3 * DAY
    stripe_app.move_clock(rig.account, 6 * DAY)
    assert rig.api.invoices.retrieve(invoice.id).attempt_count == 3
    stripe_app.move_clock(rig.account, 2 * DAY)
    ended = _now(rig, subscription)
    assert (ended.status, ended.cancellation_details.reason) == ("canceled", "payment_failed")
    assert _told(rig).count("invoice.payment_failed") == 4


def test_a_new_card_in_the_portal_pays_what_is_open(rig: Rig) -> None:
    subscription = _renew(rig, _subscription(rig, "0341"))
    portal = rig.api.billing_portal.sessions.create(
        {"customer": subscription.customer, "return_url": "http://localhost:8000/my"}
    )
    assert "The last payment was declined" in visit(portal.url).text
    assert visit(f"{portal.url}/{subscription.id}", {"do": "card", "card": "4242"}).status == 303
    assert (_now(rig, subscription).status, _invoices(rig, subscription)) == ("active", ["paid", "paid"])
    stripe_app.move_clock(rig.account, 31 * DAY)
    assert _now(rig, subscription).status == "active"


def test_the_portal_ends_a_subscription_with_its_period_or_takes_that_back(rig: Rig) -> None:
    subscription = _subscription(rig)
    portal = rig.api.billing_portal.sessions.create({"customer": subscription.customer}).url
    for wanted in ("cancel", "keep", "cancel"):
        assert visit(f"{portal}/{subscription.id}", {"do": wanted}).status == 303
        assert _now(rig, subscription).cancel_at_period_end is (wanted == "cancel")
    assert "It ends on" in visit(portal).text
    assert _renew(rig, subscription).status == "canceled"
    assert _invoices(rig, subscription) == ["paid"]
    assert _told(rig)[-1] == "customer.subscription.deleted"
    later = rig.api.billing_portal.sessions.create({"customer": subscription.customer}).url
    assert "This subscription has ended" in visit(later).text


def test_a_portal_shows_one_customer_only_and_not_for_ever(rig: Rig) -> None:
    mine, other = _subscription(rig), _subscription(rig)
    portal = rig.api.billing_portal.sessions.create({"customer": mine.customer}).url
    assert visit(f"{portal}/{other.id}", {"do": "cancel"}).status == 404
    assert other.id not in visit(portal).text
    stripe_app.move_clock(rig.account, DAY + 1)
    assert visit(portal).status == 404


@pytest.mark.parametrize(
    ("behavior", "status"), [("keep_as_draft", "draft"), ("mark_uncollectible", "uncollectible"), ("void", "void")]
)
def test_a_paused_subscription_charges_nothing_until_it_is_resumed(rig: Rig, behavior: str, status: str) -> None:
    subscription = _subscription(rig)
    rig.api.subscriptions.update(subscription.id, {"pause_collection": {"behavior": behavior}})
    assert _renew(rig, subscription).status == "active"
    assert _invoices(rig, subscription) == [status, "paid"]
    assert rig.api.subscriptions.update(subscription.id, {"pause_collection": ""}).pause_collection is None
    _renew(rig, subscription)
    assert _invoices(rig, subscription) == ["paid", status, "paid"]


def test_a_pause_can_end_by_itself(rig: Rig) -> None:
    subscription = _subscription(rig)
    pause = {"behavior": "void", "resumes_at": rig.account.now() + 40 * DAY}
    rig.api.subscriptions.update(subscription.id, {"pause_collection": pause})
    stripe_app.move_clock(rig.account, 63 * DAY)
    assert _invoices(rig, subscription) == ["paid", "void", "paid"]


def test_the_amount_is_changed_from_the_next_period_on(rig: Rig) -> None:
    subscription = _subscription(rig)
    item = subscription["items"].data[0]
    data = {"currency": "usd", "product": item.price.product, "recurring": {"interval": "month"}, "unit_amount": 2500}
    change = {"items": [{"id": item.id, "price_data": data}], "proration_behavior": "none"}
    rig.api.subscriptions.update(subscription.id, change)
    assert rig.api.invoices.retrieve(_renew(rig, subscription).latest_invoice).amount_paid == 2500


def test_a_canceled_subscription_is_over_and_listed_only_on_request(rig: Rig) -> None:
    subscription = _subscription(rig)
    assert rig.api.subscriptions.cancel(subscription.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError):
        rig.api.subscriptions.cancel(subscription.id)
    with pytest.raises(stripe.InvalidRequestError):
        rig.api.subscriptions.update(subscription.id, {"description": "again"})
    assert rig.api.subscriptions.list({"customer": subscription.customer}).data == []
    assert len(rig.api.subscriptions.list({"status": "all"}).data) == 1
    stripe_app.move_clock(rig.account, 62 * DAY)
    assert _invoices(rig, subscription) == ["paid"]


@pytest.mark.parametrize(
    "change",
    [
        {"items": [{"id": "{item}", "quantity": 2}]},
        {"items": [{"id": "si_none", "quantity": 2}], "proration_behavior": "none"},
        {"default_payment_method": "pm_none"},
        {"trial_end": 5},
    ],
    ids=str,
)
def test_a_change_that_breaks_a_rule_is_refused(rig: Rig, change: dict[str, Any]) -> None:
    subscription = _subscription(rig)
    if "items" in change and change["items"][0]["id"] == "{item}":
        change = {"items": [{"id": subscription["items"].data[0].id, "quantity": 2}]}
    with pytest.raises(stripe.InvalidRequestError):
        rig.api.subscriptions.update(subscription.id, change)


@pytest.mark.parametrize("card", ["card-declines", "cancel"])
def test_the_control_page_spoils_or_ends_a_subscription(rig: Rig, card: str) -> None:
    subscription = _subscription(rig)
    assert visit(f"{rig.stripe_url}/control/{subscription.id}/{card}", {}).status == 303
    assert _renew(rig, subscription).status == ("past_due" if card == "card-declines" else "canceled")
    assert subscription.id in visit(rig.stripe_url).text


@pytest.mark.parametrize(
    ("interval", "count", "number", "then"),
    [
        ("day", 1, 3, 1769904000 + 3 * DAY),
        ("week", 2, 1, 1769904000 + 14 * DAY),
        ("month", 1, 1, 1772236800),  # 31 January, 28 February, …
        ("month", 1, 2, 1774915200),  # … and the 31st of March again
        ("month", 3, 1, 1777507200),
        ("year", 1, 1, 1801353600),
    ],
)
def test_a_period_begins_on_the_day_of_its_anchor_or_the_month_s_last(
    interval: str, count: int, number: int, then: int
) -> None:
    anchor = 1769817600 if interval in ("month", "year") else 1769904000  # 31 January, 1 February 2026
    assert periods.start(anchor, {"interval": interval, "interval_count": count}, number) == then
