"""What our adapter asks of Stripe about monthly payments, held against Stripe's own two descriptions of it."""

import inspect
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest

from campaigns.adapters import stripe_subscriptions
from campaigns.kernel.money import Money
from campaigns.kernel.ports import CheckoutLine
from tests.adapters.test_stripe_requests import sent_names
from tests.sandbox import monthly_story, story, stripe_differences
from tests.sandbox.driving import ORACLES, Exchange
from tests.sandbox.story import Stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with story.stage(tmp_path_factory.mktemp("stage")) as here:
        yield here
        problems = [bad for seen in here.recorder.exchanges for bad in seen.problems()]
        assert not problems, "\n".join(problems)


@pytest.fixture(scope="module")
def asked(stage: Stage) -> Sequence[Exchange]:
    before = len(stage.recorder.exchanges)
    monthly_story.tell(stage)
    exchanges: list[Exchange] = stage.recorder.exchanges[before:]
    return [each for each in exchanges if each.sent.get("mode") != "payment"]


_LINE = "line_items[*][price_data]"
_ITEM = "items[*][price_data]"
ASKED = {
    ("POST", "/v1/checkout/sessions"): {
        "adaptive_pricing[enabled]", "cancel_url", "client_reference_id", "customer_email", "expires_at",
        f"{_LINE}[currency]", f"{_LINE}[product_data][description]", f"{_LINE}[product_data][name]",
        f"{_LINE}[recurring][interval]", f"{_LINE}[unit_amount]", "line_items[*][quantity]", "locale", "metadata[*]",
        "mode", "submit_type", "subscription_data[description]", "subscription_data[metadata][*]", "success_url",
    },
    ("GET", "/v1/checkout/sessions/*"): {"expand[*]"},  # the expansion is of the one-off gift in the story
    ("GET", "/v1/checkout/sessions"): {"limit", "subscription"},
    ("GET", "/v1/subscriptions/*"): {"expand[*]"},
    ("POST", "/v1/subscriptions/*"): {
        f"{_ITEM}[currency]", f"{_ITEM}[product]", f"{_ITEM}[recurring][interval]", f"{_ITEM}[unit_amount]",
        "items[*][id]", "items[*][quantity]", "metadata[*]", "pause_collection", "pause_collection[behavior]",
        "proration_behavior",
    },
    ("DELETE", "/v1/subscriptions/*"): set(),
    ("GET", "/v1/invoices/*"): set(),
    ("GET", "/v1/invoices"): {"created[gte]", "limit", "starting_after", "status", "subscription"},
    ("GET", "/v1/invoice_payments"): {"invoice", "limit", "payment[payment_intent]", "payment[type]"},
    ("GET", "/v1/payment_intents/*"): {"expand[*]"},
    ("GET", "/v1/charges/*"): set(),
    ("GET", "/v1/refunds/*"): set(),
    ("GET", "/v1/refunds"): {"charge", "expand[*]", "limit", "starting_after"},
    ("GET", "/v1/disputes/*"): set(),
    ("POST", "/v1/billing_portal/sessions"): {"customer", "return_url"},
}  # fmt: skip


def test_the_story_holds_every_request_the_adapter_makes(asked: Sequence[Exchange]) -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for seen in asked:
        place = seen.method, re.sub(r"/\w+_\w+$", "/*", seen.path) if seen.path.count("/") > 2 else seen.path
        place = place[0], "/v1/billing_portal/sessions" if "billing_portal" in seen.path else place[1]
        found.setdefault(place, set()).update(sent_names(seen.sent))
    assert found == ASKED


def test_the_adapter_calls_nothing_else() -> None:
    """A new call must be added to the story."""
    source = inspect.getsource(stripe_subscriptions)
    assert set(re.findall(r"client\.v1\.([\w.]+)", source)) == {
        "checkout.sessions.create", "checkout.sessions.retrieve", "checkout.sessions.list", "subscriptions.retrieve",
        "subscriptions.update", "subscriptions.cancel", "invoices.retrieve", "invoices.list", "invoice_payments.list",
        "payment_intents.retrieve", "charges.retrieve", "refunds.retrieve", "disputes.retrieve",
        "billing_portal.sessions.create",
    }  # fmt: skip


@pytest.mark.parametrize("oracle", ORACLES, ids=lambda oracle: oracle.__name__.rpartition(".")[2])
def test_every_request_and_every_answer_is_as_stripe_describes_it(
    asked: Sequence[Exchange], oracle: ModuleType
) -> None:
    seen = [(each.method, each.path, each.sent, each.status, each.body) for each in asked if each.status == 200]
    assert len(seen) > 40
    assert stripe_differences.unknown([bad for each in seen for bad in oracle.check_call(*each)]) == []


def test_metadata_goes_to_the_page_and_to_the_subscription_alike(asked: Sequence[Exchange]) -> None:
    opened = [seen for seen in asked if (seen.method, seen.path) == ("POST", "/v1/checkout/sessions")]
    assert opened
    for seen in opened:
        assert seen.sent["metadata"] == seen.sent["subscription_data"]["metadata"]
        assert seen.sent["adaptive_pricing"] == {"enabled": "false"}


def test_the_one_request_that_is_refused_is_sent_again_without_the_address(asked: Sequence[Exchange]) -> None:
    refused = [number for number, each in enumerate(asked) if each.status != 200]
    assert [asked[number].body["error"]["param"] for number in refused] == ["customer_email"]
    first, second = asked[refused[0]], asked[refused[0] + 1]
    assert {name: value for name, value in first.sent.items() if name != "customer_email"} == second.sent


@pytest.mark.parametrize(("year", "month", "first_day"), [(2034, 12, date(2035, 1, 1)), (2027, 2, date(2027, 3, 1))])
def test_a_card_works_through_its_month(stage: Stage, year: int, month: int, first_day: date) -> None:
    begun = monthly_story.begin(stage, f"card:{year}")
    account: Any = stage.rig.account
    method = account.store.must(account.store.must(begun.id)["default_payment_method"])
    account.changed(method, card={**method["card"], "exp_year": year, "exp_month": month})
    assert stage.subscriptions.fetch_subscription(begun.id).card_expires == first_day


@pytest.mark.parametrize("amount", [Money(500, "JPY"), Money(500, "ISK"), Money(5120, "KWD")], ids=str)
def test_an_amount_comes_back_as_it_went_out(stage: Stage, amount: Money) -> None:
    ahead = datetime.fromtimestamp(stage.rig.account.now() + 7200, UTC)
    line = CheckoutLine("Fund", "", amount)
    asked = monthly_story.request(line=line, idempotency_key=str(amount), expires_at=ahead)
    signup = stage.subscriptions.open_signup(asked)
    assert stage.rig.press(signup, "pay").status == 303
    begun = stage.subscriptions.fetch_subscription(stage.subscriptions.fetch_signup(signup.id).subscription_id or "")
    invoice = stage.subscriptions.fetch_invoice(begun.latest_invoice_id or "")
    assert invoice.charge
    assert (begun.amount, invoice.amount, invoice.charge.amount) == (amount, amount, amount)


def test_what_stripe_does_not_know_is_not_found(stage: Stage) -> None:
    for ask in (stage.subscriptions.fetch_subscription, stage.subscriptions.fetch_invoice, stage.subscriptions.cancel):
        with pytest.raises(LookupError):
            ask("sub_nothing")
