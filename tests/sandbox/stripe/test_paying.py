"""The story of a gift: a session is opened, somebody pays or does not, the site is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import stripe

from sandbox.stripe import app as stripe_app
from tests.sandbox.driving import visit
from tests.sandbox.rig import Rig
from tests.waiting import wait_for

PAID = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
    "charge.updated",
]


def test_a_new_session_is_open_and_unpaid(rig: Rig) -> None:
    session = rig.new_session()
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_total, session.currency, session.livemode) == (3000, "usd", False)
    assert session.url == f"{rig.stripe_url}/pay/{session.id}"
    assert session.customer_details.email == "ana@example.org"
    assert session.metadata.to_dict() == {"donation": "1"}


def test_paying_leads_back_to_the_site_with_the_session_id(rig: Rig) -> None:
    session = rig.new_session()
    page = rig.press(session, "pay")
    assert (page.status, page.location) == (303, f"http://localhost:8000/donations/abc?session={session.id}")


def test_a_paid_session_has_an_intent_a_charge_and_a_balance_transaction(rig: Rig) -> None:
    session = rig.paid()
    intent, charge = session.payment_intent, session.payment_intent.latest_charge
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    assert (intent.status, intent.amount_received, intent.description) == ("succeeded", 3000, "Strike fund")
    assert intent.metadata.to_dict() == charge.metadata.to_dict() == {"donation": "1"}
    assert (charge.paid, charge.captured, charge.billing_details.email) == (True, True, "ana@example.org")
    booked = rig.api.balance_transactions.retrieve(charge.balance_transaction)
    assert (booked.amount, booked.fee, booked.net, booked.source) == (3000, 117, 2883, charge.id)
    assert [session.id] == [found.id for found in rig.api.checkout.sessions.list({"payment_intent": intent.id})]


def test_the_site_is_told_in_signed_events_that_stripe_s_own_code_accepts(rig: Rig) -> None:
    session = rig.paid()
    rig.quiet()
    events = {event["type"]: event for event in rig.site.events()}
    assert list(events) == PAID
    completed = events["checkout.session.completed"]
    assert completed["api_version"] == rig.api.webhook_endpoints.list().data[0].api_version == "2026-10-28.endive"
    assert completed["data"]["object"]["id"] == session.id
    assert completed["pending_webhooks"] == 1
    assert completed["request"] == {"id": None, "idempotency_key": None}


def test_an_event_is_a_snapshot_of_its_moment(rig: Rig) -> None:
    """As at Stripe, the charge has no balance transaction yet when it succeeds: charge.updated brings it."""
    charge = rig.paid().payment_intent.latest_charge
    rig.quiet()
    events = {event["type"]: event for event in rig.site.events()}
    assert events["charge.succeeded"]["data"]["object"]["balance_transaction"] is None
    assert events["payment_intent.created"]["data"]["object"]["status"] == "requires_payment_method"
    updated = events["charge.updated"]["data"]
    assert updated["object"]["balance_transaction"] == charge.balance_transaction
    assert updated["previous_attributes"] == {"balance_transaction": None}


def test_a_changed_or_wrongly_signed_event_is_not_accepted(rig: Rig) -> None:
    rig.new_session()
    rig.paid()
    body, signed = wait_for(lambda: rig.site.received)[0]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body + b" ", signed, "whsec_of_the_tests")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, signed, "whsec_another")


def test_a_declined_card_leaves_the_session_open(rig: Rig) -> None:
    session = rig.new_session()
    page = rig.press(session, "decline")
    assert (page.status, page.location) == (303, f"/pay/{session.id}")
    assert "Your card was declined." in visit(session.url).text
    after = rig.api.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert (after.status, after.payment_status, after.url) == ("open", "unpaid", session.url)
    intent = after.payment_intent
    assert (intent.status, intent.amount_received) == ("requires_payment_method", 0)
    assert (intent.last_payment_error.code, intent.last_payment_error.type) == ("card_declined", "card_error")
    assert (intent.latest_charge.status, intent.latest_charge.balance_transaction) == ("failed", None)
    rig.quiet()
    assert rig.site.types() == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


def test_after_a_declined_card_the_same_intent_can_be_paid(rig: Rig) -> None:
    session = rig.new_session()
    rig.press(session, "decline")
    first = rig.api.checkout.sessions.retrieve(session.id).payment_intent
    rig.press(session, "pay")
    after = rig.api.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (after.payment_intent.id, after.payment_intent.status) == (first, "succeeded")
    assert after.payment_intent.last_payment_error is None
    assert [charge.status for charge in rig.api.charges.list({"payment_intent": first})] == ["succeeded", "failed"]


def test_pressing_pay_twice_pays_once_and_leads_back_twice(rig: Rig) -> None:
    session = rig.new_session()
    assert rig.press(session, "pay").location == rig.press(session, "pay").location
    assert len(rig.api.charges.list().data) == 1


def test_pressing_pay_in_many_windows_at_once_pays_once(rig: Rig) -> None:
    session = rig.new_session()
    with ThreadPoolExecutor(8) as windows:
        pages = list(windows.map(lambda _: rig.press(session, "pay"), range(8)))
    assert {page.location for page in pages} == {f"http://localhost:8000/donations/abc?session={session.id}"}
    assert len(rig.api.charges.list().data) == 1


def test_a_paid_page_says_so_and_takes_no_second_payment(rig: Rig) -> None:
    session = rig.new_session()
    rig.press(session, "pay")
    assert "Already paid" in visit(session.url).text
    assert "Already paid" in rig.press(session, "decline").text
    assert len(rig.api.charges.list().data) == 1


def test_the_page_shows_what_is_paid_for_and_that_no_card_is_charged(rig: Rig) -> None:
    page = visit(rig.new_session().url)
    for text in ("This is a stand-in for Stripe. No card is charged.", "30.00 USD", "Groceries and rent", "Go back"):
        assert text in page.text
    assert 'value="ana@example.org"' in page.text
    assert "http://localhost:8000/campaigns/strike/donate" in page.text
    assert "card number" not in page.text.lower()


def test_without_an_address_from_the_site_the_page_asks_for_one(rig: Rig) -> None:
    session = rig.new_session(customer_email=None)
    refused = rig.press(session, "pay", email="ana at example")
    assert refused.status == 400
    assert 'value="ana at example"' in refused.text
    assert 'aria-invalid="true"' in refused.text
    assert rig.press(session, "pay", email="ana@example.org").status == 303
    after = rig.api.checkout.sessions.retrieve(session.id)
    assert (after.customer_email, after.customer_details.email) == (None, "ana@example.org")


def test_an_address_given_by_the_site_cannot_be_changed(rig: Rig) -> None:
    session = rig.new_session()
    rig.press(session, "pay", email="somebody@else.example")
    assert rig.api.checkout.sessions.retrieve(session.id).customer_details.email == "ana@example.org"


def test_going_back_changes_nothing(rig: Rig) -> None:
    session = rig.new_session()
    visit(session.url)
    assert rig.api.checkout.sessions.retrieve(session.id).to_dict() == session.to_dict()
    assert rig.api.events.list().data == []


def test_an_unknown_payment_page_says_so(rig: Rig) -> None:
    page = visit(f"{rig.stripe_url}/pay/cs_test_nothing")
    assert (page.status, "No such payment page" in page.text) == (404, True)


def test_an_expired_session_closes_its_page_and_cancels_its_intent(rig: Rig) -> None:
    session = rig.new_session()
    rig.press(session, "decline")
    expired = rig.api.checkout.sessions.expire(session.id, {"expand": ["payment_intent"]})
    assert (expired.status, expired.payment_status, expired.url) == ("expired", "unpaid", None)
    assert (expired.payment_intent.status, expired.payment_intent.cancellation_reason) == ("canceled", "expired")
    assert "This payment page has expired" in visit(session.url).text
    assert "This payment page has expired" in rig.press(session, "pay").text
    rig.quiet()
    assert rig.site.types()[-2:] == ["checkout.session.expired", "payment_intent.canceled"]


@pytest.mark.parametrize(("after", "status"), [(29 * 60, "open"), (31 * 60, "expired")])
def test_a_session_expires_when_its_time_is_over(rig: Rig, after: int, status: str) -> None:
    expires = datetime.now(UTC) + timedelta(minutes=30, seconds=5)
    session = rig.new_session(expires_at=int(expires.timestamp()))
    stripe_app.move_clock(rig.account, after)
    assert rig.api.checkout.sessions.retrieve(session.id).status == status


def test_a_session_expires_by_itself_without_anybody_asking(rig: Rig) -> None:
    rig.new_session()
    rig.account.clock.move(25 * 3600)
    wait_for(lambda: "checkout.session.expired" in rig.site.types())


def test_a_session_that_was_paid_does_not_expire(rig: Rig) -> None:
    session = rig.paid()
    stripe_app.move_clock(rig.account, 25 * 3600)
    assert rig.api.checkout.sessions.retrieve(session.id).status == "complete"
    rig.quiet()
    assert "checkout.session.expired" not in rig.site.types()
