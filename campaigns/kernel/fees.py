"""The card fee as a giver may add it: an estimate, for the real fee is known only once the card was charged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal

from campaigns.kernel.money import Money, charge_step


@dataclass(frozen=True, slots=True)
class CardFee:
    """What cards are taken to cost: `percent` of what is charged, and a fixed part by currency (none: nothing)."""

    percent: Decimal
    fixed: Mapping[str, Money] = field(default_factory=dict)

    def fixed_in(self, currency: str) -> Money:
        """Return the fixed part in `currency`."""
        return self.fixed.get(currency, Money(0, currency))

    def cover(self, gift: Money) -> Money:
        """Return what to add to `gift` so that after the fee on both the gift is left, rounded up.

        The fee is taken from the addition too: c = (g × p + f) / (1 − p). Three-decimal currencies come out in tens,
        as cards are charged.
        """
        share = self.percent / 100
        exact = (gift.minor * share + self.fixed_in(gift.currency).minor) / (1 - share)
        step = charge_step(gift.currency)
        return Money(int((exact / step).to_integral_value(ROUND_CEILING)) * step, gift.currency)
