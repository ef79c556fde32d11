"""Pure decisions about signatures: who sees a name, what signing again means, what counts."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qs
from uuid import UUID

from campaigns.campaign.rules import takes_confirmations

CONFIRM_PURPOSE: Final = "confirm signature"
CONFIRM_LIFETIME: Final = timedelta(days=30)
REMINDED_AFTER: Final = timedelta(days=2)
# How often a mailbox is asked to confirm one signature, whoever types its address.
MAILS_A_DAY: Final = 5
MAILS_WINDOW: Final = timedelta(days=1)
PRESSED_TWICE: Final = timedelta(minutes=1)
WITHDRAWN_KEPT: Final = timedelta(days=30)
SPELLED_ALIKE: Final = 0.6  # of the letters of both names


_SOURCE: Final = re.compile("[a-z0-9-]{1,40}")


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


class CommentState(StrEnum):
    """Whether an organizer has read a comment, and lets it stand on the page."""

    WAITING = "waiting"
    SHOWN = "shown"
    HIDDEN = "hidden"


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


def read_source(text: str) -> str:
    """Return the code of the partner or friend who sent a visitor, or "" for what cannot be one."""
    code = text.strip().lower()
    return code if _SOURCE.fullmatch(code) else ""


def carried(address: str, code: str) -> str:
    """Return the address of a page outside the campaign with the code of who sent the visitor.

    What it says itself stays as it is, a code of its own too. `code` is what `read_source` returned.
    """
    page, mark, place = address.partition("#")
    start, _, query = page.partition("?")
    if not code or "via" in parse_qs(query, keep_blank_values=True):
        return address
    return f"{start}?{f'{query}&' if query else ''}via={code}{mark}{place}"


@dataclass(frozen=True, slots=True)
class Effect:
    """What something does to a campaign's count: all who count, those of them with a public name, those on paper."""

    total: int
    public: int
    paper: int = 0

    def __add__(self, other: "Effect") -> "Effect":
        """Return both together."""
        return Effect(self.total + other.total, self.public + other.public, self.paper + other.paper)


def effect_of_review(
    state: State, visibility: Visibility, before: Review, after: Review, *, on_paper: bool = False
) -> Effect:
    """Return what changing the review of a signature in `state` does to the count."""
    change = counts(state, after) - counts(state, before)
    return Effect(change, change * (visibility is Visibility.PUBLIC), change * on_paper)


def is_spelling_of(before: str, after: str) -> bool:
    """Tell whether two names can be one person's: they share a word, or most of their letters.

    Capitals and accents make no other word. Lenient, for it is asked of people who put their own name right.
    """
    first, second = _words_of(before), _words_of(after)
    shared = {word for word in first if len(word) > 1} & set(second)
    return first == second or bool(shared) or _likeness(first, second) >= SPELLED_ALIKE


