"""What each thing that happens to money means in debits and credits."""

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.kernel.money import CurrencyMismatch, Money
from campaigns.kernel.ports import BalanceMovement
from campaigns.ledger import rules
from campaigns.ledger.rules import Account, Bearer, Draft, EarmarkLine, ImpossibleEntry, Kind, Meaning, Posting
from tests.ledger.make import NOW, line, movement, usd

KITCHEN, LEGAL, GENERAL = UUID(int=1), UUID(int=2), UUID(int=3)
FIRST_LINE, SECOND_LINE = UUID(int=11), UUID(int=12)
REQUEST = UUID(int=99)
TWO_LINES = [EarmarkLine(KITCHEN, FIRST_LINE, usd(2000)), EarmarkLine(LEGAL, SECOND_LINE, usd(1000))]
ON_GENERAL = [Bearer(GENERAL, 1)]

Row = tuple[str, int] | tuple[str, int, UUID, str] | tuple[str, int, UUID, str, UUID]


def posting(account: str, amount: int, fund: UUID | None = None, meaning: str = "", at: UUID | None = None) -> Posting:
    return Posting(account, amount, "USD", fund, meaning or None, at)


@pytest.mark.parametrize(
    ("draft", "key", "kind", "rows"),
    [
        pytest.param(
            rules.recognised("ch_1", TWO_LINES, NOW),
            "charge:ch_1",
            "recognised",
            [
                ("stripe:uncollected", 3000),
                ("fund", -2000, KITCHEN, "given", FIRST_LINE),
                ("fund", -1000, LEGAL, "given", SECOND_LINE),
            ],
            id="a charge counts at once, on each earmark",
        ),
        pytest.param(
            rules.settled(movement(3000, 117, txn="txn_1"), ON_GENERAL),
            "bt:txn_1",
            "settled",
            [("stripe:balance", 2883), ("fund", 117, GENERAL, "fee"), ("stripe:uncollected", -3000)],
            id="a settlement brings the net and the general fund bears the fee",
        ),
        pytest.param(
            rules.settled(movement(3000, 101, txn="txn_1"), [Bearer(KITCHEN, 2000), Bearer(LEGAL, 1000)]),
            "bt:txn_1",
            "settled",
            [
                ("stripe:balance", 2899),
                ("fund", 67, KITCHEN, "fee"),
                ("fund", 34, LEGAL, "fee"),
                ("stripe:uncollected", -3000),
            ],
            id="several bear a fee by the largest remainder",
        ),
        pytest.param(
            rules.settled(movement(3000, txn="txn_1"), []),
            "bt:txn_1",
            "settled",
            [("stripe:balance", 3000), ("stripe:uncollected", -3000)],
            id="no fee needs no bearer",
        ),
        pytest.param(
            rules.settled(movement(30, 30, txn="txn_1"), ON_GENERAL),
            "bt:txn_1",
            "settled",
            [("fund", 30, GENERAL, "fee"), ("stripe:uncollected", -30)],
            id="a fee that eats the whole gift",
        ),
        pytest.param(
            rules.refunded(movement(-1500, txn="txn_2"), TWO_LINES),
            "bt:txn_2",
            "refunded",
            [
                ("stripe:balance", -1500),
                ("fund", 1000, KITCHEN, "refunded", FIRST_LINE),
                ("fund", 500, LEGAL, "refunded", SECOND_LINE),
            ],
            id="a refund is shared by what each earmark holds",
        ),
        pytest.param(
            rules.refunded(movement(-3000, 25, txn="txn_2"), TWO_LINES, ON_GENERAL),
            "bt:txn_2",
            "refunded",
            [
                ("stripe:balance", -3025),
                ("fund", 25, GENERAL, "fee"),
                ("fund", 2000, KITCHEN, "refunded", FIRST_LINE),
                ("fund", 1000, LEGAL, "refunded", SECOND_LINE),
            ],
            id="a refund that costs a fee",
        ),
        pytest.param(
            rules.refunded(movement(1500, kind="refund_failure", txn="txn_3"), TWO_LINES),
            "bt:txn_3",
            "refunded",
            [
                ("stripe:balance", 1500),
                ("fund", -1000, KITCHEN, "refunded", FIRST_LINE),
                ("fund", -500, LEGAL, "refunded", SECOND_LINE),
            ],
            id="a refund that failed comes back",
        ),
        pytest.param(
            rules.disputed(movement(-3300, 1500, txn="txn_4"), TWO_LINES, ON_GENERAL),
            "bt:txn_4",
            "disputed",
            [
                ("stripe:balance", -4800),
                ("fund", 1500, GENERAL, "fee"),
                ("fund", 2200, KITCHEN, "disputed", FIRST_LINE),
                ("fund", 1100, LEGAL, "disputed", SECOND_LINE),
            ],
            id="a dispute may take more than was given, and costs a fee",
        ),
        pytest.param(
            rules.disputed(movement(3300, -1500, txn="txn_5"), TWO_LINES, ON_GENERAL),
            "bt:txn_5",
            "disputed",
            [
                ("stripe:balance", 4800),
                ("fund", -1500, GENERAL, "fee"),
                ("fund", -2200, KITCHEN, "disputed", FIRST_LINE),
                ("fund", -1100, LEGAL, "disputed", SECOND_LINE),
            ],
            id="a dispute that was won comes back with its fee",
        ),
        pytest.param(
            rules.payout(movement(-2883, 10, txn="txn_6"), ON_GENERAL),
            "bt:txn_6",
            "payout",
            [("stripe:balance", -2893), ("fund", 10, GENERAL, "fee"), ("bank:in_transit", 2883)],
            id="a payout is on its way to the bank",
        ),
        pytest.param(
            rules.payout(movement(2883, kind="payout_failure", txn="txn_7")),
            "bt:txn_7",
            "payout",
            [("stripe:balance", 2883), ("bank:in_transit", -2883)],
            id="a payout that failed comes back",
        ),
        pytest.param(
            rules.unknown(movement(-77, 3, txn="txn_8")),
            "bt:txn_8",
            "unknown",
            [("stripe:balance", -80), ("suspense", 77), ("suspense", 3)],
            id="what nobody can explain is booked and its fee stays visible",
        ),
        pytest.param(
            rules.unknown(movement(40, 40, txn="txn_8")),
            "bt:txn_8",
            "unknown",
            [("suspense", -40), ("suspense", 40)],
            id="an unexplained movement that came to nothing",
        ),
        pytest.param(
            rules.received(REQUEST, TWO_LINES, NOW, "Collected at the gate"),
            f"request:{REQUEST}",
            "received",
            [
                ("bank", 3000),
                ("fund", -2000, KITCHEN, "given", FIRST_LINE),
                ("fund", -1000, LEGAL, "given", SECOND_LINE),
            ],
            id="a gift by hand",
        ),
        pytest.param(
            rules.deposited(REQUEST, usd(2883), NOW),
            f"request:{REQUEST}",
            "deposited",
            [("bank", 2883), ("bank:in_transit", -2883)],
            id="the bank shows a payout",
        ),
        pytest.param(
            rules.disbursed(REQUEST, KITCHEN, usd(1250), NOW, "Rice"),
            f"request:{REQUEST}",
            "disbursed",
            [("fund", 1250, KITCHEN, "paid_out"), ("bank", -1250)],
            id="a fund pays out",
        ),
        pytest.param(
            rules.transferred(REQUEST, KITCHEN, LEGAL, usd(400), NOW, "Bail"),
            f"request:{REQUEST}",
            "transferred",
            [("fund", 400, KITCHEN, "transferred"), ("fund", -400, LEGAL, "transferred")],
            id="a fund helps another",
        ),
    ],
)
def test_what_happens_is_booked_so(draft: Draft, key: str, kind: str, rows: list[Row]) -> None:
    assert (draft.source_key, draft.kind, draft.currency, draft.occurred_at) == (key, kind, "USD", NOW)
    assert list(draft.postings) == [posting(*row) for row in rows]


