"""Money going back."""

from typing import Any

import pytest
import stripe

from sandbox.stripe import app as stripe_app
from sandbox.stripe import charges
from tests.sandbox.rig import Rig


def test_a_refund_in_two_parts_books_two_movements_and_leaves_the_fee(rig: Rig) -> None:
    charge = rig.paid().payment_intent.latest_charge
    first = rig.api.refunds.create({"charge": charge.id, "amount": 1000, "reason": "requested_by_customer"})
    second = rig.api.refunds.create({"payment_intent": charge.payment_intent}, {"idempotency_key": "rest"})
    assert (first.status, first.amount, second.amount) == ("succeeded", 1000, 2000)
    booked = rig.api.balance_transactions.retrieve(second.balance_transaction)
    assert (booked.type, booked.amount, booked.fee, booked.net, booked.source) == ("refund", -2000, 0, -2000, second.id)
    after = rig.api.charges.retrieve(charge.id, {"expand": ["refunds.data.balance_transaction"]})
    assert (after.amount_refunded, after.refunded) == (3000, True)
    assert [refund.balance_transaction.amount for refund in after.refunds.data] == [-2000, -1000]
    assert rig.api.balance.retrieve().pending[0].amount == -117


def test_a_refund_is_told_to_the_site(rig: Rig) -> None:
    charge = rig.paid().payment_intent.latest_charge
    rig.api.refunds.create({"charge": charge.id, "amount": 1000, "metadata": {"request": "7"}})
    rig.quiet()
    created, refunded = rig.site.events()[-2:]
    assert (created["type"], created["data"]["object"]["metadata"]) == ("refund.created", {"request": "7"})
    assert created["request"]["id"].startswith("req_")
    assert created["request"]["idempotency_key"]
    assert (refunded["type"], refunded["data"]["object"]["amount_refunded"]) == ("charge.refunded", 1000)
    assert refunded["data"]["previous_attributes"] == {"amount_refunded": 0}


def test_a_refund_of_a_charge_that_is_not_booked_waits_for_it(rig: Rig) -> None:
    charges.set_delay(rig.account, 3600)
    charge = rig.paid().payment_intent.latest_charge
    refund = rig.api.refunds.create({"charge": charge.id})
    assert (refund.status, refund.pending_reason, refund.balance_transaction) == ("pending", "charge_pending", None)
    stripe_app.move_clock(rig.account, 3601)
    after = rig.api.refunds.retrieve(refund.id, {"expand": ["balance_transaction"]})
    assert (after.status, after.balance_transaction.amount) == ("succeeded", -3000)
    assert "pending_reason" not in after
    rig.quiet()
    assert rig.site.types()[-3:] == ["charge.updated", "refund.updated", "charge.refund.updated"]


REFUSED: list[tuple[dict[str, Any], str | None, str | None]] = [
    ({}, None, "parameter_missing"),
    ({"charge": "{charge}", "payment_intent": "{intent}"}, "charge", "parameters_exclusive"),
    ({"charge": "ch_nothing"}, "charge", "resource_missing"),
    ({"charge": "{intent}"}, "charge", "resource_missing"),
    ({"charge": "{charge}", "amount": 2001}, "amount", None),
    ({"charge": "{charge}", "amount": 0}, "amount", "parameter_invalid_integer"),
    ({"charge": "{charge}", "reason": "boredom"}, "reason", None),
    ({"charge": "{charge}", "note": "x"}, "note", "parameter_unknown"),
]


@pytest.mark.parametrize(("params", "param", "code"), REFUSED, ids=lambda value: str(value)[:50])
def test_a_refund_that_breaks_a_rule_is_refused(
    rig: Rig, params: dict[str, Any], param: str | None, code: str | None
) -> None:
    charge = rig.paid().payment_intent.latest_charge
    rig.api.refunds.create({"charge": charge.id, "amount": 1000})
    names = {"{charge}": charge.id, "{intent}": charge.payment_intent}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        rig.api.refunds.create({key: names.get(value, value) for key, value in params.items()})
    assert (refused.value.param, refused.value.code) == (param, code)
    assert len(rig.api.refunds.list({"charge": charge.id}).data) == 1


def test_nothing_is_left_to_refund_of_a_refunded_charge(rig: Rig) -> None:
    charge = rig.paid().payment_intent.latest_charge
    rig.api.refunds.create({"charge": charge.id})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        rig.api.refunds.create({"charge": charge.id})
    assert refused.value.code == "charge_already_refunded"


def test_an_unpaid_intent_and_a_failed_charge_cannot_be_refunded(rig: Rig) -> None:
    session = rig.new_session()
    rig.press(session, "decline")
    intent = rig.api.checkout.sessions.retrieve(session.id).payment_intent
    failed = rig.api.charges.list().data[0].id
    for params in ({"payment_intent": intent}, {"charge": failed}):
        with pytest.raises(stripe.InvalidRequestError):
            rig.api.refunds.create(params)


@pytest.mark.parametrize("field", ["charge", "payment_intent"])
def test_refunds_are_found_by_what_they_refund(rig: Rig, field: str) -> None:
    charge, other = (rig.paid().payment_intent.latest_charge for _ in range(2))
    refund = rig.api.refunds.create({"charge": charge.id})
    rig.api.refunds.create({"charge": other.id})
    value = {"charge": charge.id, "payment_intent": charge.payment_intent}[field]
    assert [found.id for found in rig.api.refunds.list({field: value})] == [refund.id]


def test_an_opened_list_of_refunds_is_one_page_and_says_that_there_is_more(rig: Rig) -> None:
    charge = rig.paid().payment_intent.latest_charge
    made = [rig.api.refunds.create({"charge": charge.id, "amount": 10}).id for _ in range(11)]
    opened = rig.api.charges.retrieve(charge.id, {"expand": ["refunds"]}).refunds
    assert [refund.id for refund in opened.data] == made[:0:-1]
    assert opened.has_more is True
    assert opened.url == f"/v1/charges/{charge.id}/refunds"
