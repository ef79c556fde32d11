"""Money is whole minor units from the first keystroke to the provider's wire."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.campaign.rules import CURRENCIES as OFFERED
from campaigns.kernel.money import (
    MAX_MINOR,
    CurrencyMismatch,
    InvalidAmount,
    Money,
    UnchargeableAmount,
    charge_step,
    exponent,
    from_stripe,
    parse_amount,
    payout_step,
    split,
    split_charge,
    to_stripe,
)

CURRENCIES = ["USD", "EUR", "JPY", "ISK", "UGX", "MGA", "KWD", "TND", "HUF", "TWD"]
currencies = st.sampled_from(CURRENCIES)
minors = st.integers(-MAX_MINOR, MAX_MINOR)
moneys = st.builds(Money, minors, currencies)

# Made up, as sums


@pytest.mark.parametrize("minor", [1.0, 0.5, "3", None, True, Decimal(3)])
def test_money_is_never_anything_but_a_whole_number(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["usd", "US", "USDT", "", "U$D", "USD\n", "ÜSD"])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    with pytest.raises(ValueError, match="not a currency code"):
        Money(1, currency)


@pytest.mark.parametrize("mixed", [lambda a, b: a + b, lambda a, b: a - b])
def test_currencies_do_not_mix(mixed: object) -> None:
    with pytest.raises(CurrencyMismatch):
        mixed(Money(1, "USD"), Money(1, "EUR"))  # type: ignore[operator]


@given(minors, minors, currencies)
def test_sums_are_those_of_whole_numbers(one: int, other: int, currency: str) -> None:
    assert Money(one, currency) + Money(other, currency) == Money(one + other, currency)
    assert Money(one, currency) - Money(other, currency) == Money(one - other, currency)
    assert -Money(one, currency) == Money(-one, currency)
    assert bool(Money(one, currency)) == (one != 0)


@pytest.mark.parametrize(
    ("money", "written"),
    [
        (Money(3000, "USD"), "30.00 USD"),
        (Money(-5, "EUR"), "-0.05 EUR"),
        (Money(500, "JPY"), "500 JPY"),
        (Money(5, "ISK"), "5 ISK"),
        (Money(5, "MGA"), "5 MGA"),
        (Money(5120, "KWD"), "5.120 KWD"),
        (Money(0, "USD"), "0.00 USD"),
        (Money(MAX_MINOR, "USD"), "10000000000.00 USD"),
    ],
)
def test_money_is_written_with_its_currencys_decimals(money: Money, written: str) -> None:
    assert str(money) == written


# What visitors type

READ = [
    ("30", "USD", 3000),
    (" 30 ", "USD", 3000),
    ("30.5", "USD", 3050),
    ("30,5", "USD", 3050),
    ("30,50", "EUR", 3050),
    ("0.29", "USD", 29),
    ("1.15", "USD", 115),
    ("19.99", "USD", 1999),
    ("8.20", "USD", 820),
    ("0.57", "USD", 57),
    ("007", "USD", 700),
    ("0", "USD", 0),
    ("٣٠", "USD", 3000),
    ("٣٠٫٥", "USD", 3050),
    ("３０．５".replace("．", "."), "USD", 3050),
    ("৩০", "USD", 3000),
    ("500", "JPY", 500),
    ("5", "ISK", 5),
    ("5", "UGX", 5),
    ("5", "MGA", 5),
    ("5.120", "KWD", 5120),
    ("5.12", "KWD", 5120),
    ("0,500", "TND", 500),
    ("5,5", "TND", 5500),
    ("10000000000", "USD", MAX_MINOR),
]


@pytest.mark.parametrize(("text", "currency", "minor"), READ)
def test_an_amount_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == Money(minor, currency)


REFUSED = [
    *[(text, "USD") for text in ["", " ", "-5", "+5", "NaN", "inf", "1e9", "0x10", "1_000", "30 USD", "$30", "½", "²"]],
    *[(text, "USD") for text in ["10.999", "1.000", "1,000", "1.000,50", "1,000.50", "1 000", "1'000", "1\u00a0000"]],
    *[(text, "USD") for text in [".5", "5.", "1..5", "1.5.5", "30\n40", "3 0", "10000000000.01", "9" * 13, "١٬٠٠٠"]],
    *[(text, "JPY") for text in ["500.5", "500.0", "1,000", "1.000"]],
    *[(text, "ISK") for text in ["5.00", "1.000"]],
    *[(text, "KWD") for text in ["5.1205", "1,000", "12,345"]],  # a thousand, or one?
]


@pytest.mark.parametrize(("text", "currency"), REFUSED)
def test_what_could_be_read_two_ways_or_not_at_all_is_refused(text: str, currency: str) -> None:
    with pytest.raises(InvalidAmount):
        parse_amount(text, currency)


@settings(deadline=None)
@given(st.integers(0, MAX_MINOR), currencies)
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    written = str(money.decimal())
    assert parse_amount(written, currency) == money
    assert parse_amount(written.translate(str.maketrans("0123456789.", "٠١٢٣٤٥٦٧٨٩٫")), currency) == money


@settings(deadline=None)
@given(st.text(st.sampled_from("0123456789.,' ٣٫-eE")) | st.text(), currencies)
def test_whatever_is_typed_is_read_as_a_decimal_would_be_or_refused(text: str, currency: str) -> None:
    try:
        money = parse_amount(text, currency)
    except InvalidAmount:
        return
    plain = text.strip().replace(",", ".").replace("٫", ".")
    assert Decimal(plain) == money.decimal()
    assert 0 <= money.minor <= MAX_MINOR
    assert type(money.minor) is int


# The provider's wire


@pytest.mark.parametrize(
    ("money", "wire"),
    [
        (Money(3000, "USD"), 3000),
        (Money(500, "JPY"), 500),
        (Money(5, "ISK"), 500),
        (Money(5, "UGX"), 500),
        (Money(5, "MGA"), 5),
        (Money(3000, "HUF"), 3000),  # forints are charged with two decimals, though nobody has seen a fillér
        (Money(17_550, "HUF"), 17_550),
        (Money(2000, "TWD"), 2000),
        (Money(2050, "TWD"), 2050),
        (Money(5120, "KWD"), 5120),
        (Money(-3000, "USD"), -3000),
    ],
)
def test_the_provider_is_told_what_it_counts_in(money: Money, wire: int) -> None:
    assert to_stripe(money) == wire
    assert from_stripe(wire, money.currency.lower()) == money


@pytest.mark.parametrize(("wire", "currency"), [(550, "isk"), (1, "UGX"), (-99, "ugx")])
def test_decimals_that_a_currency_has_not_are_refused(wire: int, currency: str) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        from_stripe(wire, currency)


@pytest.mark.parametrize("currency", ["BHD", "JOD", "KWD", "OMR", "TND"])
def test_the_last_of_three_decimals_cannot_be_charged(currency: str) -> None:
    """https://docs.stripe.com/currencies#three-decimal: amounts end in 0."""
    with pytest.raises(UnchargeableAmount):
        to_stripe(Money(5125, currency))
    assert from_stripe(5125, currency) == Money(5125, currency)  # a fee may have it


