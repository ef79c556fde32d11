"""Money that goes to the bank, and comes back."""

from typing import Any

import pytest
import stripe

from sandbox.stripe import app as stripe_app
from sandbox.stripe import payouts
from tests.sandbox.driving import visit
from tests.sandbox.rig import Rig

DAY = 24 * 3600


def _paid_out(rig: Rig) -> Any:
    assert visit(f"{rig.stripe_url}/control/payouts", {"do": "now"}).status == 303
    return rig.api.payouts.list({"limit": 1}).data[0]


def _earn(rig: Rig) -> Any:
    """Earn 28.83 that can be paid out at once."""
    session = rig.new_session()
    rig.press(session, "pay", card="0077")
    return rig.api.charges.list({"limit": 1}).data[0]


def _balance(rig: Rig) -> int:
    return int(rig.api.balance.retrieve().available[0].amount)


def _lines(rig: Rig, payout: Any) -> list[tuple[str, int]]:
    return [(line.type, line.net) for line in rig.api.balance_transactions.list({"payout": payout.id}).data]


def test_an_automatic_payout_names_what_it_pays_out(rig: Rig) -> None:
    charge = _earn(rig)
    rig.api.refunds.create({"charge": charge.id, "amount": 1000})
    rig.paid()  # its money is on the way
    payout = _paid_out(rig)
    assert (payout.amount, payout.automatic, payout.reconciliation_status) == (1883, True, "completed")
    assert _lines(rig, payout) == [("payout", -1883), ("refund", -1000), ("charge", 2883)]
    assert (_balance(rig), payout.status) == (0, "pending")
    stripe_app.move_clock(rig.account, 2 * DAY)
    assert rig.api.payouts.retrieve(payout.id).status == "paid"
    rig.quiet()
    told = [word for word in rig.site.types() if word.startswith("payout.")]
    assert told == [f"payout.{word}" for word in ("created", "reconciliation_completed", "updated", "paid")]


@pytest.mark.parametrize("arrives", [False, True])
def test_a_payout_comes_back_before_or_after_it_was_paid_and_goes_with_the_next(rig: Rig, arrives: bool) -> None:
    _earn(rig)
    payout = _paid_out(rig)
    for word in ["payout-arrives"] * arrives + ["payout-fails"]:
        assert visit(f"{rig.stripe_url}/control/{payout.id}/{word}", {}).status == 303
    failed = rig.api.payouts.retrieve(payout.id, {"expand": ["failure_balance_transaction"]})
    assert (failed.status, failed.failure_code, _balance(rig)) == ("failed", "account_closed", 2883)
    assert failed.failure_balance_transaction.type == "payout_failure"
    assert visit(f"{rig.stripe_url}/control/{payout.id}/payout-fails", {}).status == 400
    again = _paid_out(rig)
    assert _lines(rig, again) == [("payout", -2883), ("payout_failure", 2883)]
    assert _lines(rig, payout) == [("payout", -2883), ("charge", 2883)]


def test_every_movement_is_in_one_daily_payout_even_when_a_month_passes_at_once(rig: Rig) -> None:
    assert visit(f"{rig.stripe_url}/control/payouts", {"do": "daily"}).status == 303
    for _ in range(2):
        rig.paid()
        _earn(rig)
    stripe_app.move_clock(rig.account, 30 * DAY)
    made = rig.api.payouts.list({"status": "paid"}).data
    assert [payout.amount for payout in made] == [5766, 5766]
    assert sum(len(_lines(rig, payout)) for payout in made) == 6
    payouts.set_daily(rig.account, False)
    _earn(rig)
    stripe_app.move_clock(rig.account, 3 * DAY)
    assert len(rig.api.payouts.list().data) == 2


def test_a_manual_payout_does_not_say_what_it_pays_out(rig: Rig) -> None:
    _earn(rig)
    payout = rig.api.payouts.create({"amount": 1000, "currency": "usd", "metadata": {"asked": "yes"}})
    assert (payout.automatic, payout.reconciliation_status, _balance(rig)) == (False, "not_applicable", 1883)
    with pytest.raises(stripe.InvalidRequestError, match="only be filtered on automatic"):
        rig.api.balance_transactions.list({"payout": payout.id})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        rig.api.payouts.create({"amount": 1884, "currency": "usd"})
    assert refusal.value.code == "balance_insufficient"
    assert _lines(rig, _paid_out(rig)) == [("payout", -1883), ("payout", -1000), ("charge", 2883)]


def test_nothing_is_paid_out_when_nothing_is_available(rig: Rig) -> None:
    rig.paid()
    page = visit(f"{rig.stripe_url}/control/payouts", {"do": "now"})
    assert (page.status, "Nothing is available" in page.text) == (400, True)


def test_an_unknown_payout_is_not_found(rig: Rig) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        rig.api.payouts.retrieve("po_none")
    assert refusal.value.code == "resource_missing"
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        rig.api.balance_transactions.list({"payout": "po_none"})
    assert refusal.value.param == "payout"


@pytest.mark.parametrize(("days", "status"), [("31", 303), ("0", 400), ("soon", 400), ("401", 400)])
def test_the_clock_is_moved_from_the_page(rig: Rig, days: str, status: int) -> None:
    before = rig.account.now()
    assert visit(f"{rig.stripe_url}/control/clock", {"days": days}).status == status
    assert rig.account.now() - before >= (31 * DAY if status == 303 else 0)
    assert visit(f"{rig.stripe_url}/control/dance", {}).status == 404
