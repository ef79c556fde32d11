"""Stripe's Checkout behind our port: Stripe's own SDK against the stand-in, and against servers that misbehave."""

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
import stripe
from stripe.params.checkout._session_create_params import SessionCreateParams

from campaigns.adapters import stripe_checkout, stripe_client
from campaigns.adapters.stripe_checkout import StripeCheckout
from campaigns.adapters.stripe_client import connect
from campaigns.kernel.money import Money
from campaigns.kernel.ports import (
    CheckoutLine,
    CheckoutRequest,
    PaymentsRefused,
    PaymentsUnavailable,
    RemoteCharge,
    RemoteSession,
    Root,
    is_away,
)
from sandbox.running import Options, Sandbox
from tests.sandbox.driving import RecordingClient, visit

KEY, SECRET = "sk_test_nobody", "whsec_of_the_tests"


class StandIn:
    """The running stand-in, what a person does on its pages, and our adapter in front of it."""

    def __init__(self, base: str) -> None:
        self.base, self.recorder = base, RecordingClient()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stripe, "RequestsClient", lambda **_: self.recorder)
            self.checkout = StripeCheckout(connect(KEY, base), [SECRET])

    def press(self, session: RemoteSession, button: str) -> None:
        assert session.url
        assert visit(session.url, {"do": button}).status == 303

    def open(self, **changes: Any) -> RemoteSession:
        return self.checkout.open_session(request(**changes))

    def paid(self, **changes: Any) -> RemoteSession:
        session = self.open(**changes)
        self.press(session, "pay")
        return self.checkout.fetch_session(session.id)

    def charge(self, session: RemoteSession) -> RemoteCharge:
        charge = self.checkout.fetch_session(session.id).charge
        assert charge is not None
        return charge

    def control(self, path: str, **fields: str) -> None:
        assert visit(f"{self.base}/control/{path}", fields).status == 303


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """A stand-in for the whole file. Whatever the adapter asks and is answered must have Stripe's shapes."""
    options = Options(state=tmp_path_factory.mktemp("stand-in"), mail_port=None, smtp_port=None)
    sandbox = Sandbox(options)
    sandbox.start()
    stand_in = StandIn(str(sandbox.places.stripe))
    yield stand_in
    stand_in.recorder.close()
    sandbox.stop()
    assert stand_in.recorder.problems() == []


def request(**changes: Any) -> CheckoutRequest:
    payment = str(uuid4())
    whole = CheckoutRequest(
        reference=payment,
        idempotency_key=f"payment:{payment}",
        lines=[CheckoutLine("Strike kitchen – Küche", "Hot meals at gate 3, every day", Money(3000, "USD"))],
        email="maria@example.org",
        success_url="http://localhost/donations/abc",
        cancel_url="http://localhost/campaigns/rescind/donate",
        expires_at=datetime.now(UTC) + timedelta(hours=2),
        locale="en",
        metadata={"payment": payment, "donation": "abc", "fund": str(uuid4())},
    )
    return replace(whole, **changes)


# Against the stand-in


def test_a_page_is_opened_for_exactly_what_was_asked(stand_in: StandIn) -> None:
    asked = request()
    session = stand_in.checkout.open_session(asked)
    assert (session.status, session.payment_status, session.livemode) == ("open", "unpaid", False)
    assert (session.total, session.reference) == (Money(3000, "USD"), asked.reference)
    assert (session.payment_intent_id, session.charge) == (None, None)
    assert session.url
    assert visit(session.url).status == 200


def test_what_is_asked_holds_what_the_books_need(stand_in: StandIn) -> None:
    asked = request()
    session = stand_in.checkout.open_session(asked)
    sent = next(seen.sent for seen in reversed(stand_in.recorder.exchanges) if seen.body["id"] == session.id)
    assert sent["metadata"] == sent["payment_intent_data"]["metadata"] == dict(asked.metadata)
    assert sent["adaptive_pricing"] == {"enabled": "false"}
    assert (sent["submit_type"], sent["mode"], sent["client_reference_id"]) == ("donate", "payment", asked.reference)
    assert not {"payment_method_types", "ui_mode"} & sent.keys()


@pytest.mark.parametrize("said", ["", "HUB FUND", "A" * 10])
def test_what_a_card_statement_says_is_asked_for_only_where_something_is_said(stand_in: StandIn, said: str) -> None:
    session = stand_in.checkout.open_session(request(descriptor=said))
    sent = next(seen.sent for seen in reversed(stand_in.recorder.exchanges) if seen.body["id"] == session.id)
    assert sent["payment_intent_data"].get("statement_descriptor_suffix", "") == said
    assert "statement_descriptor" not in sent["payment_intent_data"]  # Stripe refuses it for cards


