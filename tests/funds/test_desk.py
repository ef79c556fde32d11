"""The treasurer's doors: funds are listed, made, changed, closed and opened, each with its own amounts and words."""

from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from campaigns.campaign import operations, queries
from campaigns.campaign.queries import FundFacts
from campaigns.funds.queries import purposes_of
from tests.make import World, appeal, csrf_token

FORM = "/campaigns/rescind/donate"
FILLED = {
    "campaign": "rescind",
    "currency": "USD",
    "name": "Strike kitchen",
    "purpose": "Meals at the gate.",
    "beyond": "The next strike.",
    "recipient": "Hub Kitchen e. V.",
    "tax": "No deduction.",
    "presets": "10 30 50 100",
    "suggested": "30",
    "least": "5",
    "most": "500",
    "fees_borne_by": "general",
    "descriptor": "hub fund",
}


@pytest.fixture
def site(sqlite_world: World) -> World:
    sqlite_world.publish(appeal())
    return sqlite_world


def send(desk: FlaskClient, path: str = "/desk/funds/new", **changes: str) -> TestResponse:
    return desk.post(path, data=FILLED | changes | {"csrf_token": csrf_token(desk, path)})


def funds(world: World) -> dict[str, FundFacts]:
    with world.reading() as session:
        return {fund.name: fund for fund in queries.every_fund(session)}


def edit(world: World, name: str) -> str:
    return f"/desk/funds/{funds(world)[name].id}"


def audited(world: World) -> list[str]:
    with world.engine.connect() as connection:
        query = "SELECT act FROM audit_record WHERE act LIKE 'fund.%'"
        return sorted(connection.execute(text(query)).scalars())


def test_a_treasurer_makes_a_fund_and_people_can_give_to_it(site: World) -> None:
    desk = site.desk("treasurer")
    made = send(desk)
    assert made.status_code == 303
    fund = funds(site)["Strike kitchen"]
    assert (fund.suggested_minor, fund.presets_minor) == (3000, (1000, 3000, 5000, 10_000))
    assert (fund.least_minor, fund.most_minor, fund.descriptor, fund.tax) == (500, 50_000, "HUB FUND", "No deduction.")
    page = unescape(site.see(f"{FORM}?fund={fund.id}").text)
    for words in ("Meals at the gate.", "The next strike.", "Hub Kitchen e. V.", "No deduction.", "$100"):
        assert words in page
    assert 'name="preset" value="30" checked' in page
    assert audited(site) == ["fund.made"]


def test_the_list_shows_what_each_fund_offers_and_takes(site: World) -> None:
    desk = site.desk("treasurer")
    send(desk)
    page = unescape(desk.get("/desk/funds/").text)
    for words in ("Strike kitchen", "Jo Hill and the hub", "General fund", "$500", "HUB FUND", "as the general fund"):
        assert words in page


def test_opening_and_saving_the_form_changes_nothing(site: World) -> None:
    desk = site.desk("treasurer")
    send(desk)
    before = funds(site)["Strike kitchen"]
    page = desk.get(edit(site, "Strike kitchen")).text
    shown = {name: value for name, value in FILLED.items() if name not in ("campaign", "currency")}
    assert all(unescape(value) in unescape(page) for name, value in shown.items() if name != "descriptor")
    assert send(desk, edit(site, "Strike kitchen")).status_code == 303
    assert funds(site)["Strike kitchen"] == before


def test_other_words_are_a_new_version_and_other_amounts_are_none(site: World) -> None:
    desk = site.desk("treasurer")
    send(desk)
    address = edit(site, "Strike kitchen")
    send(desk, address, presets="20", suggested="20", descriptor="")
    send(desk, address, tax="Deductible in Italy.")
    with site.reading() as session:
        found = purposes_of(session, funds(site)["Strike kitchen"].id)
    assert [(each.number, each.tax) for each in found] == [(2, "Deductible in Italy."), (1, "No deduction.")]
    assert "The words so far" in desk.get(address).text
    assert audited(site) == ["fund.changed", "fund.changed", "fund.made"]


def test_the_currency_of_a_fund_never_changes(site: World) -> None:
    desk = site.desk("treasurer")
    assert send(desk, edit(site, "Jo Hill and the hub"), currency="JPY").status_code == 303  # renamed by it, too
    assert funds(site)["Strike kitchen"].currency == "USD"


def test_a_closed_fund_leaves_the_page_and_comes_back(site: World) -> None:
    desk = site.desk("treasurer")
    address = edit(site, "Jo Hill and the hub")
    for act, status in (("close", 410), ("close", 410), ("open", 200)):
        desk.post(f"{address}/switch", data={"act": act, "csrf_token": csrf_token(desk, address)})
        assert site.see(FORM).status_code == status
    assert audited(site) == ["fund.closed", "fund.opened"]


