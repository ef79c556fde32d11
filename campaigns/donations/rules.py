"""Pure decisions about a gift: how it is shared, and what to say of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from campaigns.kernel.errors import InvalidValue
from campaigns.kernel.money import Money, split_charge
from campaigns.payments.rules import State

KIND: Final = "donation"
ONCE: Final = "once"
MONTHLY: Final = "monthly"
TWIN_WITHIN: Final = timedelta(hours=1)  # two equal gifts so close together may be one that was paid twice
GIFT: Final = "gift"
FEE_COVER: Final = "fee_cover"
# The payment's metadata names each line, and has room for ten: five gifts and the fee of each.
MOST_FUNDS: Final = 5
REFUNDED: Final = "refunded"
PARTLY_REFUNDED: Final = "partly_refunded"
DISPUTED: Final = "disputed"
# How long a form that is sent again leads to the payment page of its first time. A page that could not be opened is
# asked for under the same key only shortly (longer than one call takes): Stripe repeats its failures under a key too.
# Stripe opens a page for half an hour at least, so that one of an hour ago could hardly be asked for as it was.
_SAME_GIFT_FOR: Final[Mapping[State, timedelta]] = {
    State.PRE: timedelta(minutes=1),
    State.OPEN: timedelta(hours=1),
}


class MessageState(StrEnum):
    """Whether what a giver lets everybody read stands on the page: an organizer reads it first."""

    WAITING = "waiting"
    SHOWN = "shown"
    HIDDEN = "hidden"


class PartsDiffer(InvalidValue):
    """The amounts for each fund come to %(parts)s, and the whole says %(whole)s. Clear one of the two."""

    def __init__(self, parts: Money, whole: Money) -> None:
        super().__init__(self.sentence() % {"parts": parts, "whole": whole})
        self.parts, self.whole = parts, whole


class TooManyFunds(InvalidValue):
    """One gift can be shared by five funds at most. Leave some of them empty."""


def parts(whole: Money | None, shares: Sequence[Money]) -> list[Money]:
    """Return what each fund is to have, nought for some: `shares` as they were typed, or the whole in even parts.

    An even split falls the same way each time: the odd units go to the first funds, or what stands for a unit where
    cards cannot be charged the last decimal. Raises PartsDiffer where both were typed and do not agree, TooManyFunds.
    """
    total = sum((share.minor for share in shares), 0)
    if total and whole and whole.minor != total:
        raise PartsDiffer(Money(total, whole.currency), whole)
    found = list(shares) if total or whole is None else split_charge(whole, [1] * len(shares))
    if sum(bool(part) for part in found) > MOST_FUNDS:
        raise TooManyFunds
    return found


def chosen(funds: Sequence[tuple[str, str]], wanted: str) -> list[int] | None:
    """Return the places of the funds that a form is for; None where `wanted` names none that takes gifts.

    `funds` are ids and currencies. `wanted` is an id, or a currency for all its funds together where there are more
    than one; empty for the first fund.
    """
    if not wanted:
        return [0]
    same = [place for place, (_, currency) in enumerate(funds) if currency == wanted]
    return [place for place, (key, _) in enumerate(funds) if key == wanted] or (same if len(same) > 1 else None)


def asks_to_be_shown(message: str, show_name: bool) -> MessageState | None:
    """Return in which state a gift begins of which everybody may read something: words, a name, or both."""
    return MessageState.WAITING if message or show_name else None


def is_same_gift(payment: State, promised_at: datetime, now: datetime) -> bool:
    """Say whether a form sent again means the gift it promised before: a double click, a second try, the Back button.

    Once that one was paid, or has come to another end, it means a new gift.
    """
    return now - promised_at < _SAME_GIFT_FOR.get(payment, timedelta(0))


def shown_state(payment: State | None, given: Money, refunded: Money, disputed: Money) -> str:
    """Return the word under which the gift's page tells what became of it.

    `refunded` went back at our wish, `disputed` was taken back by the giver's bank and not given back to us since.
    """
    if payment is State.PAID and disputed.minor > 0:
        return DISPUTED
    if payment is State.PAID and given and refunded.minor > 0:
        return REFUNDED if refunded.minor >= given.minor else PARTLY_REFUNDED
    if payment is State.PARKED:
        return State.PROCESSING  # a person is looking at it; no money is lost meanwhile
    return payment or State.PRE


SHOWN_STATES: Final = frozenset({*(set(State) - {State.PARKED}), REFUNDED, PARTLY_REFUNDED, DISPUTED})
