"""Without a payment key nothing monthly is begun or changed, and nothing is found."""

from collections.abc import Callable
from typing import Any

import pytest

from campaigns.adapters.no_subscriptions import NoSubscriptions
from campaigns.kernel.money import Money
from campaigns.kernel.ports import PaymentsUnavailable
from campaigns.kernel.subscription_ports import NewAmount
from tests.fakes.clock import START
from tests.sandbox.monthly_story import request

NOBODY = NoSubscriptions()
CALLS: dict[str, Callable[[], Any]] = {
    "open_signup": lambda: NOBODY.open_signup(request()),
    "fetch_signup": lambda: NOBODY.fetch_signup("cs_1"),
    "find_signup": lambda: NOBODY.find_signup("sub_1"),
    "fetch_subscription": lambda: NOBODY.fetch_subscription("sub_1"),
    "fetch_invoice": lambda: NOBODY.fetch_invoice("in_1"),
    "find_invoice": lambda: NOBODY.find_invoice("charge", "ch_1"),
    "change_amount": lambda: NOBODY.change_amount("sub_1", NewAmount(Money(100, "USD"), {}), "key"),
    "pause": lambda: NOBODY.pause("sub_1", "key"),
    "resume": lambda: NOBODY.resume("sub_1", "key"),
    "cancel": lambda: NOBODY.cancel("sub_1"),
    "open_portal": lambda: NOBODY.open_portal("cus_1", "http://localhost"),
}


@pytest.mark.parametrize("call", CALLS)
def test_every_call_is_refused(call: str) -> None:
    with pytest.raises(PaymentsUnavailable):
        CALLS[call]()


def test_there_are_no_invoices_so_the_sweep_finds_nothing_and_fails_nowhere() -> None:
    assert NOBODY.paid_invoices(START) == ()
