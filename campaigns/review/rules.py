"""Pure decisions about reviewing: who fits a rule, what a decision does to whom, what is worth an alarm."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from campaigns.abuse.rules import ORDINARY_MAIL_HOSTS, Reason, domain_and_parents, is_public_suffix
from campaigns.signatures.rules import Audience, Review, State, Visibility, shows_name

ALARM_WINDOW: Final = timedelta(hours=1)
DOMAIN_ALARM: Final = 50  # of one uncommon mail domain in the window, and a tenth of all
DOMAIN_SHARE: Final = 0.1
PLACE_ALARM: Final = 100  # of one town in the window, and half of all
PLACE_SHARE: Final = 0.5


class Decision(StrEnum):
    """What an organizer decides about signatures."""

    RELEASE = "release"
    HOLD = "hold"
    REJECT = "reject"

    @property
    def review(self) -> Review:
        """The review that it gives."""
        return {"release": Review.CLEAR, "hold": Review.HELD, "reject": Review.REJECTED}[self]


class Outcome(StrEnum):
    """What a decision does to one signature."""

    CHANGED = "changed"
    ALREADY = "already so"
    LEFT = "left alone"


class Phase(StrEnum):
    """How far an action has come."""

    COUNTING = "counting"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    UNDOING = "undoing"
    UNDONE = "undone"


AT_WORK: Final = frozenset({Phase.COUNTING, Phase.RUNNING, Phase.UNDOING})


class Step(StrEnum):
    """What a person may ask of an action."""

    APPLY = "apply"
    CANCEL = "cancel"
    UNDO = "undo"


_STEPS: Final = {
    (Phase.READY, Step.APPLY): Phase.RUNNING,
    (Phase.COUNTING, Step.CANCEL): Phase.CANCELLED,
    (Phase.READY, Step.CANCEL): Phase.CANCELLED,
    (Phase.RUNNING, Step.CANCEL): Phase.CANCELLED,
    (Phase.DONE, Step.UNDO): Phase.UNDOING,
    (Phase.CANCELLED, Step.UNDO): Phase.UNDOING,
}


def after(phase: Phase, step: Step) -> Phase | None:
    """Return what an action becomes by `step`; None where it cannot be taken any more, or not yet."""
    return _STEPS.get((phase, step))


def outcome(state: State, review: Review, decision: Decision, *, is_theirs: bool = True) -> Outcome:
    """Return what `decision` does to a signature. A withdrawn one is its signatory's, not the organizer's.

    One that the machine alone holds (not `is_theirs`) becomes theirs: it stays held when what the machine says falls.
    """
    if state is State.WITHDRAWN:
        return Outcome.LEFT
    if decision is Decision.HOLD and not is_theirs:
        return Outcome.CHANGED
    return Outcome.ALREADY if review is decision.review else Outcome.CHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Whom an action is about: everybody who fits all that is given. Patterns know * and ? and nothing else."""

    review: Review | None = Review.HELD
    reason: Reason | None = None
    domain: str = ""
    name: str = ""
    place: str = ""
    source: str = ""  # the code in the address, exactly
    since: datetime | None = None
    until: datetime | None = None
    email_hash: str = ""  # the keyed hash, in hexadecimal digits

    @property
    def is_narrow(self) -> bool:
        """Whether it picks some out, and does not mean everybody in one review."""
        return any(
            (self.reason, self.domain, self.name, self.place, self.source, self.since, self.until, self.email_hash)
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """What of a signature a rule looks at."""

    domain: str
    name: str
    town: str
    country: str
    visibility: Visibility
    reasons: frozenset[Reason]


def fits(rule: Rule, candidate: Candidate) -> bool:
    """Return whether `candidate` fits what of `rule` the database cannot tell.

    Name and town are asked only of those whose name an organizer may read: otherwise patterns and the number they
    find would spell out who is only counted (design law 1).
    """
    if rule.reason and rule.reason not in candidate.reasons:
        return False
    if rule.domain and not matches(rule.domain, candidate.domain):
        return False
    if not (rule.name or rule.place):
        return True
    if not shows_name(candidate.visibility, Audience.ORGANIZER):
        return False
    return matches(rule.name or "*", candidate.name) and _is_place(rule.place, candidate)


def _is_place(pattern: str, candidate: Candidate) -> bool:
    return not pattern or matches(pattern, candidate.town) or folded(pattern) == folded(candidate.country)


def folded(text: str) -> str:
    """Return `text` for comparing: one Unicode form, no case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).strip()


def matches(pattern: str, text: str) -> bool:
    """Return whether all of `text` fits `pattern`, in which * is anything and ? any one character.

    Takes at most len(pattern) x len(text) steps, whatever is typed.
    """
    wanted, given = folded(pattern), folded(text)
    at, place, star, resume = 0, 0, -1, 0
    while place < len(given):
        if at < len(wanted) and wanted[at] == "*":
            star, resume, at = at, place, at + 1
        elif at < len(wanted) and wanted[at] in ("?", given[place]):
            at, place = at + 1, place + 1
        elif star >= 0:
            resume += 1
            at, place = star + 1, resume
        else:
            return False
    return not wanted[at:].strip("*")


def trending_domains(domains: Iterable[str]) -> list[tuple[str, int]]:
    """Return the uncommon mail domains that stand out among those of one window, with how many came of each.

    Whoever holds a domain has mailboxes at as many names below it as they like: `*.` and a domain is all below it, as
    the pattern of a rule writes it. It is left out where a narrower one says the same of as many.
    """
    given = Counter(domains)
    found = Counter[str]()
    for domain, number in given.items():
        found.update(dict.fromkeys(_patterns(domain), number))
    many = max(DOMAIN_ALARM, DOMAIN_SHARE * given.total())
    trends = [(pattern, number) for pattern, number in found.most_common() if number >= many]
    return [trend for trend in trends if not any(_is_narrower(other, trend) for other in trends)]


def _patterns(domain: str) -> list[str]:
    own, *parents = domain_and_parents(domain)
    uncommon = [each for each in parents if each not in ORDINARY_MAIL_HOSTS and not is_public_suffix(each)]
    return [own][: own not in ORDINARY_MAIL_HOSTS] + [f"*.{each}" for each in uncommon]


def _is_narrower(one: tuple[str, int], other: tuple[str, int]) -> bool:
    return one != other and one[1] == other[1] and other[0].startswith("*.") and one[0].endswith(other[0][1:])


def trending_places(places: Iterable[str]) -> list[tuple[str, int]]:
    """Return the towns that stand out among those of one window, however they are spelt, with their numbers."""
    spelt = list(places)
    found = Counter(folded(place) for place in spelt)
    named = {folded(place): place for place in spelt}
    return [
        (named[key], number)
        for key, number in found.most_common()
        if key and number >= PLACE_ALARM and number >= PLACE_SHARE * len(spelt)
    ]