def test_a_page_for_several_funds_and_the_fee_shows_each_line(stand_in: StandIn) -> None:
    lines = [
        CheckoutLine("Strike kitchen", "Meals at the gate. · Goes to: Hub Workers e. V.", Money(334, "USD")),
        CheckoutLine("Legal costs", "Lawyers.", Money(666, "USD")),
        CheckoutLine("Card fee, as estimated", "Costs that no other fund bears.", Money(61, "USD")),
    ]
    session = stand_in.checkout.open_session(request(lines=lines))
    assert session.total == Money(1061, "USD")
    assert session.url
    shown = visit(session.url).text
    assert all(line.name in shown and line.description in shown for line in lines)


def test_asking_again_with_the_same_key_gives_the_same_page(stand_in: StandIn) -> None:
    asked = request()
    first, second = (stand_in.checkout.open_session(asked) for _ in range(2))
    assert (first.id, first.url) == (second.id, second.url)
    assert stand_in.open().id != first.id


def test_a_paid_session_comes_back_with_its_charge_and_its_movement(stand_in: StandIn) -> None:
    session = stand_in.paid()
    assert (session.status, session.payment_status, session.intent_status) == ("complete", "paid", "succeeded")
    assert session.url is None
    assert session.payment_intent_id
    charge = session.charge
    assert charge is not None
    assert (charge.amount, charge.refunds) == (Money(3000, "USD"), ())
    movement = charge.movement
    assert movement is not None
    assert (movement.kind, movement.gross, movement.net) == ("charge", charge.amount, movement.gross - movement.fee)
    assert movement.fee.minor > 0
    assert abs(charge.created_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_declined_card_leaves_the_session_open_and_without_a_charge(stand_in: StandIn) -> None:
    session = stand_in.open()
    stand_in.press(session, "decline")
    found = stand_in.checkout.fetch_session(session.id)
    assert (found.status, found.payment_status, found.charge) == ("open", "unpaid", None)
    assert found.intent_status == "requires_payment_method"
    stand_in.press(session, "pay")
    assert stand_in.checkout.fetch_session(session.id).charge is not None


def test_a_charge_that_is_not_booked_yet_has_no_movement(stand_in: StandIn) -> None:
    stand_in.control("settlement", settlement="delayed", seconds="3600")
    session = stand_in.paid()
    stand_in.control("settlement", settlement="at once")
    charge = stand_in.charge(session)
    assert charge.movement is None
    stand_in.control(f"charges/{charge.id}/settle")
    assert stand_in.charge(session).movement is not None


def test_refunds_come_with_their_own_movements_and_nothing_of_the_fee(stand_in: StandIn) -> None:
    session = stand_in.paid()
    charge = stand_in.charge(session)
    for _ in range(2):
        stand_in.control(f"charges/{charge.id}/refund", amount="5.00")
    refunds = stand_in.charge(session).refunds
    assert [refund.amount for refund in refunds] == [Money(500, "USD")] * 2
    assert {refund.status for refund in refunds} == {"succeeded"}
    movements = [refund.movement for refund in refunds if refund.movement]
    assert {movement.gross for movement in movements} == {Money(-500, "USD")}
    assert {movement.fee for movement in movements} == {Money(0, "USD")}
    assert len({refund.id for refund in refunds} | {movement.id for movement in movements}) == 4


def test_a_refund_before_the_charge_is_booked_has_no_movement_yet(stand_in: StandIn) -> None:
    stand_in.control("settlement", settlement="delayed", seconds="3600")
    session = stand_in.paid()
    stand_in.control("settlement", settlement="at once")
    stand_in.control(f"charges/{stand_in.charge(session).id}/refund", amount="30.00")
    (refund,) = stand_in.charge(session).refunds
    assert (refund.status, refund.movement) == ("pending", None)


def test_the_session_is_found_behind_each_kind_of_object(stand_in: StandIn) -> None:
    session = stand_in.paid()
    charge = stand_in.charge(session)
    stand_in.control(f"charges/{charge.id}/refund", amount="1.00")
    (refund,) = stand_in.charge(session).refunds
    intent = session.payment_intent_id or ""
    for kind, found in {
        "checkout.session": session.id,
        "payment_intent": intent,
        "charge": charge.id,
        "refund": refund.id,
    }.items():
        assert stand_in.checkout.find_root(kind, found) == Root("checkout.session", session.id)


def test_behind_other_kinds_there_is_no_session(stand_in: StandIn) -> None:
    assert stand_in.checkout.find_root("payout", "po_1") is None


@pytest.mark.parametrize("kind", ["charge", "refund"])
def test_an_object_stripe_denies_is_a_lookup_error(stand_in: StandIn, kind: str) -> None:
    with pytest.raises(LookupError):
        stand_in.checkout.find_root(kind, "made_up")


def test_a_session_stripe_denies_is_a_lookup_error(stand_in: StandIn) -> None:
    with pytest.raises(LookupError):
        stand_in.checkout.fetch_session("cs_test_made_up")


def test_an_address_stripe_does_not_take_is_left_to_its_own_page(stand_in: StandIn) -> None:
    asked = request(email="maria @ nowhere")
    session = stand_in.checkout.open_session(asked)
    assert session.url
    assert session.reference == asked.reference
    assert stand_in.checkout.open_session(asked).id == session.id


@pytest.mark.parametrize(
    "amount", [Money(500, "JPY"), Money(5, "EUR") + Money(95, "EUR"), Money(5, "GBP") + Money(25, "GBP")], ids=str
)
def test_amounts_go_and_come_in_the_currencys_own_units(stand_in: StandIn, amount: Money) -> None:
    session = stand_in.paid(lines=[CheckoutLine("Fund", "", amount)])
    assert session.total == amount
    assert stand_in.charge(session).amount == amount


def test_lines_are_added_up(stand_in: StandIn) -> None:
    lines = [CheckoutLine("One", "", Money(1000, "USD")), CheckoutLine("Two", "Words", Money(334, "USD"))]
    assert stand_in.open(lines=lines).total == Money(1334, "USD")


@pytest.mark.parametrize("locale", ["en", "es", "it", "fr", "ar", "pt_BR", "en_GB", "tlh", ""])
def test_every_language_of_the_site_opens_a_page(stand_in: StandIn, locale: str) -> None:
    assert stand_in.open(locale=locale).url


def test_the_languages_are_those_the_sdk_knows() -> None:
    hints = str(SessionCreateParams.__annotations__["locale"])
    assert {tag for tag in stripe_checkout.LOCALES if f"'{tag}'" not in hints} == set()


def test_the_version_is_said_with_every_call_and_not_left_to_the_sdk(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_client, "API_VERSION", "2020-08-27")
    with pytest.raises(PaymentsRefused):  # the stand-in speaks one version, and is asked for another
        StripeCheckout(connect(KEY, stand_in.base), [SECRET]).open_session(request())


def test_what_stripe_refuses_says_no_address(stand_in: StandIn) -> None:
    with pytest.raises(PaymentsRefused) as caught:
        stand_in.open(lines=[CheckoutLine("Fund", "", Money(1, "USD"))])
    assert str(caught.value) == "InvalidRequestError"


# Against servers that misbehave


class Misbehaving:
    """A server on loopback that gives one answer to everything."""

    def __init__(self, status: int, body: bytes, kind: str) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.do_GET()

            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def misbehaving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int, bytes, str], StripeCheckout]]:
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.0)  # the SDK's pauses between its tries
    running: list[Misbehaving] = []

    def start(status: int, body: bytes, kind: str = "application/json") -> StripeCheckout:
        running.append(Misbehaving(status, body, kind))
        return StripeCheckout(connect(KEY, running[-1].base), [SECRET])

    yield start
    for server in running:
        server.stop()


