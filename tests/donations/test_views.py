"""The doors of giving: what is typed, what is answered, and what is never shown."""

import logging
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from campaigns.campaign import operations as campaign_operations
from campaigns.campaign.operations import CampaignFields
from campaigns.donations import queries
from campaigns.donations.models import Donation
from campaigns.kernel.money import Money
from campaigns.kernel.ports import BalanceMovement
from campaigns.ledger import operations as ledger
from campaigns.ledger import rules as ledger_rules
from tests.make import GIVE, World, appeal, fund, petition

FORM = "/campaigns/rescind/donate"
TYPED = {
    "preset": "other",
    "email": "maria@example.org",
    "name": "Maria Ortiz",
    "show_name": "y",
    "message": "For Jo & the rest",
}


def rows(world: World, table: str) -> list[Any]:
    with world.engine.connect() as connection:
        return list(connection.execute(text(f"SELECT * FROM {table}")).mappings())


def post(world: World, **fields: str) -> TestResponse:
    return world.client.post(FORM, data=TYPED | fields)


def change(world: World, fields: CampaignFields) -> None:
    with world.work() as session:
        campaign_operations.change(session, "rescind", fields, actor="test", now=world.clock())


@pytest.fixture
def open_appeal(sqlite_world: World) -> World:
    sqlite_world.publish(appeal())
    return sqlite_world


def test_the_form_shows_what_the_money_is_for_and_where_it_goes(open_appeal: World) -> None:
    page = open_appeal.client.get(FORM)
    assert page.status_code == 200
    for words in ("Jo Hill&#39;s costs while the firing is fought.", "Organizing at the hub.", "Hub Workers e. V."):
        assert words in page.text


def test_a_gift_is_promised_and_its_giver_sent_to_the_payment_page(open_appeal: World) -> None:
    response = open_appeal.client.post(FORM, data=GIVE)
    assert (response.status_code, response.headers["Location"]) == (303, "https://pay.example/cs_test_1")
    (donation,), (line,), (payment,) = (rows(open_appeal, table) for table in ("donation", "donation_line", "payment"))
    assert (donation["amount_minor"], line["amount_minor"], payment["amount_minor"]) == (3000, 3000, 3000)
    assert (payment["state"], payment["session_id"]) == ("open", "cs_test_1")


def test_the_payment_page_is_asked_for_what_was_promised_and_leads_back_here(open_appeal: World) -> None:
    open_appeal.give()
    (asked,) = open_appeal.checkout.requests
    (donation,), (payment,) = rows(open_appeal, "donation"), rows(open_appeal, "payment")
    assert [(line.name, line.amount) for line in asked.lines] == [("Jo Hill and the hub", Money(3000, "USD"))]
    assert asked.reference.replace("-", "") == payment["id"]
    assert asked.success_url == f"http://localhost/donations/{donation['public_id']}"
    assert asked.cancel_url == f"http://localhost{FORM}"
    assert asked.metadata["donation"] == donation["public_id"]
    assert "maria" not in str(asked.metadata).lower()


AMOUNTS: dict[str, dict[str, int | None]] = {
    "USD": {
        "30": 3000, "1.15": 115, "19.99": 1999, "30,5": 3050, "30.50": 3050, " 30 ": 3000, "٣٠": 3000, "٣٠٫٥": 3050,
        "3\u202e0": 3000, "1.00": 100, "25000": 2_500_000, "25000.01": None, "0.99": None, "0.29": None, "0": None,
        "-5": None, "+5": None, "1e9": None, "1e1": None, "NaN": None, "inf": None, "10.999": None, "1.000,50": None,
        "1,000.50": None, "1.000": None, "": None, "thirty": None, "$30": None, "0x1E": None, "9" * 19: None,
        "9" * 10_000: None, "3\x000": None, "<b>30</b>": None, "=30": None, "½": None, "²": None,
    },
    "JPY": {"500": 500, "50": 50, "49": None, "500.5": None, "1,000": None, "1250001": None},
    "SEK": {"3": 300, "2.99": None, "1": None},
    "ISK": {"500": 500, "5": None, "149": None, "150": 150, "500.5": None, "999999": 999_999, "1000000": None},
    "UGX": {"5000": 5000, "5": None, "5000,5": None},
    "KWD": {"5.120": 5120, "5,12": 5120, "5": 5000, "5.125": None, "0.999": None, "1,000": None},
    "HUF": {"175": 17_500, "174.99": None, "500,50": 50_050},
    "TWD": {"30": 3000, "30.5": 3050, "29.99": None},
}  # fmt: skip


