"""Pure decisions about a gift: how much, and what to say of it."""

from typing import Final

from campaigns.kernel.errors import InvalidValue
from campaigns.kernel.money import Money, exponent
from campaigns.payments.rules import State

KIND: Final = "donation"
# Stripe's own minimum is 0.50 USD (docs.stripe.com/currencies#minimum-and-maximum-charge-amounts); a whole
# unit stays clear of it, and small gifts are mostly card fee.
MINIMUM_UNITS: Final = 1
MAXIMUM_UNITS: Final = 25_000
REFUNDED: Final = "refunded"


class TooSmall(InvalidValue):
    """This is less than a card payment can carry. Please give at least 1."""


class TooLarge(InvalidValue):
    """This is more than a card payment here may carry. Please write to us, and we will arrange it."""


def within_limits(amount: Money) -> Money:
    """Return `amount` unchanged. Raises TooSmall, TooLarge."""
    unit = 10 ** exponent(amount.currency)
    if amount.minor < MINIMUM_UNITS * unit:
        raise TooSmall
    if amount.minor > MAXIMUM_UNITS * unit:
        raise TooLarge
    return amount


def shown_state(payment: State | None, given: Money, refunded: Money) -> str:
    """Return the word under which the gift's page tells what became of it."""
    if payment is State.PAID and given and refunded == given:
        return REFUNDED
    if payment is State.PARKED:
        return State.PROCESSING  # a person is looking at it; no money is lost meanwhile
    return payment or State.PRE
