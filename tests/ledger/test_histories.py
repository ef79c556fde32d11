"""Random histories on a real database: after each, the figures are those of a plain sum on paper."""

from collections import Counter
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.ledger import checks, queries, rules
from campaigns.ledger.operations import EntryConflict
from campaigns.ledger.rules import Bearer, Draft, Meaning
from tests.ledger.make import NOW, Books, gift, line, movement, usd

KITCHEN, LEGAL = 0, 1
# What can happen: a word, which of two funds, and an amount of minor units.
EVENTS = st.tuples(
    st.sampled_from(
        [
            "gift",
            "settle",
            "refund",
            "refund fails",
            "dispute",
            "dispute is won",
            "payout",
            "unknown",
            "by hand",
            "disburse",
            "transfer",
            "again",
            "again, changed",
            "checkpoint",
        ]
    ),
    st.sampled_from([KITCHEN, LEGAL]),
    st.integers(1, 10**6),
)


def draft(word: str, fund_id: UUID, other: UUID, minor: int) -> Draft:
    held = [line(fund_id, minor), line(other, 2 * minor)]
    bearers = [Bearer(fund_id, 1), Bearer(other, 2)]
    made = {
        "gift": lambda: gift(*held),
        "settle": lambda: rules.settled(movement(minor, minor // 7), bearers),
        "refund": lambda: rules.refunded(movement(-minor, kind="refund"), held),
        "refund fails": lambda: rules.refunded(movement(minor, kind="refund_failure"), held),
        "dispute": lambda: rules.disputed(movement(-minor, 1500), held, bearers),
        "dispute is won": lambda: rules.disputed(movement(minor, -1500), held, bearers),
        "payout": lambda: rules.payout(movement(-minor)),
        "unknown": lambda: rules.unknown(movement(minor, 3)),
        "by hand": lambda: rules.received(uuid4(), held, NOW),
        "disburse": lambda: rules.disbursed(uuid4(), fund_id, usd(minor), NOW, "Rent of the hall"),
        "transfer": lambda: rules.transferred(uuid4(), fund_id, other, usd(minor), NOW, "As voted"),
    }
    return made[word]()


class Paper:
    """The same journal, kept by a list and a sum."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.funds = [books.fund(), books.fund()]
        self.drafts: list[Draft] = []

    def happens(self, word: str, which: int, minor: int) -> None:
        if word == "checkpoint":
            self.books.checkpoint()
        elif word.startswith("again"):
            for old in self.drafts[-1:]:
                self._again(old, changed=word.endswith("changed"))
        else:
            new = draft(word, self.funds[which], self.funds[1 - which], minor)
            assert self.books.post(new)[0].is_new
            self.drafts.append(new)

    def _again(self, old: Draft, *, changed: bool) -> None:
        if not changed:
            assert not self.books.post(old)[0].is_new
            return
        other = Draft(old.source_key, old.kind, old.currency, old.occurred_at, (*old.postings, *old.postings))
        with pytest.raises(EntryConflict):
            self.books.post(other)

    def sum(self, fund_id: UUID, *meanings: Meaning) -> int:
        postings = [posting for each in self.drafts for posting in each.postings if posting.fund_id == fund_id]
        return sum(posting.amount for posting in postings if posting.meaning in (meanings or tuple(Meaning)))

    def accounts(self) -> Counter[str]:
        moved: Counter[str] = Counter()
        for posting in (posting for each in self.drafts for posting in each.postings):
            moved[posting.account] += posting.amount
        return moved


def prove(paper: Paper, accounts_before: Counter[str]) -> None:
    with paper.books.reading() as session:
        for fund_id in paper.funds:
            figures = queries.figures_of(session, fund_id, "USD")
            assert figures.left == usd(-paper.sum(fund_id))
            assert figures.given == usd(-paper.sum(fund_id, Meaning.GIVEN))
            assert figures.fees == usd(paper.sum(fund_id, Meaning.FEE))
            assert figures.refunded == usd(paper.sum(fund_id, Meaning.REFUNDED))
            assert figures.disputed == usd(paper.sum(fund_id, Meaning.DISPUTED))
            assert figures.paid_out == usd(paper.sum(fund_id, Meaning.PAID_OUT))
        assert checks.verify(session) == []
    moved = accounts(paper.books)
    moved.subtract(accounts_before)
    assert +moved == +paper.accounts()
    assert -moved == -paper.accounts()
    assert moved.total() == 0


def accounts(books: Books) -> Counter[str]:
    with books.reading() as session:
        return Counter({balance.account: balance.balance.minor for balance in queries.balances(session)})


def play(books: Books, history: list[tuple[str, int, int]]) -> None:
    """Histories follow one another in one journal, for nothing can be taken out of it; each has funds of its own."""
    before = accounts(books)
    paper = Paper(books)
    for word, which, minor in history:
        paper.happens(word, which, minor)
    prove(paper, before)


_SHARED_JOURNAL = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=15, deadline=None, suppress_health_check=_SHARED_JOURNAL)
@given(history=st.lists(EVENTS, max_size=12))
def test_after_any_history_every_figure_is_the_plain_sum(books: Books, history: list[tuple[str, int, int]]) -> None:
    play(books, history)


@pytest.mark.prove
@settings(max_examples=150, deadline=None, suppress_health_check=_SHARED_JOURNAL)
@given(history=st.lists(EVENTS, max_size=40))
def test_after_many_long_histories_too(books: Books, history: list[tuple[str, int, int]]) -> None:
    play(books, history)
