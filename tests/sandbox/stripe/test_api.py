"""What is the same at every address: keys, versions, idempotency, expansion, pages, errors."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import stripe

from sandbox.stripe import app as stripe_app
from tests.sandbox.driving import VERSION
from tests.sandbox.rig import SESSION, Rig


def _client(rig: Rig, key: str, version: str = VERSION) -> stripe.StripeClient:
    address = {"api": rig.stripe_url}
    return stripe.StripeClient(key, base_addresses=address, stripe_version=version, http_client=rig.http)


@pytest.mark.parametrize("key", ["sk_live_abc", "rk_live_abc"])
def test_a_live_key_is_refused_and_never_repeated(shared_rig: Rig, key: str) -> None:
    with pytest.raises(stripe.AuthenticationError, match="refuses live keys") as refused:
        _client(shared_rig, key).v1.balance.retrieve()
    assert key not in json.dumps(refused.value.json_body)


@pytest.mark.parametrize("key", ["pk_test_abc", "nonsense"])
def test_a_key_that_is_no_secret_test_key_is_refused(shared_rig: Rig, key: str) -> None:
    with pytest.raises(stripe.AuthenticationError):
        _client(shared_rig, key).v1.balance.retrieve()


def test_a_request_without_a_key_is_refused_and_basic_authentication_works(shared_rig: Rig) -> None:
    address = f"{shared_rig.stripe_url}/v1/balance"
    assert requests.get(address, timeout=5).status_code == 401
    assert requests.get(address, auth=("", ""), timeout=5).status_code == 401
    assert requests.get(address, auth=("sk_test_demo", ""), timeout=5).status_code == 200


def test_the_stand_in_speaks_one_version_and_says_which(rig: Rig) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=VERSION):
        _client(rig, "sk_test_demo", "2024-04-10").v1.balance.retrieve()
    rig.api.balance.retrieve()
    assert rig.http.exchanges[-1].headers["Stripe-Version"] == VERSION


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_it_is_reached_by_address_and_by_name(shared_rig: Rig, host: str) -> None:
    address = shared_rig.stripe_url.replace("localhost", host) + "/v1/balance"
    assert requests.get(address, auth=("sk_test_demo", ""), timeout=5).json()["object"] == "balance"


@pytest.mark.parametrize("path", ["/v1/balance", "/"])
def test_a_request_for_another_name_is_not_answered(shared_rig: Rig, path: str) -> None:
    headers = {"Host": "evil.example"}
    answer = requests.get(shared_rig.stripe_url + path, headers=headers, auth=("sk_test_demo", ""), timeout=5)
    assert answer.status_code == 400


def test_the_same_key_and_body_give_the_same_answer(rig: Rig) -> None:
    first, second = (rig.api.checkout.sessions.create(SESSION, {"idempotency_key": "gift-1"}) for _ in range(2))
    assert first.to_dict() == second.to_dict()
    original, replayed = rig.http.exchanges[-2:]
    assert "Idempotent-Replayed" not in original.headers
    assert replayed.headers["Idempotent-Replayed"] == "true"
    assert replayed.headers["Original-Request"] == original.headers["Request-Id"] != replayed.headers["Request-Id"]
    assert len(rig.api.checkout.sessions.list().data) == 1


def test_requests_with_the_same_key_at_the_same_time_open_one_session(rig: Rig) -> None:
    def create(_: int) -> str:
        body = {
            "mode": "payment",
            "success_url": "http://localhost:8000/",
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": "usd",
            "line_items[0][price_data][unit_amount]": "3000",
            "line_items[0][price_data][product_data][name]": "Strike fund",
        }
        headers = {"Idempotency-Key": "gift-1", "Authorization": "Bearer sk_test_demo"}
        answer = requests.post(f"{rig.stripe_url}/v1/checkout/sessions", data=body, headers=headers, timeout=10)
        return str(answer.json()["id"])

    with ThreadPoolExecutor(8) as clients:
        assert len(set(clients.map(create, range(8)))) == 1
    assert len(rig.api.checkout.sessions.list().data) == 1


def test_the_same_key_with_another_body_is_refused(rig: Rig) -> None:
    rig.api.checkout.sessions.create(SESSION, {"idempotency_key": "gift-1"})
    with pytest.raises(stripe.IdempotencyError) as refused:
        rig.api.checkout.sessions.create({**SESSION, "locale": "es"}, {"idempotency_key": "gift-1"})
    assert (refused.value.http_status, refused.value.json_body["error"]["type"]) == (400, "idempotency_error")
    with pytest.raises(stripe.IdempotencyError):
        rig.api.refunds.create({"charge": "ch_1"}, {"idempotency_key": "gift-1"})


def test_an_invalid_request_does_not_use_its_key_up(rig: Rig) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        rig.api.checkout.sessions.create({**SESSION, "locale": "xx"}, {"idempotency_key": "gift-1"})
    assert rig.api.checkout.sessions.create(SESSION, {"idempotency_key": "gift-1"}).status == "open"


def test_a_refusal_after_work_began_is_replayed(rig: Rig) -> None:
    charge = rig.paid().payment_intent.latest_charge
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
            rig.api.refunds.create({"charge": charge.id, "amount": 3001}, {"idempotency_key": "too-much"})
    assert rig.http.exchanges[-1].headers["Idempotent-Replayed"] == "true"


def test_a_key_is_forgotten_after_a_day_and_may_not_be_too_long(rig: Rig) -> None:
    first = rig.api.checkout.sessions.create(SESSION, {"idempotency_key": "gift-1"})
    stripe_app.move_clock(rig.account, 24 * 3600 + 60)
    assert rig.api.checkout.sessions.create(SESSION, {"idempotency_key": "gift-1"}).id != first.id
    with pytest.raises(stripe.IdempotencyError):
        rig.api.checkout.sessions.create(SESSION, {"idempotency_key": "x" * 256})


def test_links_are_expanded_as_deep_as_stripe_allows(rig: Rig) -> None:
    session = rig.paid()
    path = "payment_intent.latest_charge.balance_transaction.source"
    expand = ["line_items.data.price.product", path, "payment_intent.payment_method", "customer"]
    found = rig.api.checkout.sessions.retrieve(session.id, {"expand": expand})
    assert found.payment_intent.latest_charge.balance_transaction.source.object == "charge"
    assert found.payment_intent.payment_method.card.last4 == "4242"
    assert found.line_items.data[0].price.product.description.startswith("Groceries")
    assert found.customer is None
    assert isinstance(rig.api.checkout.sessions.retrieve(session.id).payment_intent, str)


def test_links_are_expanded_in_lists_too(rig: Rig) -> None:
    rig.paid()
    movement = rig.api.balance_transactions.list({"expand": ["data.source.payment_intent"]}).data[0]
    assert movement.source.payment_intent.amount == 3000
    session = rig.api.checkout.sessions.list({"expand": ["data.payment_intent", "data.line_items"]}).data[0]
    assert (session.payment_intent.status, session.line_items.data[0].amount_total) == ("succeeded", 3000)


@pytest.mark.parametrize("path", ["amount", "metadata.donation", "payment_intent.status", "data.payment_intent"])
def test_what_is_no_link_cannot_be_expanded(rig: Rig, path: str) -> None:
    session = rig.paid()
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        rig.api.checkout.sessions.retrieve(session.id, {"expand": [path]})


def test_pages_follow_one_another_in_both_directions(rig: Rig) -> None:
    made = [rig.new_session().id for _ in range(7)][::-1]
    sessions = rig.api.checkout.sessions
    assert [session.id for session in sessions.list({"limit": 3}).auto_paging_iter()] == made
    second = sessions.list({"limit": 3, "starting_after": made[2]})
    assert ([session.id for session in second], second.has_more) == (made[3:6], True)
    last = sessions.list({"limit": 3, "starting_after": made[5]})
    assert ([session.id for session in last], last.has_more) == (made[6:], False)
    before = sessions.list({"limit": 3, "ending_before": made[4]})
    assert ([session.id for session in before], before.has_more) == (made[1:4], True)


REFUSED_PAGES: list[tuple[dict[str, Any], str]] = [
    ({"limit": 0}, "limit"),
    ({"limit": 101}, "limit"),
    ({"starting_after": "cs_test_nothing"}, "starting_after"),
    ({"starting_after": "{first}", "ending_before": "{first}"}, "ending_before"),
    ({"created": {"gte": "now"}}, "created[gte]"),
    ({"colour": "red"}, "colour"),
    ({"status": "lost"}, "status"),
]


@pytest.mark.parametrize(("params", "param"), REFUSED_PAGES, ids=lambda value: str(value))
def test_a_page_that_makes_no_sense_is_refused(rig: Rig, params: dict[str, Any], param: str) -> None:
    first = rig.new_session().id
    with pytest.raises(stripe.InvalidRequestError) as refused:
        rig.api.checkout.sessions.list({key: first if value == "{first}" else value for key, value in params.items()})
    assert refused.value.param == param


def test_sessions_are_found_by_state_and_address(rig: Rig) -> None:
    paid, left = rig.paid().id, rig.new_session(customer_email="bo@example.org").id
    sessions = rig.api.checkout.sessions
    assert [session.id for session in sessions.list({"status": "complete"})] == [paid]
    assert [session.id for session in sessions.list({"customer_details": {"email": "bo@example.org"}})] == [left]


@pytest.mark.parametrize(
    "resource",
    [
        "checkout.sessions",
        "payment_intents",
        "charges",
        "balance_transactions",
        "refunds",
        "events",
        "webhook_endpoints",
    ],
)
def test_an_unknown_id_is_missing(shared_rig: Rig, resource: str) -> None:
    service = shared_rig.api
    for name in resource.split("."):
        service = getattr(service, name)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        service.retrieve("xx_nothing")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_an_address_that_the_stand_in_does_not_have_says_so(shared_rig: Rig) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL") as refused:
        shared_rig.api.coupons.create({"percent_off": 5})
    assert refused.value.http_status == 404


def test_a_form_that_spells_no_tree_is_refused(shared_rig: Rig) -> None:
    for body in ("metadata]x[=1", "metadata=1&metadata[a]=2", "metadata[a=2"):
        answer = requests.post(
            f"{shared_rig.stripe_url}/v1/checkout/sessions",
            data=body,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            auth=("sk_test_demo", ""),
            timeout=5,
        )
        assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")
