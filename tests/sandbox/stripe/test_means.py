"""What pays: test cards that are declined or make trouble later, and bank accounts that take days."""

from typing import Any

import pytest

from sandbox.stripe import app as stripe_app
from sandbox.stripe import cards
from tests.sandbox.driving import visit
from tests.sandbox.rig import SESSION, Rig

EUROS = [{**SESSION["line_items"][0], "price_data": {**SESSION["line_items"][0]["price_data"], "currency": "eur"}}]
DAYS = 24 * 3600


def _session(rig: Rig, session: Any) -> Any:
    return rig.api.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})


@pytest.mark.parametrize("card", [card for card in cards.CARDS.values() if card.code], ids=lambda card: card.last4)
def test_a_declined_card_says_why_and_leaves_the_session_open(rig: Rig, card: cards.Card) -> None:
    session = rig.new_session()
    assert rig.press(session, "pay", card=card.last4).location == f"/pay/{session.id}"
    after = _session(rig, session)
    error = after.payment_intent.last_payment_error
    assert (after.status, error.code, error.decline_code) == ("open", card.code, card.decline)
    assert after.payment_intent.latest_charge.failure_code == card.code
    assert card.message.replace("'", "&#39;") in visit(session.url).text
    assert rig.press(session, "pay", card="4242").status == 303
    assert _session(rig, session).payment_intent.latest_charge.status == "succeeded"


@pytest.mark.parametrize(
    ("card", "event"),
    [
        ("0259", "charge.dispute.funds_withdrawn"),
        ("2685", "charge.dispute.funds_withdrawn"),
        ("1976", "charge.dispute.created"),
        ("5423", "radar.early_fraud_warning.created"),
    ],
)
def test_a_card_that_makes_trouble_does_so_by_itself(rig: Rig, card: str, event: str) -> None:
    rig.press(rig.new_session(), "pay", card=card)
    stripe_app.move_clock(rig.account, 1)
    rig.quiet()
    assert event in rig.site.types()


def test_the_money_of_one_card_is_available_at_once(rig: Rig) -> None:
    rig.press(rig.new_session(), "pay", card="0077")
    assert rig.api.balance.retrieve().available[0].amount == 2883


@pytest.mark.parametrize(("currency", "kind"), [("usd", "us_bank_account"), ("eur", "sepa_debit")])
@pytest.mark.parametrize("means", ["debit", "debit-fails"])
def test_a_bank_answers_days_later(rig: Rig, currency: str, kind: str, means: str) -> None:
    session = rig.new_session(line_items=EUROS if currency == "eur" else SESSION["line_items"])
    assert rig.press(session, "pay", card=means).location == SESSION["success_url"].format(
        CHECKOUT_SESSION_ID=session.id
    )
    waiting = _session(rig, session)
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    charge = waiting.payment_intent.latest_charge
    assert (waiting.payment_intent.status, charge.status, charge.paid) == ("processing", "pending", False)
    assert charge.payment_method_details.type == kind
    assert rig.api.balance_transactions.list().data == []
    stripe_app.move_clock(rig.account, 4 * DAYS)
    after = _session(rig, session)
    paid = means == "debit"
    assert after.payment_status == ("paid" if paid else "unpaid")
    assert after.payment_intent.status == ("succeeded" if paid else "requires_payment_method")
    assert [booked.type for booked in rig.api.balance_transactions.list().data] == (["payment"] if paid else [])
    rig.quiet()
    begun = ["payment_intent.created", "charge.pending", "payment_intent.processing", "checkout.session.completed"]
    assert rig.site.types() == [*begun, *(ARRIVED if paid else REFUSED)]


ARRIVED = [
    "charge.succeeded", "payment_intent.succeeded", "checkout.session.async_payment_succeeded", "charge.updated",
]  # fmt: skip
REFUSED = ["charge.failed", "payment_intent.payment_failed", "checkout.session.async_payment_failed"]


@pytest.mark.parametrize(("word", "status"), [("bank-pays", "succeeded"), ("bank-refuses", "failed")])
def test_the_bank_can_be_made_to_answer_at_once_and_answers_once(rig: Rig, word: str, status: str) -> None:
    session = rig.new_session()
    rig.press(session, "pay", card="debit")
    charge = _session(rig, session).payment_intent.latest_charge
    address = f"{rig.stripe_url}/control/{charge.id}"
    assert [visit(f"{address}/{press}", {}).status for press in (word, "bank-pays", "bank-refuses")] == [303, 400, 400]
    stripe_app.move_clock(rig.account, 5 * DAYS)
    assert rig.api.charges.retrieve(charge.id).status == status


def test_what_came_from_a_bank_account_goes_back_to_it(rig: Rig) -> None:
    session = rig.new_session()
    rig.press(session, "pay", card="debit")
    stripe_app.move_clock(rig.account, 4 * DAYS)
    charge = _session(rig, session).payment_intent.latest_charge
    refund = rig.api.refunds.create({"charge": charge.id, "expand": ["balance_transaction"]})
    assert refund.balance_transaction.type == "payment_refund"


def test_a_currency_without_bank_debits_offers_none(rig: Rig) -> None:
    line = SESSION["line_items"][0]
    yen = [{**line, "price_data": {**line["price_data"], "currency": "jpy"}}]
    assert 'value="debit"' not in visit(rig.new_session(line_items=yen).url).text
    assert 'value="debit"' in visit(rig.new_session().url).text


def test_the_page_of_a_bank_debit_does_not_say_that_it_is_paid(rig: Rig) -> None:
    session = rig.new_session()
    rig.press(session, "pay", card="debit")
    text = visit(session.url).text
    assert "The bank has been asked to pay" in text
    assert "has been made" not in text