def _words_of(name: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(each for each in folded if not unicodedata.combining(each))
    return "".join(each if each.isalnum() or unicodedata.category(each)[0] == "M" else " " for each in plain).split()


def _likeness(first: list[str], second: list[str]) -> float:
    return SequenceMatcher(None, "".join(first), "".join(second), autojunk=False).ratio()


def link_works(state: State, deadline: datetime | None, now: datetime) -> bool:
    """Return whether a confirmation link still does what its mail says: confirms, or tells that it has confirmed."""
    match state:
        case State.PENDING:
            return takes_confirmations(deadline, now)
        case State.CONFIRMED:
            return True
        case State.WITHDRAWN:
            return False


@dataclass(frozen=True, slots=True)
class Mails:
    """How many mails asked to confirm a signature since a moment; nothing was sent where `since` is None."""

    number: int
    since: datetime | None


def one_mail_more(mails: Mails, now: datetime) -> Mails | None:
    """Return the mails with one more, or None where the mailbox has had enough for a day."""
    if mails.since is None or now >= mails.since + MAILS_WINDOW:
        return Mails(1, now)
    return Mails(mails.number + 1, mails.since) if mails.number < MAILS_A_DAY else None


class Signing(StrEnum):
    """What signing does, given what stands under this address."""

    ADD = "add"
    REPLACE = "replace"
    TELL_BY_MAIL = "tell by mail"
    ENOUGH = "enough mails for a day"


def on_signing(existing: State | None, *, has_enough_mails: bool = False) -> Signing:
    """Return what to do when somebody signs with an address whose signature has the state `existing`.

    A pending row is replaced with its token, because somebody else may have typed the address before. A mailbox that
    `has_enough_mails` keeps the row and the link of its last mail.
    """
    match existing:
        case None:
            return Signing.ADD
        case State.PENDING | State.WITHDRAWN:
            return Signing.ENOUGH if has_enough_mails else Signing.REPLACE
        case State.CONFIRMED:
            return Signing.TELL_BY_MAIL


class Act(StrEnum):
    """What can be done with a signature that stands."""

    CONFIRM = "confirm"
    RESEND = "send the link again"
    REMIND = "remind"
    DISOWN = "say that it was not me"
    CHANGE = "change name, visibility or comment"
    WITHDRAW = "withdraw"
    STOP_MAILS = "stop mails"
    ERASE = "erase"
    FORGET = "forget after the time of keeping"


class Answer(StrEnum):
    """What an act does. STANDS: it is so already, and doing it again is harmless. REFUSED: not in this state.

    EMPTIED: withdrawn, and all that was typed is deleted; what is left of the row is what a list may point to.
    """

    CONFIRMED = "confirmed"
    MAILED = "a fresh link is mailed"
    TOLD = "the mailbox is told that it has signed"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    DELETED = "deleted"
    EMPTIED = "emptied"
    STANDS = "stands"
    REFUSED = "refused"


_ANSWERS: Final[dict[tuple[State, Act], Answer]] = {
    (State.PENDING, Act.CONFIRM): Answer.CONFIRMED,
    (State.PENDING, Act.RESEND): Answer.MAILED,
    (State.PENDING, Act.REMIND): Answer.MAILED,
    (State.PENDING, Act.DISOWN): Answer.DELETED,
    # Nobody has confirmed what stands there: it is signed anew or deleted, not changed.
    (State.PENDING, Act.CHANGE): Answer.REFUSED,
    (State.PENDING, Act.WITHDRAW): Answer.DELETED,
    (State.PENDING, Act.STOP_MAILS): Answer.CHANGED,
    (State.PENDING, Act.ERASE): Answer.DELETED,
    (State.PENDING, Act.FORGET): Answer.DELETED,
    (State.CONFIRMED, Act.CONFIRM): Answer.STANDS,
    (State.CONFIRMED, Act.RESEND): Answer.TOLD,
    (State.CONFIRMED, Act.REMIND): Answer.STANDS,
    (State.CONFIRMED, Act.DISOWN): Answer.WITHDRAWN,
    (State.CONFIRMED, Act.CHANGE): Answer.CHANGED,
    (State.CONFIRMED, Act.WITHDRAW): Answer.WITHDRAWN,
    (State.CONFIRMED, Act.STOP_MAILS): Answer.CHANGED,
    (State.CONFIRMED, Act.ERASE): Answer.DELETED,
    (State.CONFIRMED, Act.FORGET): Answer.REFUSED,
    (State.WITHDRAWN, Act.CONFIRM): Answer.REFUSED,
    (State.WITHDRAWN, Act.RESEND): Answer.STANDS,
    (State.WITHDRAWN, Act.REMIND): Answer.STANDS,
    (State.WITHDRAWN, Act.DISOWN): Answer.STANDS,
    (State.WITHDRAWN, Act.CHANGE): Answer.REFUSED,
    (State.WITHDRAWN, Act.WITHDRAW): Answer.STANDS,
    (State.WITHDRAWN, Act.STOP_MAILS): Answer.CHANGED,
    (State.WITHDRAWN, Act.ERASE): Answer.DELETED,
    (State.WITHDRAWN, Act.FORGET): Answer.EMPTIED,
}


def answer(state: State, act: Act, *, was_withdrawn: bool = False) -> Answer:
    """Return what `act` does to a signature in `state`; total over both (a test walks the product).

    One that was withdrawn, perhaps before it was signed anew, may stand on a list: where another is deleted it is
    emptied. Erasing lets the lists go of it first, and deletes it.
    """
    does = _ANSWERS[state, act]
    return Answer.EMPTIED if does is Answer.DELETED and was_withdrawn and act is not Act.ERASE else does


@dataclass(frozen=True, slots=True)
class Frozen:
    """A counted signature on its way into a list: everything the freezing needs and nothing more."""

    id: UUID
    version_id: UUID
    visibility: Visibility
    name: str
    place: str
    confirmed_at: datetime
    details: str = ""
    on_paper: bool = False
