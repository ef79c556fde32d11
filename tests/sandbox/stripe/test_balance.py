"""Fees, balance transactions and the balance."""

import pytest

from sandbox.stripe import app as stripe_app
from sandbox.stripe import charges, currencies
from tests.sandbox.rig import Rig

FEES = [
    ("usd", 3000, 117), ("usd", 50, 31), ("usd", 1000, 59), ("eur", 1234, 66), ("jpy", 500, 45), ("krw", 50, 31),
    ("kwd", 5120, 450), ("ugx", 50000, 4500), ("isk", 50000, 4500), ("usd", 20, 20),
]  # fmt: skip


@pytest.mark.parametrize(("currency", "amount", "fee"), FEES)
def test_the_fee_follows_the_table(currency: str, amount: int, fee: int) -> None:
    assert currencies.fee(amount, currency) == fee
    assert currencies.fee(amount, currency) % currencies.kind(currency).step == 0


def test_a_delayed_charge_is_booked_when_its_time_has_come(rig: Rig) -> None:
    charges.set_delay(rig.account, 3600)
    charge = rig.paid().payment_intent.latest_charge
    assert (charge.paid, charge.balance_transaction) == (True, None)
    assert rig.api.balance_transactions.list().data == []
    rig.quiet()
    assert rig.site.types()[-1] == "checkout.session.completed"
    stripe_app.move_clock(rig.account, 3600)
    booked = rig.api.charges.retrieve(charge.id, {"expand": ["balance_transaction"]}).balance_transaction
    assert (booked.source, booked.net) == (charge.id, 2883)
    assert booked.created >= charge.created + 3600
    rig.quiet()
    assert rig.site.types()[-1] == "charge.updated"


def test_the_balance_is_the_sum_of_the_movements_and_becomes_available(rig: Rig) -> None:
    assert rig.api.balance.retrieve().available[0].amount == 0
    for _ in range(2):
        charge = rig.paid().payment_intent.latest_charge
    rig.api.refunds.create({"charge": charge.id, "amount": 500})
    total = sum(movement.net for movement in rig.api.balance_transactions.list().auto_paging_iter())
    balance = rig.api.balance.retrieve()
    assert (balance.available[0].amount, balance.pending[0].amount) == (0, total)
    stripe_app.move_clock(rig.account, 3 * 24 * 3600)
    balance = rig.api.balance.retrieve()
    assert (balance.available[0].amount, balance.pending[0].amount) == (total, 0)
    assert {movement.status for movement in rig.api.balance_transactions.list()} == {"available"}


def test_movements_are_found_by_type_source_and_time(rig: Rig) -> None:
    first = rig.paid().payment_intent.latest_charge
    stripe_app.move_clock(rig.account, 1000)
    second = rig.paid().payment_intent.latest_charge
    refund = rig.api.refunds.create({"charge": second.id, "amount": 100})

    def found(**params: object) -> list[str]:
        return [movement.source for movement in rig.api.balance_transactions.list(params)]

    assert found() == [refund.id, second.id, first.id]
    assert found(type="charge") == [second.id, first.id]
    assert found(source=refund.id) == [refund.id]
    assert found(created={"gte": second.created}) == [refund.id, second.id]
    assert found(created={"lt": second.created}) == [first.id]
    assert found(created=first.created) == [first.id]
    assert found(currency="eur") == []
