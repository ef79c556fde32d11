"""Pure decisions about who may open a payment page. What the numbers mean: docs/decisions/0018-card-testing.md."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple

SHORT_WINDOW: Final = timedelta(minutes=10)
DAY_WINDOW: Final = timedelta(days=1)
WAIT: Final = timedelta(minutes=1)  # the way through for who has no JavaScript
LATER: Final = timedelta(minutes=10)
TRIES_KEPT: Final = timedelta(days=2)

BRAKE_WINDOW: Final = timedelta(minutes=30)
BRAKE_LASTS: Final = timedelta(minutes=30)


class Limit(NamedTuple):
    """How many pages may be opened in the short window, and in a day."""

    lately: int
    today: int


OF_ADDRESS: Final = Limit(8, 20)
OF_NETWORK: Final = Limit(10, 40)
OF_FUND: Final = Limit(60, 1_000)  # beyond: with proof of work
WAITED_LATELY: Final = 20  # of one fund: whoever waits costs a robot nothing


class Level(IntEnum):
    """Whom the brake of a fund lets through. KNOWN: an address with a settled gift before."""

    OPEN = 0
    PROOF = 1
    KNOWN = 2


_LEAST_DECLINED: Final = {Level.KNOWN: 30, Level.PROOF: 10}
_SHARE: Final = {Level.KNOWN: 0.75, Level.PROOF: 0.4}


class How(StrEnum):
    """By what somebody came through."""

    FREE = "free"
    PROVED = "proved"
    WAITED = "waited"
    KNOWN = "known"


class Verdict(StrEnum):
    """What is answered to who did not come through. No page says why."""

    PROVE = "prove"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Visit:
    """What a request brings: its network (never stored, only its key of the day), a solved sum, a ticket of waiting."""

    network: str | None = None
    proof: str = ""
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class Tries:
    """How many pages were opened in the short window, and in a day."""

    lately: int
    today: int

    def are_over(self, limit: Limit) -> bool:
        """Return whether one more would pass `limit`."""
        return self.lately >= limit.lately or self.today >= limit.today


@dataclass(frozen=True, slots=True)
class Crowd:
    """What came before: from this address, from this network, to this fund; `waited` by waiting alone, lately."""

    address: Tries
    network: Tries
    fund: Tries
    waited: int
    is_shared: bool  # somebody vouches for the network


def is_too_much(crowd: Crowd) -> bool:
    """Return whether address or network has had enough, whatever it brings."""
    return crowd.address.are_over(OF_ADDRESS) or (crowd.network.are_over(OF_NETWORK) and not crowd.is_shared)


def asks_for_more(crowd: Crowd, level: Level) -> bool:
    """Return whether the fund is under pressure: a sum, a wait or a known address is asked for."""
    return level is not Level.OPEN or crowd.fund.are_over(OF_FUND)


def passes(crowd: Crowd, level: Level, *, is_known: bool, is_proved: bool, has_waited: bool) -> How | Verdict:
    """Return how somebody comes through a fund under pressure, or what is answered."""
    if is_known:
        return How.KNOWN
    if level is Level.KNOWN:
        return Verdict.LATER
    if is_proved:
        return How.PROVED
    return How.WAITED if has_waited and crowd.waited < WAITED_LATELY else Verdict.PROVE


@dataclass(frozen=True, slots=True)
class Brake:
    """A fund's brake: how far it is pulled, since when this episode lasts, until when."""

    level: Level
    since: datetime
    until: datetime

    def level_at(self, now: datetime) -> Level:
        """Return how far it is pulled now: it opens again by itself."""
        return self.level if self.until > now else Level.OPEN


def level_for(declined: int, paid: int) -> Level:
    """Return how far to pull the brake, given how many payments of a fund were declined and paid in BRAKE_WINDOW."""
    share = declined / (declined + paid) if declined else 0.0
    fitting = (level for level in _SHARE if declined >= _LEAST_DECLINED[level] and share >= _SHARE[level])
    return next(fitting, Level.OPEN)


def next_brake(brake: Brake, level: Level, now: datetime) -> Brake:
    """Return the brake after a look at the payments. An episode that ended less than BRAKE_LASTS ago goes on."""
    running = brake.level_at(now)
    if level is Level.OPEN or level < running:
        return brake
    goes_on = brake.level is not Level.OPEN and brake.until > now - BRAKE_LASTS
    return Brake(level, brake.since if goes_on else now, now + BRAKE_LASTS)