def test_saving_the_campaign_does_not_open_a_fund_that_a_treasurer_closed(site: World) -> None:
    desk = site.desk("treasurer")
    address = edit(site, "Jo Hill and the hub")
    desk.post(f"{address}/switch", data={"act": "close", "csrf_token": csrf_token(desk, address)})
    with site.work() as session:
        operations.change(session, "rescind", appeal(), actor="test", now=site.clock())
    assert not funds(site)["Jo Hill and the hub"].is_open


def test_what_an_organizer_saves_keeps_the_treasurers_terms(site: World) -> None:
    send(site.desk("treasurer"), edit(site, "Jo Hill and the hub"), name="Jo Hill and the hub")
    with site.work() as session:
        operations.change(session, "rescind", appeal(), actor="test", now=site.clock())
    kept = funds(site)["Jo Hill and the hub"]
    assert (kept.tax, kept.least_minor, kept.most_minor, kept.descriptor) == ("No deduction.", 500, 50_000, "HUB FUND")


REFUSED = [
    ("name", "", "Enter a name."),
    ("name", "a\0b", "Type this again: it holds characters that cannot be shown."),
    ("purpose", " ", "Say what the fund's money is for."),
    ("purpose", "x" * 401, "400"),
    ("recipient", "", "Say who receives the money."),
    ("tax", "x" * 401, "400"),
    ("presets", "10 x", "Enter an amount in figures, like 30 or 12.50."),
    ("presets", "1 10", "An amount that is offered lies outside of what the fund takes."),
    ("suggested", "501", "An amount that is offered lies outside of what the fund takes."),
    ("suggested", "NaN", "Enter an amount in figures, like 30 or 12.50."),
    ("least", "0.50", "Cards carry no gift below $1."),
    ("least", "501", "The largest amount is below the smallest."),
    ("most", "25000.01", "Cards carry no gift above $25,000."),
    ("most", "1.000,50", "Enter an amount in figures, like 30 or 12.50."),
    ("descriptor", "it's for Jo", "Use up to 10 letters and figures without accents, with at least one letter."),
    ("descriptor", "12345", "Use up to 10 letters and figures without accents, with at least one letter."),
    ("currency", "XXX", "Not a valid choice."),
    ("campaign", "nowhere", "Not a valid choice."),
    ("fees_borne_by", "nobody", "Say who pays the card fees."),
]


@pytest.mark.parametrize(("field", "typed", "sentence"), REFUSED)
def test_a_refused_field_says_why_and_all_that_was_typed_is_kept(
    site: World, field: str, typed: str, sentence: str
) -> None:
    answer = send(site.desk("treasurer"), **{field: typed})
    page = unescape(answer.text)
    assert (answer.status_code, sentence in page) == (422, True)
    assert all(FILLED[kept] in page for kept in ("name", "purpose", "presets", "tax") if kept != field)
    assert "Strike kitchen" not in funds(site)


def test_the_general_fund_says_what_card_statements_say_where_a_fund_says_nothing(site: World) -> None:
    desk = site.desk("treasurer")
    address = edit(site, "General fund")
    page = desk.get(address).text
    assert 'name="presets"' not in page
    sent: dict[str, Any] = {"name": "General fund", "purpose": "Costs.", "recipient": "Hub Workers e. V."}
    sent |= {"descriptor": "hub help", "csrf_token": csrf_token(desk, address)}
    assert desk.post(address, data=sent).status_code == 303
    site.give()
    assert site.checkout.requests[-1].descriptor == "HUB HELP"
    send(desk, edit(site, "Jo Hill and the hub"), name="Jo Hill and the hub", descriptor="jo")
    site.give()
    assert site.checkout.requests[-1].descriptor == "JO"


def test_without_a_treasurers_word_a_card_statement_says_nothing_of_the_cause(site: World) -> None:
    site.give()
    assert site.checkout.requests[-1].descriptor == ""


def test_a_fund_that_is_not_there_is_not_found(site: World) -> None:
    desk = site.desk("treasurer")
    nowhere = "/desk/funds/00000000-0000-0000-0000-000000000000"
    token = csrf_token(desk, "/desk/funds/new")
    assert desk.get(nowhere).status_code == 404
    assert desk.post(f"{nowhere}/switch", data={"act": "close", "csrf_token": token}).status_code == 404


def test_a_fund_with_limits_takes_what_is_within_and_names_them_otherwise(site: World) -> None:
    send(site.desk("treasurer"), edit(site, "Jo Hill and the hub"), name="Jo Hill and the hub")
    typed = {"preset": "other", "email": "maria@example.org"}
    for amount, status, words in (
        ("5", 303, ""),
        ("500", 303, ""),
        ("4.99", 422, "Please give at least $5."),
        ("500.01", 422, "At most $500 can be given here at once."),
    ):
        answer = site.client.post(FORM, data=typed | {"amount": amount})
        assert (answer.status_code, words in answer.text) == (status, True), amount