def test_the_providers_own_word_is_kept_for_the_treasurer() -> None:
    assert rules.unknown(movement(-77, kind="stripe_fee")).description == "stripe_fee"


def test_two_refunds_of_half_a_gift_empty_every_line_exactly() -> None:
    held = [line(fund, minor) for fund, minor in [(KITCHEN, 334), (LEGAL, 333), (GENERAL, 333)]]
    first = rules.refunded(movement(-500), held)
    back = [posting.amount for posting in first.postings[1:]]
    left = [line(fund, amount.minor - part) for (fund, _, amount, _), part in zip(held, back, strict=True)]
    second = rules.refunded(movement(-500), left)
    assert back == [167, 167, 166]
    assert [posting.amount for posting in second.postings[1:]] == [167, 166, 167]


# Laws of one entry

SOUND = (posting("bank", 100), posting("fund", -100, KITCHEN, "given"))


@pytest.mark.parametrize(
    ("postings", "fault"),
    [
        ((), "fewer than two postings"),
        ((posting("bank", 100),), "fewer than two postings"),
        ((posting("bank", 100), posting("bank", -99)), "the postings do not sum to zero"),
        ((*SOUND, posting("bank", 0)), "a posting of nothing"),
        ((posting("bank", 0.5), posting("suspense", -0.5)), "an amount in parts of a minor unit"),  # type: ignore[arg-type]
        ((posting("bank", True), posting("suspense", -1)), "an amount in parts of a minor unit"),
        ((*SOUND, Posting("bank", 1, "EUR"), Posting("suspense", -1, "EUR")), "a posting in EUR, not USD"),
        ((posting("purse", 100), SOUND[1]), "an unknown account: purse"),
        ((SOUND[0], posting("fund", -100, KITCHEN, "lost")), "an unknown meaning: lost"),
        ((SOUND[0], posting("fund", -100, None, "given")), "a fund exactly on the fund's account"),
        ((posting("bank", 100, KITCHEN), SOUND[1]), "a fund exactly on the fund's account"),
        ((SOUND[0], posting("fund", -100, KITCHEN)), "a meaning exactly on the fund's account"),
        ((posting("bank", 100, None, "given"), SOUND[1]), "a meaning exactly on the fund's account"),
        ((posting("bank", 100, at=FIRST_LINE), SOUND[1]), "an earmark line off the fund's account"),
    ],
)
def test_an_entry_that_breaks_a_law_cannot_be_drafted(postings: tuple[Posting, ...], fault: str) -> None:
    assert rules.faults("USD", SOUND) == []
    assert fault in rules.faults("USD", postings)
    with pytest.raises(ImpossibleEntry, match=fault):
        Draft("request:1", Kind.DEPOSITED, "USD", NOW, postings)


