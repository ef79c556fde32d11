"""What our adapter sends to Stripe and is answered, held against Stripe's own two descriptions of it."""

import inspect
import json
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
import stripe
from stripe.params.checkout._session_create_params import SessionCreateParams

from campaigns.adapters import stripe_books, stripe_checkout, stripe_objects
from campaigns.adapters.stripe_checkout import StripeCheckout
from campaigns.adapters.stripe_client import connect
from campaigns.kernel.money import Money, UnchargeableAmount
from campaigns.kernel.ports import CheckoutLine, RemoteSession
from sandbox.stripe import shapes
from tests.sandbox import mutants, story, stripe_differences, stripe_document, survivors
from tests.sandbox.driving import ORACLES
from tests.sandbox.mutants import Json
from tests.sandbox.samples import objects
from tests.sandbox.story import Stage, Story

CREATE = "/v1/checkout/sessions"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with story.stage(tmp_path_factory.mktemp("stage")) as here:
        yield here
        problems = [bad for seen in here.recorder.exchanges for bad in seen.problems()]
        assert not problems, "\n".join(problems)


@pytest.fixture(scope="module")
def told(stage: Stage) -> Story:
    return story.tell(stage)


def sent_names(sent: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the name of every parameter, with * for any number and for any key of metadata."""
    for name, value in sent.items():
        here = (*above, "*" if name.isdecimal() or above[-1:] == ("metadata",) else name)
        if isinstance(value, dict):
            yield from sent_names(value, here)
        else:
            yield here[0] + "".join(f"[{step}]" for step in here[1:])


ASKED = {
    ("POST", "/v1/checkout/sessions"): {
        "adaptive_pricing[enabled]", "cancel_url", "client_reference_id", "customer_email", "expires_at",
        "line_items[*][price_data][currency]", "line_items[*][price_data][product_data][description]",
        "line_items[*][price_data][product_data][name]", "line_items[*][price_data][unit_amount]",
        "line_items[*][quantity]", "locale", "metadata[*]", "mode", "payment_intent_data[description]",
        "payment_intent_data[metadata][*]", "submit_type", "success_url",
    },
    ("GET", "/v1/checkout/sessions"): {"limit", "payment_intent"},
    ("GET", "/v1/checkout/sessions/*"): {"expand[*]"},
    ("GET", "/v1/charges/*"): set(),
    ("GET", "/v1/refunds/*"): set(),
    ("GET", "/v1/refunds"): {"charge", "expand[*]", "limit", "starting_after"},
    ("GET", "/v1/disputes"): {"charge", "limit"},
    ("GET", "/v1/disputes/*"): set(),
    ("GET", "/v1/radar/early_fraud_warnings/*"): set(),
    ("GET", "/v1/balance_transactions"): {"created[gte]", "expand[*]", "limit", "payout", "starting_after"},
    ("GET", "/v1/balance_transactions/*"): {"expand[*]"},
    ("GET", "/v1/payouts/*"): {"expand[*]"},
    ("GET", "/v1/events"): {"created[gte]", "delivery_success", "limit"},
    ("GET", "/v1/balance"): set(),
    ("GET", "/v1/webhook_endpoints"): {"limit"},
    ("GET", "/v1/account"): set(),
}  # fmt: skip


def test_the_story_holds_every_request_the_adapter_makes(told: Story) -> None:
    asked: dict[tuple[str, str], set[str]] = {}
    for seen in told.asked:
        place = seen.method, re.sub(r"/(?=\w*\d)\w+_\w+$", "/*", seen.path)
        asked.setdefault(place, set()).update(sent_names(seen.sent))
    assert asked == ASKED


def test_the_adapter_calls_nothing_else() -> None:
    """A new call must be added to the story."""
    source = "".join(inspect.getsource(module) for module in (stripe_checkout, stripe_objects, stripe_books))
    assert set(re.findall(r"\bv1\.([\w.]+)", source)) == {
        "checkout.sessions.create", "checkout.sessions.retrieve", "checkout.sessions.list",
        "charges.retrieve", "refunds.retrieve", "refunds.list", "disputes.retrieve", "disputes.list",
        "radar.early_fraud_warnings.retrieve", "balance_transactions.list", "balance_transactions.retrieve",
        "payouts.retrieve", "events.list", "balance.retrieve", "webhook_endpoints.list", "accounts.retrieve_current",
    }  # fmt: skip


@pytest.mark.parametrize("oracle", ORACLES, ids=lambda oracle: oracle.__name__.rpartition(".")[2])
def test_every_request_and_every_answer_is_as_stripe_describes_it(told: Story, oracle: ModuleType) -> None:
    seen = [(each.method, each.path, each.sent, each.status, each.body) for each in told.asked if each.status == 200]
    assert len(seen) > 20
    assert stripe_differences.unknown([bad for each in seen for bad in oracle.check_call(*each)]) == []


def test_the_one_request_that_is_refused_is_sent_again_without_the_address(told: Story) -> None:
    refused = [number for number, each in enumerate(told.asked) if each.status != 200]
    assert [told.asked[number].body["error"]["param"] for number in refused] == ["customer_email"]
    first, second = told.asked[refused[0]], told.asked[refused[0] + 1]
    assert first.problems() == []
    assert {name: value for name, value in first.sent.items() if name != "customer_email"} == second.sent


# Amounts


AMOUNTS = [
    (Money(3000, "USD"), "3000"),
    (Money(50000, "HUF"), "50000"),
    (Money(50000, "TWD"), "50000"),
    (Money(500, "JPY"), "500"),
    (Money(500, "MGA"), "500"),
    (Money(5000, "KRW"), "5000"),
    (Money(500, "ISK"), "50000"),
    (Money(500, "UGX"), "50000"),
    (Money(5120, "KWD"), "5120"),
    (Money(5120, "TND"), "5120"),
]


@pytest.mark.parametrize(("amount", "wire"), AMOUNTS, ids=lambda value: str(value))
def test_an_amount_goes_out_in_stripe_s_units_and_comes_back_in_ours(stage: Stage, amount: Money, wire: str) -> None:
    """https://docs.stripe.com/currencies: no decimals, three decimals, and two currencies that only look like it."""
    session = stage.open(CheckoutLine("Fund", "", amount))
    price = stage.sent()["line_items"]["0"]["price_data"]
    assert (price["unit_amount"], price["currency"]) == (wire, amount.currency.lower())
    assert stage.rig.press(session, "pay").status == 303
    back = stage.checkout.fetch_session(session.id)
    assert back.charge
    assert back.charge.movement
    movement = back.charge.movement
    assert (session.total, back.total, back.charge.amount, movement.gross) == (amount, amount, amount, amount)
    assert (movement.net, movement.net.currency) == (amount - movement.fee, amount.currency)
    stage.rig.api.refunds.create({"charge": back.charge.id})
    (refund,) = _charge(stage, session.id).refunds
    assert refund.movement
    assert (refund.amount, refund.movement.gross) == (amount, -amount)


def _charge(stage: Stage, session_id: str) -> Any:
    return stage.checkout.fetch_session(session_id).charge


@pytest.mark.parametrize("currency", ["KWD", "BHD", "JOD", "OMR", "TND"])
def test_the_last_of_three_decimals_is_refused_before_anything_is_sent(stage: Stage, currency: str) -> None:
    """Stripe takes such amounts only with a 0 at the end; rounding would charge what nobody agreed to."""
    before = len(stage.recorder.exchanges)
    with pytest.raises(UnchargeableAmount):
        stage.open(CheckoutLine("Fund", "", Money(5125, currency)))
    assert len(stage.recorder.exchanges) == before


# Languages


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("en", "en"), ("de", "de"), ("pt_BR", "pt-BR"), ("zh_HK", "zh-HK"), ("ar", "auto"), ("fa", "auto"), ("", "auto")],
)
def test_the_page_is_asked_for_in_a_language_that_stripe_speaks(stage: Stage, ours: str, theirs: str) -> None:
    stage.open(locale=ours)
    assert stage.sent()["locale"] == theirs


