"""Pure decisions about a fund: how little and how much it takes, and what a card statement may say of it."""

import re
from typing import Final

from campaigns.kernel.errors import InvalidValue
from campaigns.kernel.money import Money, exponent, to_stripe

# A whole unit stays clear of most of Stripe's minimums, and smaller gifts are mostly card fee. Where Stripe asks for
# more, its minimum in minor units (docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).
_STRIPE_LEAST: Final = {
    "AED": 200, "CZK": 1500, "DKK": 250, "HKD": 400, "HUF": 17_500, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300,
    "PLN": 200, "RON": 200, "SEK": 300, "THB": 1000,
}  # fmt: skip
# Of other currencies it asks for what fifty US cents come to when they are changed; ours leave room for a bad day.
_ABOUT_A_DOLLAR: Final = {"BRL": 500, "ISK": 150, "KRW": 1500, "TWD": 3000, "UGX": 4000, "ZAR": 2000}
_LEAST: Final = _STRIPE_LEAST | _ABOUT_A_DOLLAR
_STRIPE_MOST: Final = 99_999_999  # eight digits on the wire
MOST_TIMES_LEAST: Final = 25_000
# The complete descriptor has 22 characters at most: the account's own prefix (ten at most), "* ", and this. It is
# Latin, holds a letter, and none of < > \ ' " * (docs.stripe.com/get-started/account/statement-descriptors#dynamic).
LONGEST_DESCRIPTOR: Final = 10
_DESCRIPTOR: Final = re.compile(r"[A-Za-z0-9 .,&/+-]*[A-Za-z][A-Za-z0-9 .,&/+-]*")


class TooSmall(InvalidValue):
    """This is too little. Please give at least %(least)s."""

    def __init__(self, least: Money, fund: str = "") -> None:
        super().__init__(self.sentence() % {"least": least})
        self.limit, self.fund = least, fund


class TooLarge(InvalidValue):
    """At most %(most)s can be given here at once. Please write to us if you want to give more."""

    def __init__(self, most: Money, fund: str = "") -> None:
        super().__init__(self.sentence() % {"most": most})
        self.limit, self.fund = most, fund


class NoStatementText(InvalidValue):
    """Use up to 10 letters and figures without accents, with at least one letter."""


class LimitsCross(InvalidValue):
    """The largest amount is below the smallest."""


class OutsideLimits(InvalidValue):
    """An amount that is offered lies outside of what the fund takes."""


def least(currency: str) -> Money:
    """Return the smallest gift that a card payment in `currency` carries."""
    return Money(_LEAST.get(currency, 10 ** exponent(currency)), currency)


def most(currency: str) -> Money:
    """Return the largest gift that is taken by card: 25,000 dollars, or about as much in `currency`."""
    return Money(min(MOST_TIMES_LEAST * least(currency).minor, _wire_most(currency)), currency)


def _wire_most(currency: str) -> int:
    return _STRIPE_MOST * 10 // to_stripe(Money(10, currency))


def limits(currency: str, least_minor: int | None, most_minor: int | None) -> tuple[Money, Money]:
    """Return the smallest and the largest gift of a fund: its own limits, kept within the payment provider's."""
    lowest, highest = least(currency), most(currency)
    lower = max(lowest.minor, least_minor or 0)
    upper = min(highest.minor, most_minor or highest.minor)
    return Money(min(lower, upper), currency), Money(upper, currency)


def within_limits(amount: Money, smallest: Money | None = None, largest: Money | None = None, fund: str = "") -> Money:
    """Return `amount` unchanged. Raises TooSmall, TooLarge, and UnchargeableAmount for a decimal no card carries."""
    lower, upper = smallest or least(amount.currency), largest or most(amount.currency)
    if amount.minor < lower.minor:
        raise TooSmall(lower, fund)
    if amount.minor > upper.minor:
        raise TooLarge(upper, fund)
    to_stripe(amount)
    return amount


def chargeable(total: Money) -> Money:
    """Return what is charged in all unchanged. Raises TooLarge where it has more digits than Stripe takes."""
    if total.minor > _wire_most(total.currency):
        raise TooLarge(Money(_wire_most(total.currency), total.currency))
    return total


def check_amounts(suggested: int, presets: tuple[int, ...], smallest: Money, largest: Money) -> None:
    """Raise LimitsCross, or OutsideLimits where a fund offers what it would then refuse. Amounts in minor units."""
    if smallest.minor > largest.minor:
        raise LimitsCross
    offered = (*presets, *([suggested] if suggested else []))
    if any(not smallest.minor <= minor <= largest.minor for minor in offered):
        raise OutsideLimits


def read_descriptor(text: str) -> str:
    """Return what a card statement may say after the account's own name; empty for nothing. Raises NoStatementText."""
    plain = " ".join(text.split()).upper()
    if plain and (len(plain) > LONGEST_DESCRIPTOR or not _DESCRIPTOR.fullmatch(plain)):
        raise NoStatementText
    return plain


def descriptor_for(own: list[str], general: str) -> str:
    """Return what the card statement says of a gift: what its funds agree on, else what the general fund says.

    `own` holds each fund's words, empty where a fund has none. Empty says nothing but the account's own name, so
    that a bank clerk, or whoever shares the account, reads no cause.
    """
    said = {words or general for words in own}
    return said.pop() if len(said) == 1 else general