@pytest.mark.parametrize("key", ["", "ch_1", "charge:", "charge: ", "event:evt_1", "bt:a b"])
def test_a_source_key_names_its_source(key: str) -> None:
    with pytest.raises(ImpossibleEntry, match="not a source key"):
        Draft(key, Kind.DEPOSITED, "USD", NOW, SOUND)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: Draft("request:1", Kind.DEPOSITED, "USD", NOW.replace(tzinfo=None), SOUND), id="no zone"),
        pytest.param(lambda: rules.recognised("ch_1", [], NOW), id="a gift to nobody"),
        pytest.param(lambda: rules.recognised("ch_1", [line(KITCHEN, 0)], NOW), id="a gift of nothing"),
        pytest.param(lambda: rules.recognised("ch_1", [line(KITCHEN, 5), line(LEGAL, -1)], NOW), id="a part below 0"),
        pytest.param(lambda: rules.settled(movement(3000, 117), []), id="a fee nobody bears"),
        pytest.param(lambda: rules.settled(movement(0), ON_GENERAL), id="a movement of nothing"),
        pytest.param(lambda: rules.refunded(movement(-1, 0), []), id="a refund of no gift"),
        pytest.param(lambda: rules.refunded(movement(-1, 0), [line(KITCHEN, 0)]), id="a refund of an empty gift"),
        pytest.param(lambda: rules.disbursed(REQUEST, KITCHEN, usd(-5), NOW, ""), id="a negative disbursement"),
        pytest.param(lambda: rules.transferred(REQUEST, KITCHEN, LEGAL, usd(0), NOW, ""), id="an empty transfer"),
        pytest.param(lambda: rules.deposited(REQUEST, usd(-1), NOW), id="a negative deposit"),
    ],
)
def test_a_movement_that_means_nothing_is_refused(make: Callable[[], Draft]) -> None:
    with pytest.raises(ImpossibleEntry):
        make()


