"""Money as integers of the smallest unit. No floats anywhere.

`minor` counts the currency's minor units as ISO 4217 and the ledger count them: 30.00 USD is 3000,
500 JPY is 500. What Stripe wants on the wire differs for a few currencies and has its own table.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from campaigns.kernel.errors import InvalidValue

# ISO 4217 minor units where they are not 2. Of MGA it says 2 but means fifths; prices and Stripe know whole ones only.
_EXPONENTS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}
# https://docs.stripe.com/currencies#special-cases: ISK and UGX are sent with two decimals, always .00.
_STRIPE_EXPONENTS = {**_EXPONENTS, "ISK": 2, "UGX": 2}
# https://docs.stripe.com/currencies#special-cases: charged with two decimals, but paid out in whole units only.
_PAID_OUT_WHOLE = frozenset({"HUF", "TWD"})
MAX_MINOR = 10**12

_DIGITS = re.compile(r"\d+")
_AMOUNT = re.compile(r"(?P<whole>\d{1,13})(?:[.,](?P<part>\d{1,3}))?")
_MAYBE_THOUSANDS = re.compile(r"[1-9]\d{0,2},\d{3}")


class CurrencyMismatch(ValueError):
    """Two currencies were mixed: a programmer's mistake, never a visitor's."""


class InvalidAmount(InvalidValue):
    """Enter an amount in figures, like 30 or 12.50."""


class UnchargeableAmount(InvalidValue):
    """Cards cannot be charged the last decimal of this currency. Enter an amount that needs fewer decimals."""


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` smallest units of `currency` (three capital letters, ISO 4217)."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.minor, int) or isinstance(self.minor, bool):
            raise TypeError("money is counted in whole minor units")
        if not re.fullmatch("[A-Z]{3}", self.currency):
            raise ValueError(f"not a currency code: {self.currency!r}")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")

    def decimal(self) -> Decimal:
        """Return the amount in whole units with the currency's own number of places."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.decimal()} {self.currency}"


def exponent(currency: str) -> int:
    """Return how many decimals `currency` is written with (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


def charge_step(currency: str) -> int:
    """Return what every amount on a card is divisible by, in minor units: ten where there are three decimals.

    https://docs.stripe.com/currencies#three-decimal. Krónur and Ugandan shillings have no decimals on our side, so that
    each whole one can be charged; forints and Taiwan dollars are charged with both of theirs.
    """
    return 10 if exponent(currency) == 3 else 1


def to_stripe(money: Money) -> int:
    """Return the integer Stripe expects for `money`.

    Raises UnchargeableAmount for the last of three decimals (https://docs.stripe.com/currencies#three-decimal).
    """
    if money.minor % charge_step(money.currency):
        raise UnchargeableAmount
    shift = _STRIPE_EXPONENTS.get(money.currency, 2) - exponent(money.currency)
    return money.minor * int(10**shift)


def from_stripe(amount: int, currency: str) -> Money:
    """Return the money Stripe means by `amount` of `currency` (any letter case).

    Raises ValueError where Stripe's amount has decimals the currency does not have.
    """
    code = currency.upper()
    factor = int(10 ** (_STRIPE_EXPONENTS.get(code, 2) - exponent(code)))
    if amount % factor:
        raise ValueError(f"{amount} {code} has a part that {code} cannot hold")
    return Money(amount // factor, code)


def payout_step(currency: str) -> int:
    """Return what a payout's amount is divisible by, in minor units: Stripe keeps what is less on its balance.

    Forints and Taiwan dollars are charged with two decimals and paid out without any; krónur and Ugandan shillings
    have none in the first place (https://docs.stripe.com/currencies#special-cases).
    """
    return int(10 ** exponent(currency)) if currency in _PAID_OUT_WHOLE else 1


def parse_amount(text: str, currency: str) -> Money:
    """Return what a visitor typed as money: decimal point or comma, any script's digits.

    Raises InvalidAmount for anything that could be read two ways: "1.000" dollars or "1,000" dinars might be a
    thousand or one. (A point before three decimals is how currencies with three are written.)
    """
    plain = _ascii_digits(text.strip())
    match = _AMOUNT.fullmatch(plain)
    places = exponent(currency)
    if not match or _MAYBE_THOUSANDS.fullmatch(plain):
        raise InvalidAmount
    part = match["part"] or ""
    if len(part) > places:
        raise InvalidAmount
    minor = int(match["whole"]) * 10**places + int(part.ljust(places, "0") or 0)
    if minor > MAX_MINOR:
        raise InvalidAmount
    return Money(minor, currency)


def _ascii_digits(text: str) -> str:
    """Read digits of every script; the Arabic decimal mark is a point."""
    return _DIGITS.sub(lambda run: "".join(str(int(digit)) for digit in run[0]), text).replace("٫", ".")


def split(money: Money, weights: Sequence[int]) -> list[Money]:
    """Split by `weights` (non-negative, not all zero) with the largest remainder; earlier ones win ties.

    The parts sum to `money` exactly.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and not all zero")
    sign = -1 if money.minor < 0 else 1
    shares = [divmod(abs(money.minor) * weight, total) for weight in weights]
    left = abs(money.minor) - sum(whole for whole, _ in shares)
    order = sorted(range(len(shares)), key=lambda i: (-shares[i][1], i))
    extra = set(order[:left])
    return [Money(sign * (whole + (i in extra)), money.currency) for i, (whole, _) in enumerate(shares)]


def split_charge(money: Money, weights: Sequence[int]) -> list[Money]:
    """Split as `split` does what a card is charged, so that each part could be charged too; odd steps go as odd units.

    What cannot be charged as a whole, and was moved in some other way, is split to its last unit.
    """
    step = charge_step(money.currency)
    if money.minor % step:
        return split(money, weights)
    steps = split(Money(money.minor // step, money.currency), weights)
    return [Money(part.minor * step, part.currency) for part in steps]