@pytest.mark.parametrize(
    ("currency", "step"), [("HUF", 100), ("TWD", 100), ("ISK", 1), ("UGX", 1), ("JPY", 1), ("USD", 1), ("KWD", 1)]
)
def test_what_is_paid_out_is_divisible_by_what_stripe_pays_out(currency: str, step: int) -> None:
    """https://docs.stripe.com/currencies#special-cases; krónur and shillings are whole already, on our side."""
    assert payout_step(currency) == step


@given(moneys)
def test_to_the_wire_and_back_is_the_same_money(money: Money) -> None:
    tens = Money(money.minor * 10, money.currency)
    assert from_stripe(to_stripe(tens), money.currency) == tens


@pytest.mark.parametrize(
    ("places", "codes"),
    [
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF"),
        (2, "AUD CHF EUR GBP HUF MXN TWD USD"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
    ],
)
def test_each_currency_has_its_decimals(places: int, codes: str) -> None:
    assert {code: exponent(code) for code in codes.split()} == dict.fromkeys(codes.split(), places)


# Sharing out

weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any)


@settings(deadline=None)
@given(moneys, weights)
def test_shares_sum_to_the_whole_and_are_within_one_unit_of_fair(money: Money, weights: list[int]) -> None:
    shares = split(money, weights)
    assert sum(share.minor for share in shares) == money.minor
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.minor * sum(weights) - money.minor * weight) < sum(weights)
        assert share.minor * money.minor >= 0
        assert weight or not share