def test_a_movement_whose_net_does_not_fit_is_refused() -> None:
    wrong = BalanceMovement("txn_1", "charge", usd(3000), usd(117), usd(2884), NOW)
    with pytest.raises(ImpossibleEntry, match="do not sum to zero"):
        rules.settled(wrong, ON_GENERAL)


def test_currencies_are_not_mixed_in_a_gift() -> None:
    with pytest.raises(CurrencyMismatch):
        rules.recognised("ch_1", [line(KITCHEN, 5), line(LEGAL, 5, currency="EUR")], NOW)


# Figures


def test_left_is_given_less_what_went_back_or_out_and_what_other_funds_got() -> None:
    sums = {"given": -10_000, "fee": 300, "refunded": 1000, "disputed": 500, "paid_out": 4000, "transferred": -700}
    figures = rules.figures(KITCHEN, "USD", sums)
    assert (figures.given, figures.fees, figures.transferred) == (usd(10_000), usd(300), usd(700))
    assert figures.left == usd(10_000 - 300 - 1000 - 500 - 4000 + 700)


def test_a_fund_may_be_below_zero() -> None:
    assert rules.figures(KITCHEN, "USD", {"given": -1000, "paid_out": 900, "refunded": 1000}).left == usd(-900)


_minor = st.integers(1, 10**9)
_lines = st.lists(st.builds(EarmarkLine, st.sampled_from([KITCHEN, LEGAL]), st.none(), _minor.map(usd)), min_size=1)
_bearers = st.lists(st.builds(Bearer, st.just(GENERAL), st.integers(1, 100)), min_size=1, max_size=3)
_signed = st.integers(-(10**9), 10**9).filter(bool)
_movements = st.builds(movement, _signed, st.integers(-500, 500))
_amounts = _minor.map(usd)
_drafts = st.one_of(
    st.builds(lambda lines: rules.recognised("ch_1", lines, NOW), _lines),
    st.builds(rules.settled, _movements, _bearers),
    st.builds(rules.refunded, _movements, _lines, _bearers),
    st.builds(rules.disputed, _movements, _lines, _bearers),
    st.builds(rules.payout, _movements, _bearers),
    st.builds(rules.unknown, _movements),
    st.builds(lambda lines: rules.received(REQUEST, lines, NOW), _lines),
    st.builds(lambda amount: rules.deposited(REQUEST, amount, NOW), _amounts),
    st.builds(lambda amount: rules.disbursed(REQUEST, LEGAL, amount, NOW, ""), _amounts),
    st.builds(lambda amount: rules.transferred(REQUEST, KITCHEN, LEGAL, amount, NOW, ""), _amounts),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_drafts))
def test_whatever_happens_the_books_sum_to_zero_and_left_is_what_stands_on_the_funds(drafts: list[Draft]) -> None:
    postings = [posting for draft in drafts for posting in draft.postings]
    assert sum(posting.amount for posting in postings) == 0
    for fund in (KITCHEN, LEGAL, GENERAL):
        mine = [posting for posting in postings if posting.fund_id == fund]
        sums = {str(meaning): sum(p.amount for p in mine if p.meaning == meaning) for meaning in Meaning}
        assert rules.figures(fund, "USD", sums).left == Money(-sum(posting.amount for posting in mine), "USD")


def test_every_account_has_a_draft_that_moves_it() -> None:
    seen = {
        posting.account
        for draft in (
            rules.settled(movement(9, 1), ON_GENERAL),
            rules.deposited(REQUEST, usd(1), NOW),
            rules.unknown(movement(1)),
        )
        for posting in draft.postings
    }
    assert seen == set(Account)
