"""Pure decisions about signatures: who sees a name, what signing again means, what counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from campaigns.campaign.rules import takes_confirmations

CONFIRM_PURPOSE: Final = "confirm signature"
CONFIRM_LIFETIME: Final = timedelta(days=30)


class State(StrEnum):
    """How far a signature has come."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


class Review(StrEnum):
    """What an organizer thinks of it, apart from its state."""

    CLEAR = "clear"
    HELD = "held"
    REJECTED = "rejected"


class Visibility(StrEnum):
    """Who may see the signatory's name. The signatory chooses; nothing is chosen for them."""

    PUBLIC = "public"
    DELIVERED = "delivered"
    COUNTED = "counted"


class Audience(StrEnum):
    """Who reads an output. Every output names its audience."""

    EVERYONE = "everyone"
    TARGET = "target"
    ORGANIZER = "organizer"
    SIGNATORY = "signatory"


_SHOWN: Final = {
    Audience.EVERYONE: frozenset({Visibility.PUBLIC}),
    Audience.TARGET: frozenset({Visibility.PUBLIC, Visibility.DELIVERED}),
    # An organizer's screen can be photographed too: "counted" is nowhere by name.
    Audience.ORGANIZER: frozenset({Visibility.PUBLIC, Visibility.DELIVERED}),
    Audience.SIGNATORY: frozenset(Visibility),
}


def shows_name(visibility: Visibility, audience: Audience) -> bool:
    """The one visibility function (design law 1): may `audience` read this signatory's name?"""
    return visibility in _SHOWN[audience]


def visible_to(audience: Audience) -> frozenset[Visibility]:
    """Return each visibility whose names `audience` may read, for queries that must not even fetch the others."""
    return frozenset(visibility for visibility in Visibility if shows_name(visibility, audience))


def counts(state: State, review: Review) -> bool:
    """A signature counts when it is confirmed and clear."""
    return state is State.CONFIRMED and review is Review.CLEAR


@dataclass(frozen=True, slots=True)
class Effect:
    """What something does to a campaign's count: to all who count, and to those of them with a public name."""

    total: int
    public: int

    def __add__(self, other: "Effect") -> "Effect":
        """Return both together."""
        return Effect(self.total + other.total, self.public + other.public)


def effect_of_review(state: State, visibility: Visibility, before: Review, after: Review) -> Effect:
    """Return what changing the review of a signature in `state` does to the count."""
    change = counts(state, after) - counts(state, before)
    return Effect(change, change * (visibility is Visibility.PUBLIC))


def link_works(state: State, deadline: datetime | None, now: datetime) -> bool:
    """Return whether a confirmation link still does what its mail says: confirms, or tells that it has confirmed."""
    match state:
        case State.PENDING:
            return takes_confirmations(deadline, now)
        case State.CONFIRMED:
            return True
        case State.WITHDRAWN:
            return False


class Signing(StrEnum):
    """What signing does, given what stands under this address."""

    ADD = "add"
    REPLACE = "replace"
    TELL_BY_MAIL = "tell by mail"


def on_signing(existing: State | None) -> Signing:
    """Return what to do when somebody signs with an address whose signature has the state `existing`.

    A pending row is replaced with its token, because somebody else may have typed the address before.
    """
    match existing:
        case None:
            return Signing.ADD
        case State.PENDING | State.WITHDRAWN:
            return Signing.REPLACE
        case State.CONFIRMED:
            return Signing.TELL_BY_MAIL


@dataclass(frozen=True, slots=True)
class Frozen:
    """A counted signature on its way into a list: everything the freezing needs and nothing more."""

    id: UUID
    version_id: UUID
    visibility: Visibility
    name: str
    place: str
    confirmed_at: datetime
