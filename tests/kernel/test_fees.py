"""What a giver may add for the card fee: enough that after the fee the gift is left, by the estimate."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.kernel.fees import CardFee
from campaigns.kernel.money import Money, to_stripe

FEE = CardFee(Decimal("2.9"), {"USD": Money(30, "USD"), "KWD": Money(90, "KWD")})


@pytest.mark.parametrize(
    ("gift", "added"),
    [
        (Money(3000, "USD"), 121),  # 2.9 % of 31.21 is 0.905, and thirty cents: 1.21
        (Money(1000, "USD"), 61),
        (Money(100, "USD"), 34),
        (Money(5000, "JPY"), 150),  # no fixed part is known in yen
        (Money(5120, "KWD"), 250),
        (Money(0, "USD"), 31),
    ],
)
def test_what_is_added_covers_the_fee_on_itself_too(gift: Money, added: int) -> None:
    assert FEE.cover(gift) == Money(added, gift.currency)


@given(st.integers(100, 2_500_000), st.decimals("0", "20", places=2), st.integers(0, 500))
def test_after_the_estimated_fee_the_gift_is_left_and_not_a_cent_more(minor: int, percent: Decimal, fixed: int) -> None:
    fee = CardFee(percent, {"USD": Money(fixed, "USD")})
    added = fee.cover(Money(minor, "USD")).minor

    def kept(extra: int) -> Decimal:
        return (minor + extra) * (1 - percent / 100) - fixed

    assert kept(added) >= minor
    assert added == 0 or kept(added - 1) < minor


@given(st.integers(1, 10_000_000))
def test_what_is_added_can_be_charged(minor: int) -> None:
    to_stripe(Money(minor * 10, "KWD") + FEE.cover(Money(minor * 10, "KWD")))


def test_without_a_percentage_and_a_fixed_part_nothing_is_added() -> None:
    assert CardFee(Decimal(0)).cover(Money(3000, "USD")) == Money(0, "USD")