def refusal(kind: str, **fields: str) -> bytes:
    return json.dumps({"error": {"type": kind, "message": "about maria@example.org", **fields}}).encode()


# It is about this one thing, and says nothing of the next.
WILL_NOT = [(400, refusal("invalid_request_error", param="line_items")), (402, refusal("card_error"))]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        *WILL_NOT,
        (500, refusal("api_error")),
        (503, b"<html>busy</html>"),
        (200, b"<html>a proxy's page</html>"),
        (200, b""),
        (401, refusal("invalid_request_error")),
        (403, refusal("invalid_request_error")),
        (429, refusal("invalid_request_error")),
        (400, refusal("idempotency_error")),
        (409, refusal("invalid_request_error")),
    ],
)
def test_whatever_stripe_answers_instead_it_is_unavailable_and_quotes_nobody(
    misbehaving: Callable[..., StripeCheckout], status: int, body: bytes
) -> None:
    checkout = misbehaving(status, body)
    for call in (lambda: checkout.open_session(request()), lambda: checkout.fetch_session("cs_1")):
        with pytest.raises(PaymentsUnavailable) as caught:
            call()
        assert "maria" not in str(caught.value)
        assert is_away(caught.value) is ((status, body) not in WILL_NOT)


def test_a_dead_provider_is_noticed_without_waiting_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        base = f"http://127.0.0.1:{taken.getsockname()[1]}"
    checkout = StripeCheckout(connect(KEY, base), [SECRET])
    with pytest.raises(PaymentsUnavailable, match="APIConnectionError"):
        checkout.open_session(request())


def test_a_provider_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.0)
    monkeypatch.setattr(stripe_client, "TIMEOUT_SECONDS", (0.2, 0.2))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        checkout = StripeCheckout(connect(KEY, f"http://127.0.0.1:{silent.getsockname()[1]}"), [SECRET])
        with pytest.raises(PaymentsUnavailable, match="APIConnectionError"):
            checkout.fetch_session("cs_1")


def test_nobody_waits_for_stripe_as_long_as_the_sdk_would() -> None:
    connecting, reading = stripe_client.TIMEOUT_SECONDS
    assert connecting + reading <= 15