@settings(deadline=None)
@given(moneys, weights)
def test_a_share_does_not_hang_on_chance_sign_or_scale(money: Money, weights: list[int]) -> None:
    shares = split(money, weights)
    assert split(money, weights) == shares
    assert split(-money, weights) == [-share for share in shares]
    assert split(money, [weight * 7 for weight in weights]) == shares


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any), currencies)
def test_weights_that_are_the_shares_already_are_left_alone(minors: list[int], currency: str) -> None:
    assert [share.minor for share in split(Money(sum(minors), currency), minors)] == minors


few_weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=5).filter(any)


@settings(deadline=None)
@given(st.sampled_from(sorted({*CURRENCIES, *OFFERED})), st.integers(-MAX_MINOR, MAX_MINOR), few_weights)
def test_each_part_of_what_a_card_can_be_charged_can_be_charged(currency: str, steps: int, weights: list[int]) -> None:
    total = Money(steps * charge_step(currency), currency)
    to_stripe(total)
    parts = split_charge(total, weights)
    assert sum(part.minor for part in parts) == total.minor
    for part, weight in zip(parts, weights, strict=True):
        to_stripe(part)
        assert abs(part.minor * sum(weights) - total.minor * weight) < charge_step(currency) * sum(weights)


@pytest.mark.parametrize(
    ("minor", "currency", "weights", "shares"),
    [
        (10_000, "KWD", [1, 1, 1], [3340, 3330, 3330]),
        (10, "TND", [1, 1], [10, 0]),
        (10_005, "KWD", [1, 1], [5003, 5002]),  # no card was charged that, and yet its sum stands
        (1000, "ISK", [1, 1, 1], [334, 333, 333]),
        (1000, "UGX", [1, 1, 1], [334, 333, 333]),
        (17_501, "HUF", [1, 1], [8751, 8750]),
        (1000, "USD", [1, 1, 1], [334, 333, 333]),
    ],
)
def test_what_is_charged_is_split_in_steps_of_its_currency(
    minor: int, currency: str, weights: list[int], shares: list[int]
) -> None:
    assert [share.minor for share in split_charge(Money(minor, currency), weights)] == shares


@pytest.mark.parametrize(
    ("minor", "weights", "shares"),
    [
        (1000, [1, 1, 1], [334, 333, 333]),
        (-1000, [1, 1, 1], [-334, -333, -333]),
        (1, [1, 1], [1, 0]),
        (100, [0, 1], [0, 100]),
        (500, [334, 333, 333], [167, 167, 166]),
        (5, [50, 49, 1], [3, 2, 0]),
    ],
)
def test_odd_units_go_to_the_largest_remainder_and_then_to_the_first(
    minor: int, weights: list[int], shares: list[int]
) -> None:
    assert [share.minor for share in split(Money(minor, "USD"), weights)] == shares


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [1, -1], [3, -1]])
def test_weights_that_share_nothing_out_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(Money(100, "USD"), weights)
