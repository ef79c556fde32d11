"""Pure decisions about a gift: how much, and what to say of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from campaigns.kernel.errors import InvalidValue
from campaigns.kernel.money import Money, exponent
from campaigns.payments.rules import State

KIND: Final = "donation"
ONCE: Final = "once"
MONTHLY: Final = "monthly"
# A whole unit stays clear of most of Stripe's minimums, and smaller gifts are mostly card fee. Where Stripe asks for
# more, its minimum in minor units (docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).
_STRIPE_LEAST: Final = {
    "AED": 200, "CZK": 1500, "DKK": 250, "HKD": 400, "HUF": 17_500, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300,
    "PLN": 200, "RON": 200, "SEK": 300, "THB": 1000,
}  # fmt: skip
_STRIPE_MOST: Final = 99_999_999
MOST_TIMES_LEAST: Final = 25_000
REFUNDED: Final = "refunded"
TWIN_WITHIN: Final = timedelta(hours=1)  # two equal gifts so close together may be one that was paid twice
# How long a form that is sent again leads to the payment page of its first time. A page that could not be opened is
# asked for under the same key only shortly (longer than one call takes): Stripe repeats its failures under a key too.
# Stripe opens a page for half an hour at least, so that one of an hour ago could hardly be asked for as it was.
_SAME_GIFT_FOR: Final[Mapping[State, timedelta]] = {
    State.PRE: timedelta(minutes=1),
    State.OPEN: timedelta(hours=1),
}


class TooSmall(InvalidValue):
    """This is less than a card payment can carry. Please give at least %(least)s."""

    def __init__(self, least: Money) -> None:
        super().__init__(self.sentence() % {"least": least})
        self.least = least


class TooLarge(InvalidValue):
    """This is more than a card payment here may carry. Please write to us, and we will arrange it."""


def least(currency: str) -> Money:
    """Return the smallest gift that a card payment in `currency` carries."""
    return Money(_STRIPE_LEAST.get(currency, 10 ** exponent(currency)), currency)


def most(currency: str) -> Money:
    """Return the largest gift that is taken by card: 25,000 dollars, or about as much in `currency`."""
    return Money(min(MOST_TIMES_LEAST * least(currency).minor, _STRIPE_MOST), currency)


def within_limits(amount: Money) -> Money:
    """Return `amount` unchanged. Raises TooSmall, TooLarge."""
    if amount.minor < least(amount.currency).minor:
        raise TooSmall(least(amount.currency))
    if amount.minor > most(amount.currency).minor:
        raise TooLarge
    return amount


def is_same_gift(payment: State, promised_at: datetime, now: datetime) -> bool:
    """Say whether a form sent again means the gift it promised before: a double click, a second try, the Back button.

    Once that one was paid, or has come to another end, it means a new gift.
    """
    return now - promised_at < _SAME_GIFT_FOR.get(payment, timedelta(0))


def shown_state(payment: State | None, given: Money, refunded: Money) -> str:
    """Return the word under which the gift's page tells what became of it."""
    if payment is State.PAID and given and refunded == given:
        return REFUNDED
    if payment is State.PARKED:
        return State.PROCESSING  # a person is looking at it; no money is lost meanwhile
    return payment or State.PRE
