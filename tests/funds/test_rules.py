"""How little and how much, and what a card statement may say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.campaign.rules import CURRENCIES
from campaigns.funds.rules import (
    LimitsCross,
    NoStatementText,
    OutsideLimits,
    TooLarge,
    TooSmall,
    chargeable,
    check_amounts,
    descriptor_for,
    least,
    limits,
    most,
    read_descriptor,
    within_limits,
)
from campaigns.kernel.money import Money, UnchargeableAmount, to_stripe
from sandbox.stripe import currencies as stripe_currencies


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
        ("ISK", 150, 999_999),  # eight digits on the wire, two of them always nought
        ("UGX", 4000, 999_999),
        ("TWD", 3000, 75_000_000),
        ("KWD", 1000, 25_000_000),
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
    except UnchargeableAmount:
        assert minor % 10  # the last of three decimals
    else:
        assert inside


def test_too_small_says_how_much_would_do() -> None:
    with pytest.raises(TooSmall) as caught:
        within_limits(Money(1, "SEK"))
    assert caught.value.limit == Money(300, "SEK")
    assert "3.00 SEK" in str(caught.value)


@pytest.mark.parametrize(
    ("own", "lower", "upper"),
    [
        ((None, None), 100, 2_500_000),
        ((500, 10_000), 500, 10_000),
        ((1, None), 100, 2_500_000),  # no fund takes less than a card carries
        ((None, 9_999_999), 100, 2_500_000),
        ((None, 50), 50, 50),
    ],
)
def test_a_fund_has_its_own_limits_within_those_of_cards(
    own: tuple[int | None, int | None], lower: int, upper: int
) -> None:
    assert limits("USD", *own) == (Money(lower, "USD"), Money(upper, "USD"))


def test_a_refusal_names_the_fund_where_there_are_several() -> None:
    lower, upper = limits("USD", 500, 10_000)
    with pytest.raises(TooSmall) as small:
        within_limits(Money(499, "USD"), lower, upper, "Strike kitchen")
    with pytest.raises(TooLarge) as large:
        within_limits(Money(10_001, "USD"), lower, upper, "Strike kitchen")
    assert (small.value.limit, small.value.fund) == (lower, "Strike kitchen")
    assert (large.value.limit, large.value.fund) == (upper, "Strike kitchen")


def test_the_last_of_three_decimals_is_refused_before_anything_is_stored() -> None:
    assert within_limits(Money(5120, "KWD")) == Money(5120, "KWD")
    with pytest.raises(UnchargeableAmount):
        within_limits(Money(5125, "KWD"))


def test_a_fee_on_the_largest_gift_is_still_charged_where_digits_allow() -> None:
    assert chargeable(Money(99_999_999, "USD"))
    with pytest.raises(TooLarge):
        chargeable(Money(100_000_000, "USD"))
    with pytest.raises(TooLarge):
        chargeable(Money(1_000_000, "ISK"))


def test_a_fund_offers_only_what_it_takes() -> None:
    smallest, largest = Money(500, "USD"), Money(10_000, "USD")
    check_amounts(3000, (500, 10_000), smallest, largest)
    check_amounts(0, (), smallest, largest)
    for suggested, presets in ((499, ()), (0, (499,)), (0, (10_001,)), (10_001, (500,))):
        with pytest.raises(OutsideLimits):
            check_amounts(suggested, presets, smallest, largest)
    with pytest.raises(LimitsCross):
        check_amounts(0, (), largest, smallest)


# https://docs.stripe.com/get-started/account/statement-descriptors: at most 22 characters with the account's prefix
# of up to ten, "* " between them, Latin, a letter at least, and none of < > \\ ' " *.
STATEMENTS = [
    ("", ""), ("  ", ""), ("help", "HELP"), (" Fund  12 ", "FUND 12"), ("A&B, C.D-E", "A&B, C.D-E"),
    ("a" * 10, "A" * 10), *[(text, None) for text in (
        "1234567890", "12345678901a", "a" * 11, "<b>", "it's", 'say "x"', "a*b", "a\\b", "café", "помощь", "a\0b",
    )],
]  # fmt: skip


@pytest.mark.parametrize(("typed", "kept"), STATEMENTS)
def test_a_card_statement_says_what_stripe_lets_it_say(typed: str, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(NoStatementText):
            read_descriptor(typed)
    else:
        assert read_descriptor(typed) == kept
        assert len("TENLETTERS* " + kept) <= 22


@pytest.mark.parametrize(
    ("own", "general", "said"),
    [
        ([""], "", ""),  # nothing but the account's own name, unless a treasurer wants more
        (["KITCHEN"], "", "KITCHEN"),
        ([""], "HELP", "HELP"),
        (["KITCHEN"], "HELP", "KITCHEN"),
        (["KITCHEN", "KITCHEN"], "HELP", "KITCHEN"),
        (["KITCHEN", "LEGAL"], "HELP", "HELP"),
        (["KITCHEN", ""], "", ""),
        (["KITCHEN", ""], "KITCHEN", "KITCHEN"),
    ],
)
def test_a_gift_to_several_funds_says_what_they_agree_on(own: list[str], general: str, said: str) -> None:
    assert descriptor_for(own, general) == said