@pytest.mark.parametrize("currency", AMOUNTS)
def test_an_amount_is_exact_or_refused_beside_its_field(sqlite_world: World, currency: str) -> None:
    sqlite_world.publish(appeal(fund=fund(currency=currency, presets_minor=(), suggested_minor=1000)))
    asked = sqlite_world.checkout.requests
    for number, (typed, minor) in enumerate(AMOUNTS[currency].items()):
        asked.clear()
        response = post(sqlite_world, amount=typed, email=f"giver{number}@example.org")
        taken = [request.lines[0].amount for request in asked]
        if minor is None:
            assert (response.status_code, taken) == (422, []), typed
            assert 'id="amount-error"' in response.text, typed
        else:
            assert (response.status_code, taken) == (303, [Money(minor, currency)]), typed
    assert len(rows(sqlite_world, "donation")) == sum(minor is not None for minor in AMOUNTS[currency].values())


def test_too_small_says_in_the_readers_money_what_would_do(sqlite_world: World) -> None:
    sqlite_world.publish(appeal(fund=fund(currency="SEK", presets_minor=(), suggested_minor=1000)))
    assert "Please give at least SEK\u00a03." in post(sqlite_world, amount="1").text


FIELDS = {
    "long": "ä" * 10_000,
    "nul": "Maria\x00Ortiz",
    "bidi": "Maria\u202eoitrO",
    "html": "<script>alert(1)</script>",
    "formula": '=HYPERLINK("http://x")',
    "emoji": "✊🏿✊🏿",
    "lone": "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "newlines": "Maria\r\nBcc: boss@example.com",
    "empty": "",
    "blank": " \t\u00a0",
}


@pytest.mark.parametrize("field", ["amount", "email", "name", "message", "preset", "show_name"])
def test_whatever_is_typed_is_taken_or_refused_kindly(open_appeal: World, field: str) -> None:
    for name, value in FIELDS.items():
        response = post(open_appeal, **{"amount": "30", "email": f"{name}@example.org", field: value})
        assert response.status_code in (303, 422), name
        if response.status_code == 422:
            assert "error-summary" in response.text, name
            assert "<script>alert" not in response.text, name


def test_an_address_that_is_none_is_refused(open_appeal: World) -> None:
    for email in ("", "maria", "maria@example", "maria@", "@example.org", "a@b.c, d@e.f", "m@x.org\nBcc: y"):
        response = post(open_appeal, amount="30", email=email)
        assert response.status_code == 422, email
        assert 'id="email-error"' in response.text, email


def test_what_was_typed_is_kept_when_something_is_refused(open_appeal: World) -> None:
    page = post(open_appeal, amount="1.000,50").text
    for value in ("1.000,50", "maria@example.org", "Maria Ortiz", "For Jo &amp; the rest"):
        assert value in page


def test_while_the_payment_page_is_away_nothing_is_lost_and_nothing_moves(
    open_appeal: World, caplog: pytest.LogCaptureFixture
) -> None:
    open_appeal.checkout.is_away = True
    response = post(open_appeal, amount="42.17")
    assert response.status_code == 503
    for value in ("42.17", "maria@example.org", "Maria Ortiz", "For Jo &amp; the rest", "No money has moved"):
        assert value in response.text
    assert rows(open_appeal, "ledger_entry") == []
    assert "payments not available" in caplog.text
    open_appeal.checkout.is_away = False
    assert post(open_appeal, amount="42.17").status_code == 303


