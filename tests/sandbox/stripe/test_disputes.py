"""A giver's bank asks, takes the money, gives it back or keeps it."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from sandbox.stripe import charges, disputes, fraud_warnings
from sandbox.stripe.account import Account
from sandbox.stripe.errors import ApiError
from sandbox.stripe.store import Json
from tests.sandbox.driving import visit
from tests.sandbox.rig import Rig


def _press(rig: Rig, thing: Any, word: str, **fields: str) -> None:
    page = visit(f"{rig.stripe_url}/control/{thing.id}/{word}", fields)
    assert page.status == 303, page.text


def _disputed(rig: Rig, how: str = "at once") -> Any:
    charge = rig.paid().payment_intent.latest_charge
    _press(rig, charge, "dispute", how=how)
    return rig.api.disputes.list({"charge": charge.id}).data[0]


def _told(rig: Rig) -> list[str]:
    rig.quiet()
    return [event["type"] for event in rig.site.events() if "dispute" in event["type"]]


def _nets(rig: Rig, dispute: Any) -> list[int]:
    return [movement.net for movement in rig.api.disputes.retrieve(dispute.id).balance_transactions]


@pytest.mark.parametrize(
    ("how", "presses", "status", "nets", "told"),
    [
        ("inquiry", [], "warning_needs_response", [], ["created"]),
        ("inquiry", ["answer", "close-inquiry"], "warning_closed", [], ["created", "updated", "closed"]),
        ("inquiry", ["escalate"], "needs_response", [-4500], ["created", "updated", "funds_withdrawn"]),
        ("later", [], "needs_response", [], ["created"]),
        ("later", ["win"], "won", [], ["created", "closed"]),
        ("later", ["withdraw", "lose"], "lost", [-4500], ["created", "funds_withdrawn", "closed"]),
        ("at once", ["answer"], "under_review", [-4500], ["created", "funds_withdrawn", "updated"]),
        ("at once", ["lose"], "lost", [-4500], ["created", "funds_withdrawn", "closed"]),
        ("at once", ["win"], "won", [-4500, 3000], ["created", "funds_withdrawn", "funds_reinstated", "closed"]),
    ],
)
def test_each_course_of_a_dispute_moves_the_money_and_tells_the_site(
    rig: Rig, how: str, presses: list[str], status: str, nets: list[int], told: list[str]
) -> None:
    dispute = _disputed(rig, how)
    for word in presses:
        _press(rig, dispute, word)
    after = rig.api.disputes.retrieve(dispute.id)
    assert (after.status, _nets(rig, dispute)) == (status, nets)
    assert rig.api.balance_transactions.list({"type": "adjustment"}).data == after.balance_transactions[::-1]
    assert rig.api.charges.retrieve(dispute.charge).disputed is True
    assert _told(rig) == [f"charge.dispute.{word}" for word in told]


def test_a_withdrawal_names_its_dispute_and_its_fee(rig: Rig) -> None:
    dispute = _disputed(rig)
    booked = dispute.balance_transactions[0]
    assert (booked.amount, booked.fee, booked.source, booked.type) == (-3000, 1500, dispute.id, "adjustment")
    assert (booked.reporting_category, booked.fee_details[0].description) == ("dispute", "Dispute fee")
    assert rig.api.balance_transactions.retrieve(booked.id, {"expand": ["source"]}).source.id == dispute.id


def test_only_what_was_not_given_back_is_disputed(rig: Rig) -> None:
    charge = rig.paid().payment_intent.latest_charge
    rig.api.refunds.create({"charge": charge.id, "amount": 1000})
    _press(rig, charge, "dispute")
    assert rig.api.disputes.list({"payment_intent": charge.payment_intent}).data[0].amount == 2000


def test_a_dispute_may_ask_for_more_than_was_paid(rig: Rig) -> None:
    charge = rig.paid().payment_intent.latest_charge
    made = disputes.dispute(rig.account, rig.account.store.must(charge.id), 3050)
    assert made["balance_transactions"][0]["amount"] == -3050


@pytest.mark.parametrize(("how", "refused"), [("inquiry", False), ("later", True), ("at once", True)])
def test_a_disputed_charge_cannot_be_refunded_but_an_inquiry_can_be_answered_so(
    rig: Rig, how: str, refused: bool
) -> None:
    dispute = _disputed(rig, how)
    if not refused:
        assert rig.api.refunds.create({"charge": dispute.charge}).status == "succeeded"
        return
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        rig.api.refunds.create({"charge": dispute.charge})
    assert refusal.value.code == "charge_disputed"


Act = Callable[[Account, Json], object]


@pytest.mark.parametrize(
    ("how", "act"),
    [
        ("inquiry", disputes.win),
        ("inquiry", disputes.withdraw),
        ("at once", disputes.withdraw),
        ("at once", disputes.close_inquiry),
        ("at once", disputes.escalate),
    ],
)
def test_a_dispute_takes_no_step_that_does_not_follow(rig: Rig, how: str, act: Act) -> None:
    made = rig.account.store.must(_disputed(rig, how).id)
    with pytest.raises(ApiError):
        act(rig.account, made)


def test_a_charge_that_is_refunded_unbooked_or_disputed_cannot_be_disputed(rig: Rig) -> None:
    refunded = rig.paid().payment_intent.latest_charge
    rig.api.refunds.create({"charge": refunded.id})
    disputed = _disputed(rig).charge
    charges.set_delay(rig.account, 3600)
    unbooked = rig.paid().payment_intent.latest_charge.id
    for charge in (refunded.id, disputed, unbooked):
        page = visit(f"{rig.stripe_url}/control/{charge}/dispute", {})
        assert (page.status, 'role="alert"' in page.text) == (400, True)
    assert len(rig.api.disputes.list().data) == 1


@pytest.mark.parametrize("end", ["dispute", "refund"])
def test_a_fraud_warning_asks_for_action_until_the_charge_is_disputed_or_refunded(rig: Rig, end: str) -> None:
    charge = rig.paid().payment_intent.latest_charge
    _press(rig, charge, "warn-of-fraud")
    (warning,) = rig.api.radar.early_fraud_warnings.list({"charge": charge.id}).data
    assert (warning.actionable, warning.payment_intent) == (True, charge.payment_intent)
    if end == "dispute":
        _press(rig, charge, "dispute")
    else:
        rig.api.refunds.create({"charge": charge.id})
    assert rig.api.radar.early_fraud_warnings.retrieve(warning.id).actionable is False
    rig.quiet()
    told = [event for event in rig.site.types() if event.startswith(fraud_warnings.KIND)]
    assert told == [f"{fraud_warnings.KIND}.{word}" for word in ("created", "updated")]


@pytest.mark.parametrize("path", ["dp_1/win", "ch_1/dispute", "{charge}/win", "{charge}/dance"])
def test_a_button_for_nothing_is_not_found(rig: Rig, path: str) -> None:
    charge = rig.paid().payment_intent.latest_charge.id
    assert visit(f"{rig.stripe_url}/control/{path.format(charge=charge)}", {}).status == 404


@pytest.mark.parametrize("resource", ["disputes", "radar.early_fraud_warnings"])
def test_what_nobody_made_is_not_found(rig: Rig, resource: str) -> None:
    service = rig.api
    for step in resource.split("."):
        service = getattr(service, step)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        service.retrieve("dp_none")
    assert refusal.value.code == "resource_missing"
