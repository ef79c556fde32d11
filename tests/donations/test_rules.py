"""How much, and in which words."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.campaign.forms import CURRENCIES
from campaigns.donations.rules import TooLarge, TooSmall, is_same_gift, least, most, shown_state, within_limits
from campaigns.kernel.money import Money, to_stripe
from campaigns.payments.rules import State
from sandbox.stripe import currencies as stripe_currencies
from tests.fakes.clock import START

GIVEN, NOTHING = Money(3000, "USD"), Money(0, "USD")


@pytest.mark.parametrize(
    ("currency", "smallest", "largest"),
    [
        ("USD", 100, 2_500_000),
        ("EUR", 100, 2_500_000),
        ("DKK", 250, 6_250_000),
        ("SEK", 300, 7_500_000),
        ("MXN", 1000, 25_000_000),
        ("JPY", 50, 1_250_000),
        ("HUF", 17_500, 99_999_999),
    ],
)
def test_both_ends_are_inside_and_one_beyond_is_not(currency: str, smallest: int, largest: int) -> None:
    for minor in (smallest, largest):
        assert within_limits(Money(minor, currency)) == Money(minor, currency)
    with pytest.raises(TooSmall):
        within_limits(Money(smallest - 1, currency))
    with pytest.raises(TooLarge):
        within_limits(Money(largest + 1, currency))


@pytest.mark.parametrize("currency", CURRENCIES)
def test_what_is_taken_here_is_taken_by_the_payment_page(currency: str) -> None:
    for amount in (least(currency), most(currency)):
        stripe_currencies.check_total(to_stripe(amount), currency.lower())


@given(st.integers(-(10**13), 10**13), st.sampled_from(CURRENCIES))
def test_an_amount_passes_unchanged_or_not_at_all(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    inside = least(currency).minor <= minor <= most(currency).minor
    try:
        assert within_limits(amount) == amount
    except (TooSmall, TooLarge):
        assert not inside
    else:
        assert inside


def test_too_small_says_how_much_would_do() -> None:
    with pytest.raises(TooSmall) as caught:
        within_limits(Money(1, "SEK"))
    assert caught.value.least == Money(300, "SEK")
    assert "3.00 SEK" in str(caught.value)


@pytest.mark.parametrize(
    ("payment", "refunded", "word"),
    [
        (None, 0, "pre"),
        (State.PRE, 0, "pre"),
        (State.OPEN, 0, "open"),
        (State.PROCESSING, 0, "processing"),
        (State.FAILED, 0, "failed"),
        (State.EXPIRED, 0, "expired"),
        (State.PAID, 0, "paid"),
        (State.PAID, 1, "paid"),
        (State.PAID, 2999, "paid"),
        (State.PAID, 3000, "refunded"),
        (State.PARKED, 0, "processing"),
    ],
)
def test_a_gift_is_shown_as(payment: State | None, refunded: int, word: str) -> None:
    assert shown_state(payment, GIVEN, Money(refunded, "USD")) == word


@pytest.mark.parametrize("payment", State)
def test_every_state_is_shown_in_a_word_the_page_knows(payment: State) -> None:
    words = {"pre", "open", "processing", "paid", "failed", "expired", "refunded"}
    assert {shown_state(payment, GIVEN, NOTHING), shown_state(payment, GIVEN, GIVEN)} <= words


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
