"""How a gift is shared, and in which words it is shown."""

from datetime import timedelta

import pytest

from campaigns.donations import rules
from campaigns.donations.rules import SHOWN_STATES, PartsDiffer, TooManyFunds, is_same_gift, shown_state
from campaigns.kernel.money import Money
from campaigns.payments.rules import State
from tests.fakes.clock import START

GIVEN, NOTHING = Money(3000, "USD"), Money(0, "USD")
USD = "USD"


@pytest.mark.parametrize(
    ("whole", "shares", "parts"),
    [
        (1000, (0, 0, 0), [334, 333, 333]),  # the odd cent goes to the first, each time
        (1000, (0,), [1000]),
        (None, (500, 0, 250), [500, 0, 250]),
        (750, (500, 0, 250), [500, 0, 250]),
        (2, (0, 0, 0), [1, 1, 0]),
        (0, (0, 0), [0, 0]),
        (None, (0, 0), [0, 0]),
    ],
)
def test_a_gift_is_shared_as_it_was_typed_or_evenly(
    whole: int | None, shares: tuple[int, ...], parts: list[int]
) -> None:
    typed = Money(whole, USD) if whole is not None else None
    assert rules.parts(typed, [Money(share, USD) for share in shares]) == [Money(part, USD) for part in parts]


@pytest.mark.parametrize(
    ("whole", "parts"), [(10_000, [3340, 3330, 3330]), (3000, [1000] * 3), (20, [10, 10, 0]), (0, [0] * 3)]
)
def test_an_even_split_gives_each_fund_what_a_card_can_be_charged(whole: int, parts: list[int]) -> None:
    found = rules.parts(Money(whole, "KWD"), [Money(0, "KWD")] * 3)
    assert found == [Money(part, "KWD") for part in parts]


def test_a_whole_that_is_not_its_parts_is_never_guessed_at() -> None:
    with pytest.raises(PartsDiffer) as caught:
        rules.parts(Money(3000, USD), [Money(500, USD), Money(250, USD)])
    assert str(caught.value).startswith("The amounts for each fund come to 7.50 USD, and the whole says 30.00 USD.")


def test_more_funds_than_a_payments_metadata_can_name_are_too_many() -> None:
    assert len(rules.parts(None, [Money(100, USD)] * rules.MOST_FUNDS + [Money(0, USD)])) == 6
    with pytest.raises(TooManyFunds):
        rules.parts(None, [Money(100, USD)] * (rules.MOST_FUNDS + 1))
    with pytest.raises(TooManyFunds):
        rules.parts(Money(10_000, USD), [Money(0, USD)] * (rules.MOST_FUNDS + 1))


FUNDS = [("a", "USD"), ("b", "EUR"), ("c", "USD")]


@pytest.mark.parametrize(
    ("wanted", "places"),
    [("", [0]), ("a", [0]), ("b", [1]), ("USD", [0, 2]), ("EUR", None), ("JPY", None), ("d", None), ("<b>", None)],
)
def test_an_address_says_which_funds_a_form_is_for(wanted: str, places: list[int] | None) -> None:
    assert rules.chosen(FUNDS, wanted) == places


@pytest.mark.parametrize(
    ("message", "show_name", "state"),
    [("", False, None), ("Hold on", False, "waiting"), ("", True, "waiting"), ("Hold on", True, "waiting")],
)
def test_what_everybody_may_read_waits_for_an_organizer(message: str, show_name: bool, state: str | None) -> None:
    assert rules.asks_to_be_shown(message, show_name) == state


@pytest.mark.parametrize(
    ("payment", "refunded", "disputed", "word"),
    [
        (None, 0, 0, "pre"),
        (State.PRE, 0, 0, "pre"),
        (State.OPEN, 0, 0, "open"),
        (State.PROCESSING, 0, 0, "processing"),
        (State.FAILED, 0, 0, "failed"),
        (State.EXPIRED, 0, 0, "expired"),
        (State.PAID, 0, 0, "paid"),
        (State.PAID, 1, 0, "partly_refunded"),
        (State.PAID, 2999, 0, "partly_refunded"),
        (State.PAID, 3000, 0, "refunded"),
        (State.PAID, 0, 3000, "disputed"),
        (State.PAID, 1000, 2000, "disputed"),
        (State.PAID, 0, 3100, "disputed"),  # a bank may take more, where currencies moved
        (State.PARKED, 0, 0, "processing"),
    ],
)
def test_a_gift_is_shown_as(payment: State | None, refunded: int, disputed: int, word: str) -> None:
    assert shown_state(payment, GIVEN, Money(refunded, USD), Money(disputed, USD)) == word


@pytest.mark.parametrize("payment", State)
def test_every_state_is_shown_in_a_word_the_page_knows(payment: State) -> None:
    amounts = (NOTHING, Money(1, USD), GIVEN)
    shown = {shown_state(payment, GIVEN, refunded, disputed) for refunded in amounts for disputed in amounts}
    assert shown <= SHOWN_STATES


@pytest.mark.parametrize(
    ("state", "age", "is_same"),
    [
        (State.PRE, timedelta(0), True),
        (State.PRE, timedelta(seconds=59), True),
        (State.PRE, timedelta(minutes=1), False),
        (State.OPEN, timedelta(minutes=59), True),
        (State.OPEN, timedelta(hours=1), False),
        *[(state, timedelta(0), False) for state in State if state not in (State.PRE, State.OPEN)],
    ],
)
def test_a_form_sent_again_means_the_same_gift_while_that_one_waits(
    state: State, age: timedelta, is_same: bool
) -> None:
    assert is_same_gift(state, START, START + age) is is_same