def test_a_form_sent_twice_opens_two_pages_and_books_what_is_paid(open_appeal: World) -> None:
    first, second = open_appeal.give(), open_appeal.give()
    assert first != second
    open_appeal.pay(first)
    open_appeal.checkout.expire(second)
    open_appeal.ring("evt_2", "checkout.session", second)
    open_appeal.run_worker()
    assert len(rows(open_appeal, "ledger_entry")) == 2  # recognised and settled, once


@pytest.mark.parametrize(
    ("path", "method"),
    [("/campaigns/nowhere/donate", "GET"), ("/campaigns/nowhere/donate", "POST"), ("/donations/nope", "GET")],
)
def test_what_is_not_there_is_not_found(open_appeal: World, path: str, method: str) -> None:
    assert open_appeal.client.open(path, method=method, data=GIVE if method == "POST" else None).status_code == 404


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_campaign_that_asks_for_nothing_has_no_form(sqlite_world: World, method: str) -> None:
    sqlite_world.publish(petition())
    assert sqlite_world.client.open(FORM, method=method).status_code == 404


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_draft_takes_no_gifts(sqlite_world: World, method: str) -> None:
    with sqlite_world.work() as session:
        campaign_operations.create(session, appeal(), actor="test", now=sqlite_world.clock())
    assert sqlite_world.client.open(FORM, method=method, data=None if method == "GET" else GIVE).status_code == 404


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_fund_that_is_closed_says_so(open_appeal: World, method: str) -> None:
    change(open_appeal, appeal(fund=fund(is_open=False)))
    response = open_appeal.client.open(FORM, method=method, data=None if method == "GET" else GIVE)
    assert response.status_code == 410
    assert "takes no gifts" in response.text
    assert rows(open_appeal, "donation") == []


def test_an_amount_in_the_address_is_chosen_already(open_appeal: World) -> None:
    page = open_appeal.client.get(f"{FORM}?amount=42.50").text
    assert 'value="42.50"' in page


def test_nonsense_in_the_address_does_no_harm(open_appeal: World) -> None:
    for amount in ("<script>", "9" * 10_000, "\x00", "%", "other", "", "٣٠"):
        response = open_appeal.client.get(FORM, query_string={"amount": amount})
        assert response.status_code == 200, amount
        assert "<script>" not in response.text, amount


# The page of a gift


def page_of(world: World, client: FlaskClient | None = None) -> TestResponse:
    (donation,) = rows(world, "donation")
    return (client or world.client).get(f"/donations/{donation['public_id']}")


MOMENTS = ["open", "paid", "partly_refunded", "refunded", "disputed", "expired", "processing", "failed"]


