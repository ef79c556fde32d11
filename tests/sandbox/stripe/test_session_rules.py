"""What a new session may not ask for. Each refusal names the parameter, as Stripe's do."""

import time
from typing import Any

import pytest
import stripe

from tests.sandbox.rig import SESSION, Rig

_AMOUNT = "line_items[0][price_data][unit_amount]"


def _price(**changes: Any) -> list[dict[str, Any]]:
    price = {**SESSION["line_items"][0]["price_data"], **changes}
    return [{"quantity": 1, "price_data": {name: value for name, value in price.items() if value is not None}}]


def _pairs(number: int, name: int = 5, value: int = 5) -> dict[str, str]:
    return {f"{count:0{name}}": "v" * value for count in range(number)}


def _from_now(changes: dict[str, Any]) -> dict[str, Any]:
    """Turn `expires_in`, in seconds, into the time it means when the test runs."""
    rest = {name: value for name, value in changes.items() if name != "expires_in"}
    return rest | ({"expires_at": int(time.time()) + changes["expires_in"]} if "expires_in" in changes else {})


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"mode": None}, "mode", "parameter_missing"),
    ({"mode": "gift"}, "mode", ""),
    ({"mode": "subscription"}, "payment_intent_data", ""),
    ({"mode": "subscription", "payment_intent_data": None}, "line_items", ""),
    ({"mode": "setup", "payment_intent_data": None}, "mode", ""),
    ({"subscription_data": {"description": "monthly"}}, "subscription_data", ""),
    ({"line_items": _price(recurring={"interval": "month"})}, "line_items", ""),
    ({"success_url": None}, "success_url", "parameter_missing"),
    ({"success_url": "donations/1"}, "success_url", "url_invalid"),
    ({"cancel_url": "javascript:alert(1)"}, "cancel_url", "url_invalid"),
    ({"customer": "cus_1"}, "customer", "parameters_exclusive"),
    ({"customer": "cus_1", "customer_email": None}, "customer", "resource_missing"),
    ({"customer_email": "ana"}, "customer_email", "email_invalid"),
    ({"customer_email": ""}, "customer_email", "parameter_invalid_empty"),
    ({"line_items": None}, "line_items", "parameter_missing"),
    ({"line_items": _price(currency=None)}, "line_items[0][price_data][currency]", "parameter_missing"),
    ({"line_items": _price(currency="xxx")}, "line_items[0][price_data][currency]", ""),
    ({"line_items": [*_price(), *_price(currency="eur")]}, "line_items[1][price_data][currency]", ""),
    ({"line_items": _price(unit_amount="3.50")}, _AMOUNT, "parameter_invalid_integer"),
    ({"line_items": _price(unit_amount=-1)}, _AMOUNT, "parameter_invalid_integer"),
    ({"line_items": _price(unit_amount=49)}, "line_items", "amount_too_small"),
    ({"line_items": _price(unit_amount=29, currency="gbp")}, "line_items", "amount_too_small"),
    ({"line_items": _price(unit_amount=100_000_000)}, "line_items", "amount_too_large"),
    ({"line_items": _price(unit_amount=550, currency="ugx")}, _AMOUNT, "parameter_invalid_integer"),
    ({"line_items": _price(unit_amount=5125, currency="kwd")}, _AMOUNT, "parameter_invalid_integer"),
    ({"line_items": _price(price="p")}, "line_items[0][price_data][price]", "parameter_unknown"),
    ({"currency": "eur"}, "currency", ""),
    ({"expires_in": 29 * 60}, "expires_at", ""),
    ({"expires_in": 24 * 3600 + 60}, "expires_at", ""),
    ({"locale": "ar"}, "locale", ""),
    ({"submit_type": "give"}, "submit_type", ""),
    ({"ui_mode": "hosted"}, "ui_mode", ""),
    ({"ui_mode": "embedded_page"}, "ui_mode", ""),
    ({"client_reference_id": "x" * 201}, "client_reference_id", ""),
    ({"metadata": _pairs(51)}, "metadata", ""),
    ({"metadata": _pairs(1, name=41)}, f"metadata[{0:041}]", ""),
    ({"metadata": _pairs(1, value=501)}, "metadata[00000]", ""),
    ({"payment_method_types": ["card"]}, "payment_method_types", "parameter_unknown"),
    ({"shipping_options": [{"shipping_rate": "s"}]}, "shipping_options", ""),
    ({"expand": ["metadata"]}, "expand", ""),
    ({"expand": ["payment_intent.latest_charge.balance_transaction.source.refunds"]}, "expand", ""),
]


@pytest.mark.parametrize(("changes", "param", "code"), REFUSED, ids=lambda value: str(value)[:60])
def test_a_session_that_breaks_a_rule_is_refused(
    shared_rig: Rig, changes: dict[str, Any], param: str, code: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shared_rig.new_session(**_from_now(changes))
    assert (refused.value.param, refused.value.code or "") == (param, code)
    assert refused.value.http_status == 400
    assert refused.value.request_id
    assert shared_rig.api.checkout.sessions.list({"status": "open"}).data == []


ALLOWED: list[dict[str, Any]] = [
    {"line_items": _price(unit_amount=50)},
    {"line_items": _price(unit_amount=99_999_999)},
    {"line_items": _price(unit_amount=500, currency="JPY")},
    {"line_items": _price(unit_amount=500, currency="ugx")},
    {"line_items": _price(unit_amount=5120, currency="kwd")},
    {"line_items": [*_price(unit_amount=334), *_price(unit_amount=333)]},
    {"expires_in": 31 * 60},
    {"expires_in": 24 * 3600 - 60},
    {"metadata": _pairs(50, name=40, value=500)},
    {"submit_type": "donate", "locale": "es", "adaptive_pricing": {"enabled": False}},
    {"cancel_url": None, "customer_email": None, "payment_intent_data": None, "metadata": None},
    {"custom_text": {"submit": {"message": "Your gift goes to the strike fund."}}},
]


@pytest.mark.parametrize("changes", ALLOWED, ids=lambda value: str(value)[:60])
def test_a_session_within_the_rules_is_opened_and_can_be_paid(shared_rig: Rig, changes: dict[str, Any]) -> None:
    session = shared_rig.new_session(**_from_now(changes))
    assert shared_rig.press(session, "pay", email="ana@example.org").status == 303
    assert shared_rig.api.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_only_an_open_session_can_be_expired(rig: Rig) -> None:
    paid = rig.paid()
    with pytest.raises(stripe.InvalidRequestError, match="Only Checkout Sessions with a status in"):
        rig.api.checkout.sessions.expire(paid.id)
    session = rig.new_session()
    rig.api.checkout.sessions.expire(session.id)
    with pytest.raises(stripe.InvalidRequestError):
        rig.api.checkout.sessions.expire(session.id)
