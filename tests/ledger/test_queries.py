"""Figures are sums over postings, with and without a checkpoint in between."""

from uuid import UUID, uuid4

import pytest

from campaigns.kernel.money import Money
from campaigns.ledger import queries, rules
from campaigns.ledger.queries import Balance, Collected
from campaigns.ledger.rules import Bearer, Meaning
from tests.ledger.make import NOW, Books, everything, gift, line, movement, usd


@pytest.fixture(params=["no checkpoint", "a checkpoint in between", "a checkpoint at the end"])
def posted(request: pytest.FixtureRequest, books: Books) -> tuple[Books, UUID, UUID, UUID]:
    """A journal in which everything happened to one fund, and one thing to another."""
    fund_id, other, line_id = books.fund(), books.fund(), books.donation_line()
    drafts = everything(fund_id, other, line_id)
    books.post(*drafts[:5])
    if request.param == "a checkpoint in between":
        assert books.checkpoint() == 5
    books.post(*drafts[5:], gift(line(other, 500, currency="EUR")))
    if request.param == "a checkpoint at the end":
        books.checkpoint()
    return books, fund_id, other, line_id


def test_figures_say_what_became_of_a_funds_money(posted: tuple[Books, UUID, UUID, UUID]) -> None:
    books, fund_id, _, _ = posted
    with books.reading() as session:
        figures = queries.figures_of(session, fund_id, "USD")
    assert (figures.given, figures.fees, figures.refunded) == (usd(10_000), usd(1790), usd(1000))
    assert (figures.disputed, figures.paid_out, figures.transferred) == (usd(0), usd(1150), usd(0))
    assert figures.left == usd(10_000 - 1790 - 1000 - 1150)


def test_one_query_gives_every_fund_in_every_currency_it_moved_in(posted: tuple[Books, UUID, UUID, UUID]) -> None:
    books, fund_id, other, _ = posted
    with books.reading() as session:
        everyone = queries.figures(session)
        one = queries.figures(session, [other])
        none = queries.figures(session, [])
    assert {(each.fund_id, each.given) for each in everyone} == {
        (fund_id, usd(10_000)),
        (other, usd(0)),
        (other, Money(500, "EUR")),
    }
    assert [each for each in everyone if each.fund_id == other] == one
    assert none == []


def test_a_fund_that_never_moved_has_figures_of_nothing(posted: tuple[Books, UUID, UUID, UUID]) -> None:
    books, fund_id, _, _ = posted
    with books.reading() as session:
        assert queries.figures_of(session, uuid4(), "USD").left == usd(0)
        assert queries.figures_of(session, fund_id, "CHF").left == Money(0, "CHF")


def test_balances_show_both_sides_of_every_account(posted: tuple[Books, UUID, UUID, UUID]) -> None:
    books, _, _, _ = posted
    with books.reading() as session:
        balances = queries.balances(session)
    in_dollars = [
        (each.account, each.debit.minor, each.credit.minor) for each in balances if each.debit.currency == "USD"
    ]
    assert in_dollars == [
        ("bank", 6000, 1150),
        ("bank:in_transit", 5000, 5000),
        ("fund", 1790 + 1000 + 500 + 1150 + 200 + 200, 10_000 + 500 + 200 + 200),
        ("stripe:balance", 8710 + 500, 1000 + 2000 + 5000 + 80),
        ("stripe:uncollected", 9000, 9000),
        ("suspense", 80, 0),
    ]
    assert sum(each.balance.minor for each in balances) == 0
    assert Balance("bank", usd(6000), usd(1150)) in balances


def test_what_is_expected_and_what_has_settled_are_told_apart(books: Books) -> None:
    fund_id = books.fund()
    books.post(gift(line(fund_id, 3000)), gift(line(fund_id, 2000)))
    with books.reading() as session:
        assert queries.collected(session) == [Collected(expected=usd(5000), settled=usd(0))]
    books.post(rules.settled(movement(3000, 117), [Bearer(fund_id, 1)]))
    with books.reading() as session:
        assert queries.collected(session) == [Collected(expected=usd(2000), settled=usd(3000))]


def test_behind_a_figure_stand_its_entries_newest_first(posted: tuple[Books, UUID, UUID, UUID]) -> None:
    books, fund_id, other, line_id = posted
    with books.reading() as session:
        for meaning in Meaning:
            lines = queries.behind(session, fund_id, meaning)
            figure = getattr(queries.figures_of(session, fund_id, "USD"), _FIGURE[meaning])
            assert sum(each.amount.minor for each in lines) == figure.minor
            assert [each.sequence for each in lines] == sorted((each.sequence for each in lines), reverse=True)
        by_hand, by_card = queries.behind(session, fund_id, Meaning.GIVEN)
        assert queries.behind(session, other, Meaning.GIVEN)[0].amount == Money(500, "EUR")
    assert (by_hand.kind, by_hand.description, by_hand.amount) == ("received", "Collected at the gate", usd(1000))
    assert (by_card.sequence, by_card.donation_line_id, by_card.occurred_at) == (1, line_id, NOW)


_FIGURE = {
    Meaning.GIVEN: "given",
    Meaning.FEE: "fees",
    Meaning.REFUNDED: "refunded",
    Meaning.DISPUTED: "disputed",
    Meaning.PAID_OUT: "paid_out",
    Meaning.TRANSFERRED: "transferred",
}


def test_pages_of_entries_neither_repeat_nor_skip_even_inside_one_entry(books: Books) -> None:
    fund_id = books.fund()
    books.post(*(gift(line(fund_id, 10 * n), line(fund_id, 10 * n + 1), line(fund_id, 10 * n + 2)) for n in (1, 2, 3)))
    seen, before = [], None
    with books.reading() as session:
        while page := queries.behind(session, fund_id, Meaning.GIVEN, before=before, limit=2):
            seen += [each.amount.minor for each in page]
            before = page[-1].sequence, page[-1].position
    assert seen == [32, 31, 30, 22, 21, 20, 12, 11, 10]


def test_a_source_that_was_never_booked_has_no_record(books: Books) -> None:
    with books.reading() as session:
        assert queries.record(session, "charge:ch_none") is None
