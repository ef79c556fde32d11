"""Refunds that wait, arrive or come back."""

from typing import Any

import pytest

from sandbox.stripe import app as stripe_app
from sandbox.stripe import charges, refunds
from tests.sandbox.driving import visit
from tests.sandbox.rig import Rig


def _press(rig: Rig, thing: Any, word: str) -> int:
    return visit(f"{rig.stripe_url}/control/{thing.id}/{word}", {}).status


def _charge(rig: Rig, card: str = "4242") -> Any:
    session = rig.new_session()
    rig.press(session, "pay", card=card)
    expand = {"expand": ["payment_intent.latest_charge"]}
    return rig.api.checkout.sessions.retrieve(session.id, expand).payment_intent.latest_charge


@pytest.mark.parametrize(
    ("hold", "end", "status", "amounts", "told"),
    [
        (None, None, "succeeded", [-1000], []),
        (None, "fail-refund", "failed", [1000, -1000], ["refund.failed"]),
        ("processing", None, "pending", [-1000], []),
        ("processing", "finish-refund", "succeeded", [-1000], []),
        ("processing", "fail-refund", "failed", [1000, -1000], ["refund.failed"]),
        ("insufficient_funds", None, "pending", [], []),
        ("insufficient_funds", "finish-refund", "succeeded", [-1000], []),
        ("insufficient_funds", "fail-refund", "failed", [], ["refund.failed"]),
    ],
)
def test_each_course_of_a_refund_moves_the_money_and_tells_the_site(
    rig: Rig, hold: str | None, end: str | None, status: str, amounts: list[int], told: list[str]
) -> None:
    charge = _charge(rig)
    assert visit(f"{rig.stripe_url}/control/refunds", {"wait": hold or ""}).status == 303
    refund = rig.api.refunds.create({"charge": charge.id, "amount": 1000})
    assert getattr(refund, "pending_reason", None) == hold
    if end:
        assert _press(rig, refund, end) == 303
    after = rig.api.refunds.retrieve(refund.id)
    movements = rig.api.balance_transactions.list({"source": refund.id}).data
    assert (after.status, [movement.amount for movement in movements]) == (status, amounts)
    assert rig.api.charges.retrieve(charge.id).amount_refunded == (0 if status == "failed" else 1000)
    rig.quiet()
    changed = ["refund.updated", "charge.refund.updated"] if end else []
    assert rig.site.types()[5:] == ["refund.created", "charge.refunded", *changed, *told]


def test_a_failed_refund_names_the_movement_that_came_back_and_can_be_made_again(rig: Rig) -> None:
    charge = _charge(rig)
    refund = rig.api.refunds.create({"charge": charge.id})
    _press(rig, refund, "fail-refund")
    failed = rig.api.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    assert failed.failure_reason == "lost_or_stolen_card"
    assert (failed.failure_balance_transaction.type, failed.failure_balance_transaction.net) == ("refund_failure", 3000)
    assert _press(rig, refund, "fail-refund") == 400
    assert rig.api.refunds.create({"charge": charge.id}).status == "succeeded"


@pytest.mark.parametrize(("card", "first", "last"), [("7726", "pending", "succeeded"), ("5126", "succeeded", "failed")])
def test_a_test_card_finishes_or_fails_its_refunds_by_itself(rig: Rig, card: str, first: str, last: str) -> None:
    refund = rig.api.refunds.create({"charge": _charge(rig, card).id})
    assert refund.status == first
    stripe_app.move_clock(rig.account, 61)
    assert rig.api.refunds.retrieve(refund.id).status == last


def test_a_refund_that_waits_for_its_charge_can_neither_arrive_nor_fail(rig: Rig) -> None:
    charges.set_delay(rig.account, 3600)
    refund = rig.api.refunds.create({"charge": _charge(rig).id})
    assert [_press(rig, refund, word) for word in ("finish-refund", "fail-refund")] == [400, 400]
    assert rig.api.refunds.retrieve(refund.id).status == "pending"


def test_a_word_nobody_knows_lets_refunds_pass(rig: Rig) -> None:
    refunds.hold(rig.account, "processing")
    visit(f"{rig.stripe_url}/control/refunds", {"wait": "forever"})
    assert refunds.held(rig.account) is None
