"""The state machine of what is paid each month, written out, and what its owner may do when."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from campaigns.kernel.money import Money
from campaigns.payments.metadata import PAYMENT, lines_from_metadata

FAILED_MAIL: Final = "recurring.failed_mail"
CARD_MAIL: Final = "recurring.card_mail"
CHANGED_MAIL: Final = "recurring.changed_mail"
LINK_PURPOSE: Final = "monthly payment"
# Longer than any month and the week in which the provider tries again: the newest mail's link always opens.
LINK_LIFETIME: Final = timedelta(days=45)
PAUSED_LINK_LIFETIME: Final = timedelta(days=400)  # while nothing is taken, no newer mail comes
CARD_WARNING: Final = timedelta(days=30)


class State(StrEnum):
    """How far it has come. ENDED is final: a new one is begun instead."""

    PRE = "pre"
    OPEN = "open"
    EXPIRED = "expired"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    PAUSED = "paused"
    ENDED = "ended"


LIVE: Final = (State.ACTIVE, State.PAST_DUE, State.PAUSED)
BEGINNING: Final = (State.PRE, State.OPEN, State.EXPIRED)


class Seen(StrEnum):
    """What the provider says of it now. UNKNOWN is a word that it has learned since."""

    OPEN = "open"
    EXPIRED = "expired"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    PAUSED = "paused"
    ENDED = "ended"
    UNKNOWN = "unknown"


# Of a page that was opened: what lives no longer has one, and a page that had closed stays closed until it is paid.
_PAGE: Final = {
    (State.PRE, Seen.OPEN): State.OPEN,
    (State.OPEN, Seen.OPEN): State.OPEN,
    (State.EXPIRED, Seen.OPEN): State.EXPIRED,
    **{(state, Seen.EXPIRED): State.EXPIRED for state in BEGINNING},
    **{(state, seen): state for state in LIVE for seen in (Seen.OPEN, Seen.EXPIRED)},
}
_NEXT: Final[dict[tuple[State, Seen], State]] = {
    **_PAGE,
    **{(state, Seen.ACTIVE): State.ACTIVE for state in (*BEGINNING, *LIVE)},
    **{(state, Seen.PAST_DUE): State.PAST_DUE for state in (*BEGINNING, *LIVE)},
    **{(state, Seen.PAUSED): State.PAUSED for state in (*BEGINNING, *LIVE)},
    **{(state, Seen.ENDED): State.ENDED for state in (*BEGINNING, *LIVE)},
    **{(state, Seen.UNKNOWN): state for state in (*BEGINNING, *LIVE)},
    **{(State.ENDED, seen): State.ENDED for seen in Seen},
}


def next_state(state: State, seen: Seen) -> State:
    """Return the state after `seen`; total over both enumerations (a test walks the product)."""
    return _NEXT[state, seen]


# See docs.stripe.com/api/subscriptions/object (status). Of an incomplete one the first payment is being made.
_WORDS: Final = {
    "incomplete": Seen.OPEN,
    "incomplete_expired": Seen.EXPIRED,
    "trialing": Seen.ACTIVE,
    "active": Seen.ACTIVE,
    "past_due": Seen.PAST_DUE,
    "unpaid": Seen.PAST_DUE,
    "paused": Seen.PAUSED,
    "canceled": Seen.ENDED,
}


def seen(status: str, *, is_paused: bool) -> Seen:
    """Say what a fetched subscription shows. One that is paused is not asked for money, whatever it owes."""
    found = _WORDS.get(status, Seen.UNKNOWN)
    return Seen.PAUSED if is_paused and found in (Seen.ACTIVE, Seen.PAST_DUE) else found


def page_seen(status: str) -> Seen:
    """Say what a fetched hosted page shows; one that is complete is for its subscription to explain."""
    return {"open": Seen.OPEN, "expired": Seen.EXPIRED}.get(status, Seen.UNKNOWN)


def is_stale(asked_at: datetime, seen_at: datetime | None) -> bool:
    """Say whether an answer is older than one that is known: it was asked for before that one was.

    The provider may have answered it later all the same; whatever it then knew more has its own event.
    """
    return seen_at is not None and asked_at < seen_at


class Act(StrEnum):
    """What its owner may ask for. BEGIN is the agreement to the first amount."""

    BEGIN = "begin"
    AMOUNT = "amount"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


_ALLOWED: Final[dict[Act, tuple[State, ...]]] = {
    Act.BEGIN: (),
    Act.AMOUNT: (State.ACTIVE, State.PAST_DUE, State.PAUSED),
    Act.PAUSE: (State.ACTIVE, State.PAST_DUE),
    Act.RESUME: (State.PAUSED,),
    Act.CANCEL: LIVE,
}


def may(act: Act, state: State, waits: Collection[Act] = ()) -> bool:
    """Say whether an act makes sense in a state, or takes back what `waits` to be carried out."""
    takes_back = act in (Act.PAUSE, Act.RESUME) and any(other is not act and same_sort(act, other) for other in waits)
    return state in _ALLOWED[act] or (takes_back and state in LIVE)


def same_sort(act: Act, other: Act) -> bool:
    """Say whether of two acts the later one stands for both: amounts are one sort, all else is another."""
    return (other is Act.AMOUNT) == (act is Act.AMOUNT)


def is_overtaken(act: Act, later: Collection[Act]) -> bool:
    """Say whether what was asked for `later` makes an act void that has not been carried out."""
    return Act.CANCEL in later or any(same_sort(act, other) for other in later)


def is_agreed(amount: Money, agreed: Collection[Money]) -> bool:
    """Say whether somebody has agreed to be charged an amount: a retry may ask for one of before it was changed."""
    return amount in agreed


def marked(written: Mapping[str, str], monthly_id: UUID, currency: str) -> set[Money]:
    """Return the amount that stands on an invoice beside our number of the monthly payment; nothing where none does.

    We write it when its owner has agreed to it, so it tells where our own note of that is lost. What anybody changes
    at the provider's changes a price, and not what is written there.
    """
    if number(written) != monthly_id:
        return set()
    try:
        return {Money(sum(line.minor for line in lines_from_metadata(written)), currency)}
    except ValueError:
        return set()


def number(written: Mapping[str, str]) -> UUID | None:
    """Return our number of a monthly payment from what is written on something at the provider; None without one."""
    try:
        return UUID(written.get(PAYMENT, ""))
    except ValueError:
        return None


def has_begun(seen_now: Seen) -> bool:
    """Say whether a subscription has been paid for, or may have been."""
    return seen_now not in (Seen.OPEN, Seen.EXPIRED)


def told_of(before: State, after: State, *, unpaid: bool) -> str:
    """Return the word for the mail that confirms a change, or nothing where none is due."""
    if before not in LIVE or before is after:
        return ""
    if after is State.ENDED:
        return "ended_unpaid" if unpaid else "ended"
    if after is State.PAUSED:
        return "paused"
    return "resumed" if before is State.PAUSED and after in LIVE else ""


def link_lifetime(state: State) -> timedelta:
    """Return how long a link that is mailed now opens: until after the next mail."""
    return PAUSED_LINK_LIFETIME if state is State.PAUSED else LINK_LIFETIME


def expires_soon(first_day_without: date | None, today: date) -> bool:
    """Say whether a card stops working within CARD_WARNING; one that has stopped fails, and is told of then."""
    return first_day_without is not None and today < first_day_without <= today + CARD_WARNING
