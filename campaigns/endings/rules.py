"""What can be done with a petition on its way to an end: every standing × every act has a named answer."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from campaigns.campaign import rules as campaign

SHORTEST_KEPT: Final = 30  # days: mails that were given up hold names for as long
LONGEST_KEPT: Final = 730


class Stage(StrEnum):
    """How far a petition has come."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    ANONYMISED = "anonymised"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a petition stands."""

    stage: Stage
    is_won: bool = False
    is_answered: bool = False


class Act(StrEnum):
    """What an organizer can do at its end."""

    CLOSE = "close"
    REOPEN = "reopen"
    RECORD_ANSWER = "record the answer"
    WIN = "say that it is won"
    TAKE_BACK_WIN = "say that it is not won after all"
    WRITE_ENTRY = "write into the timeline"
    KEEP_FOR = "set how long what was typed is kept"


class Answer(StrEnum):
    """What an act does. STANDS: it is so already, and doing it again is harmless."""

    DONE = "done"
    CORRECTED = "the earlier words stay, newer ones stand before them"
    STANDS = "it is so already"
    NOT_PUBLISHED = "the public has not seen it yet"
    NAMES_DELETED = "the names are deleted and nothing can be signed again"


def answer(standing: Standing, act: Act) -> Answer:
    """Return what `act` does to a petition in `standing`."""
    if standing.stage is Stage.DRAFT:
        return Answer.DONE if act is Act.KEEP_FOR else Answer.NOT_PUBLISHED
    match act:
        case Act.CLOSE:
            return Answer.DONE if standing.stage is Stage.OPEN else Answer.STANDS
        case Act.REOPEN:
            return _REOPENED[standing.stage]
        case Act.RECORD_ANSWER:
            return Answer.CORRECTED if standing.is_answered else Answer.DONE
        case Act.WIN:
            return Answer.STANDS if standing.is_won else Answer.DONE
        case Act.TAKE_BACK_WIN:
            return Answer.DONE if standing.is_won else Answer.STANDS
        case Act.WRITE_ENTRY:
            return Answer.DONE
        case Act.KEEP_FOR:
            return Answer.NAMES_DELETED if standing.stage is Stage.ANONYMISED else Answer.DONE


_REOPENED: Final = {
    Stage.OPEN: Answer.STANDS,
    Stage.CLOSED: Answer.DONE,
    Stage.ANONYMISED: Answer.NAMES_DELETED,
}


def stage(*, published: bool, deadline: datetime | None, anonymising_since: datetime | None, now: datetime) -> Stage:
    """Return how far a petition has come by `now`."""
    if not published:
        return Stage.DRAFT
    if anonymising_since is not None:
        return Stage.ANONYMISED
    return Stage.CLOSED if campaign.phase(deadline, now) == campaign.CLOSED else Stage.OPEN


def may_keep_for(days: int, kept: int, *, is_signed: bool) -> bool:
    """Return whether what was typed may be kept for `days`: no longer than those who signed were told."""
    return SHORTEST_KEPT <= days <= LONGEST_KEPT and (days <= kept or not is_signed)


def last_goal(total: int, goal: int) -> int | None:
    """Return the highest goal that `total` signatures have reached: the campaign's own, or a step of the ladder."""
    if total < goal:
        return None
    return max([goal, *(step for step in campaign.GOALS if step <= total)])
