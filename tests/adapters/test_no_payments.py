"""Without a payment key nothing is offered and nothing believed."""

from datetime import timedelta

import pytest

from campaigns.adapters.no_payments import NoPayments
from campaigns.kernel.money import Money
from campaigns.kernel.ports import CheckoutLine, CheckoutRequest, NotGenuine, PaymentsUnavailable
from tests.fakes.clock import START

REQUEST = CheckoutRequest(
    reference="1",
    idempotency_key="payment:1",
    lines=[CheckoutLine("Fund", "", Money(3000, "USD"))],
    email="maria@example.org",
    success_url="http://localhost/1",
    cancel_url="http://localhost/2",
    expires_at=START + timedelta(hours=2),
    locale="en",
    metadata={},
)


def test_no_page_is_opened_and_none_is_found() -> None:
    nobody = NoPayments()
    for call in (
        lambda: nobody.open_session(REQUEST),
        lambda: nobody.fetch_session("cs_1"),
        lambda: nobody.find_root("charge", "ch_1"),
    ):
        with pytest.raises(PaymentsUnavailable):
            call()


def test_no_doorbell_is_believed() -> None:
    with pytest.raises(NotGenuine):
        NoPayments().read_doorbell(b"{}", "t=1,v1=aa", START)