def test_the_languages_are_stripe_s() -> None:
    in_the_sdk = set(re.findall(r"'([\w-]+)'", str(SessionCreateParams.__annotations__["locale"]))) - {"auto"}
    assert in_the_sdk == stripe_checkout.LOCALES
    form = stripe_document.document()["paths"][CREATE]["post"]["requestBody"]["content"]
    in_the_document = form["application/x-www-form-urlencoded"]["schema"]["properties"]["locale"]["enum"]
    assert in_the_sdk - set(in_the_document) == {"hi-IN"}


# What Stripe may send besides

READ = "balance_transaction charge checkout.session payment_intent refund".split()


class Answering(stripe.RequestsClient):
    """Gives prepared answers and sends nothing."""

    def __init__(self, session: Json, refund: Json) -> None:
        super().__init__(timeout=1)
        refunds = {"object": "list", "data": [refund], "has_more": False, "url": "/v1/refunds"}
        self.answers = {"/v1/checkout/sessions": session, "/v1/refunds": refunds}

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> tuple[bytes, int, Any]:
        found = next(answer for address, answer in self.answers.items() if address in url)
        return json.dumps(found).encode(), 200, {}


def _fetched(parts: dict[str, Json], monkeypatch: pytest.MonkeyPatch) -> RemoteSession:
    """Return what the adapter makes of a session that is put together from `parts`."""
    movement = parts["balance_transaction"]
    charge = _opened(parts["charge"], "balance_transaction", movement)
    intent = _opened(parts["payment_intent"], "latest_charge", charge)
    session = _opened(parts["checkout.session"], "payment_intent", intent)
    refund = _opened(parts["refund"], "balance_transaction", movement)
    monkeypatch.setattr(stripe, "RequestsClient", lambda **_: Answering(session, refund))
    return StripeCheckout(connect("sk_test_nobody"), []).fetch_session("cs_test_1")


def _opened(thing: Json, link: str, inside: Json) -> Json:
    return {**thing, link: inside} if thing[link] else thing


@pytest.mark.parametrize("kind", READ)
def test_whatever_stripe_s_descriptions_allow_is_read(told: Story, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """The mutants that neither description calls wrong are answers that may come."""
    sound, allowed = objects(told), survivors.listed(survivors.OF_OBJECTS)
    made = mutants.of_object(sound[kind], shapes.links(kind))
    living = [mutant for mutant in made if (mutant.what, kind, mutant.place) in allowed]
    assert living
    before = _fetched(sound, monkeypatch)
    assert before.charge
    for mutant in living:
        session = _fetched({**sound, kind: mutant.body}, monkeypatch)
        assert (session.payment_status, session.livemode) == (before.payment_status, False), mutant
        if session.charge:
            assert session.charge.amount == before.charge.amount, mutant