def dispute(world: World, minor: int) -> None:
    """Book what a bank took of the only gift, or gave back to us (below nought)."""
    movement = BalanceMovement(
        f"txn_dispute_{minor}", "adjustment", Money(-minor, "USD"), Money(0, "USD"), Money(-minor, "USD"), world.clock()
    )
    with world.work() as session:
        (donation,) = session.scalars(select(Donation))
        held = queries.still_held(session, donation.id)
        whole = held if minor > 0 else [line._replace(amount=Money(3000, "USD")) for line in held]
        ledger.post(session, ledger_rules.disputed(movement, whole), world.clock())


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_page_of_a_gift_shows_nobodys_name_or_address(open_appeal: World, moment: str) -> None:
    typed = {"name": "Maria Ortiz", "show_name": "y", "message": "For Jo, from Maria", "dedication": "Oskar Quince"}
    session_id = open_appeal.give(**typed)
    checkout = open_appeal.checkout
    if moment in ("paid", "refunded", "partly_refunded", "disputed"):
        checkout.pay(session_id)
    if moment in ("refunded", "partly_refunded"):
        checkout.refund(session_id, 3000 if moment == "refunded" else 1000)
    if moment == "disputed":
        open_appeal.ring("evt_1", "checkout.session", session_id)
        open_appeal.run_worker()
        dispute(open_appeal, 3000)
    if moment == "failed":
        checkout.start_processing(session_id)
        checkout.fail(session_id)
    if moment == "expired":
        checkout.expire(session_id)
    if moment == "processing":
        checkout.start_processing(session_id)
    page = page_of(open_appeal)
    assert page.status_code == 200
    words = ("maria", "ortiz", "For Jo", "Quince", "Oskar")
    assert not {word for word in words if word.lower() in page.text.lower()}
    assert page.headers["Cache-Control"] == "no-store"
    assert "noindex" in page.text


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        ("nothing", "Not paid yet"),
        ("pay", "Your gift has arrived"),
        ("expire", "The payment page has closed"),
        ("start_processing", "On its way"),
    ],
)
def test_the_page_of_a_gift_tells_what_became_of_it(open_appeal: World, happens: str, words: str) -> None:
    session_id = open_appeal.give()
    if happens != "nothing":
        getattr(open_appeal.checkout, happens)(session_id)
    assert words in page_of(open_appeal).text


def test_what_went_back_and_what_was_kept_stands_on_the_gifts_page(open_appeal: World) -> None:
    session_id = open_appeal.give()
    open_appeal.pay(session_id)
    open_appeal.checkout.refund(session_id, 1000)
    open_appeal.ring("evt_refund", "checkout.session", session_id)
    open_appeal.run_worker()
    page = page_of(open_appeal).text
    assert "Given back in part" in page
    assert all(amount in page for amount in ("$30", "-$10", "$20"))
    assert "/donate" not in page


def test_a_dispute_stands_on_the_gifts_page_until_the_bank_gives_the_money_back(open_appeal: World) -> None:
    open_appeal.pay(open_appeal.give())
    dispute(open_appeal, 3000)
    assert "Taken back by the bank" in page_of(open_appeal).text
    dispute(open_appeal, -3000)
    page = page_of(open_appeal).text
    assert "Your gift has arrived" in page
    assert "Taken back" not in page


def test_a_page_that_ran_out_and_was_paid_in_its_last_second_says_so_before_any_webhook(open_appeal: World) -> None:
    session_id = open_appeal.give()
    open_appeal.checkout.expire(session_id)
    assert "The payment page has closed" in page_of(open_appeal).text
    open_appeal.checkout.pay(session_id)
    assert "Your gift has arrived" in page_of(open_appeal).text


def test_a_gift_whose_page_could_not_be_opened_says_that_no_money_moved(open_appeal: World) -> None:
    open_appeal.checkout.is_away = True
    post(open_appeal, amount="30")
    assert "No money has moved" in page_of(open_appeal).text


def test_while_the_provider_is_away_the_page_shows_what_is_known(open_appeal: World) -> None:
    open_appeal.give()
    open_appeal.checkout.is_away = True
    page = page_of(open_appeal)
    assert (page.status_code, "Not paid yet" in page.text) == (200, True)


def test_a_session_the_provider_has_forgotten_still_has_a_page(open_appeal: World) -> None:
    del open_appeal.checkout.sessions[open_appeal.give()]
    assert page_of(open_appeal).status_code == 200


def test_the_link_of_a_gift_cannot_be_guessed(open_appeal: World) -> None:
    for _ in range(3):
        open_appeal.give()
    links = [donation["public_id"] for donation in rows(open_appeal, "donation")]
    assert len(set(links)) == 3
    assert all(len(link) >= 16 for link in links)


def test_giving_leaves_no_address_in_any_log(open_appeal: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    open_appeal.pay(open_appeal.give(name="Maria Ortiz", show_name="y"))
    open_appeal.checkout.is_away = True
    post(open_appeal, amount="30")
    assert "maria" not in caplog.text.lower()
    assert "ortiz" not in caplog.text.lower()
