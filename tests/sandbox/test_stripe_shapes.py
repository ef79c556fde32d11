"""The oracle notices what is wrong: a corrupted object must not pass."""

from copy import deepcopy
from typing import Any

import pytest

from sandbox.stripe import shapes
from tests.sandbox import stripe_shapes
from tests.sandbox.rig import SESSION

KINDS = ["checkout.session", "payment_intent", "charge", "refund", "price", "product", "payment_method", "item"]


def _sound(kind: str) -> dict[str, Any]:
    return shapes.blank(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_every_skeleton_has_stripe_s_shape(kind: str) -> None:
    assert stripe_shapes.check_object(_sound(kind)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_of_another_type_is_noticed(kind: str) -> None:
    sound = _sound(kind)
    # Some fields are open by design: metadata takes any text, a link takes a text or an object.
    for name, value in sound.items():
        if name == "object" or value is None or value == {}:
            continue
        wrong: Any = 7 if isinstance(value, str | list | dict) else "seven"
        problems = stripe_shapes.check_object({**deepcopy(sound), name: wrong})
        assert [problem.startswith(f"{kind}.{name}") for problem in problems] == [True], name


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_field_is_noticed(kind: str) -> None:
    assert stripe_shapes.check_object(_sound(kind) | {"colour": "red"}) == [f"{kind}.colour: unknown"]


@pytest.mark.parametrize(
    ("kind", "name"), [("checkout.session", "expires_at"), ("charge", "refunded"), ("balance_transaction", "fee")]
)
def test_a_missing_field_is_noticed(kind: str, name: str) -> None:
    broken = _sound(kind) | ({"type": "charge"} if kind == "balance_transaction" else {})
    del broken[name]
    assert stripe_shapes.check_object(broken) == [f"{kind}.{name}: missing"]


@pytest.mark.parametrize(
    ("kind", "name", "word"),
    [
        ("checkout.session", "payment_status", "payed"),
        ("payment_intent", "status", "done"),
        ("charge", "status", "ok"),
        ("refund", "reason", "boredom"),
    ],
)
def test_a_word_that_stripe_does_not_use_is_noticed(kind: str, name: str, word: str) -> None:
    (problem,) = stripe_shapes.check_object(_sound(kind) | {name: word})
    assert problem == f"{kind}.{name}: {word!r} is not one of its words"


def test_an_event_of_an_unknown_type_is_noticed() -> None:
    event = shapes.blank("event", type="charge.dispute.lost", data={"object": {}})
    assert stripe_shapes.check_object(event) == ["event.type: 'charge.dispute.lost' is not one of its words"]


def _sent(**changes: Any) -> dict[str, Any]:
    price = SESSION["line_items"][0]["price_data"]
    item = {"quantity": "1", "price_data": {**price, "unit_amount": "3000"}}
    return {"mode": "payment", "line_items": {"0": item}, **changes}


WRONG_REQUESTS: list[tuple[dict[str, Any], str]] = [
    ({"payment_method_types": {"0": "card"}}, "payment_method_types: unknown"),
    ({"idempotency_key": "k"}, "idempotency_key: unknown"),
    ({"ui_mode": "hosted"}, "ui_mode: 'hosted' is not one of its words"),
    ({"expires_at": "soon"}, "expires_at: 'soon' is not int"),
    ({"line_items": "one"}, "line_items: 'one' is not a list"),
    ({"line_items": {"0": {"price_data": {}}}}, "line_items[0].price_data.currency: missing"),
]


@pytest.mark.parametrize(("changes", "problem"), WRONG_REQUESTS, ids=lambda value: str(value)[:40])
def test_a_wrong_request_is_noticed(changes: dict[str, Any], problem: str) -> None:
    at = "POST /v1/checkout/sessions"
    path = "/v1/checkout/sessions"
    assert stripe_shapes.check_call("POST", path, _sent(**changes), 400, {}) == [f"{at}.{problem}"]
    assert stripe_shapes.check_call("POST", path, _sent(), 400, {}) == []


def test_an_address_that_stripe_does_not_have_is_noticed() -> None:
    assert stripe_shapes.check_call("GET", "/v1/gifts", {}, 200, {}) == ["GET /v1/gifts: no such route"]


def test_the_sdk_s_routes_are_found() -> None:
    assert len(stripe_shapes.routes()) > 500
    assert ("POST", "/v1/checkout/sessions/{session}/expire") in stripe_shapes.routes()
