"""What a campaign asks its signatories beside name and place, and who reads the answers.

A question keeps its key for ever, and so do the answers under it. What somebody was asked, and who they were told
would read the answer, does not change behind their back: other words or a wider audience make another question.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final

MAX_QUESTIONS: Final = 12
LONGEST_ANSWER: Final = 200  # characters; it stands beside a name on a list
TICKED: Final = "yes"


class Kind(StrEnum):
    """What is asked. The first four are facts about a person that every campaign words alike."""

    WORKPLACE = "workplace"
    JOB = "job"
    UNION = "union"
    PHONE = "phone"
    TEXT = "text"
    CHOICE = "choice"
    TICK = "tick"


FREE: Final = frozenset({Kind.TEXT, Kind.CHOICE, Kind.TICK})


class ReadBy(StrEnum):
    """Who reads an answer: the organizers alone, or the target as well, beside the name on the list."""

    PRIVATE = "private"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `label` may be empty where the kind says enough; `choices` are those of a choice."""

    key: str
    kind: Kind
    label: str = ""
    help: str = ""
    choices: tuple[str, ...] = ()
    is_required: bool = False
    read_by: ReadBy = ReadBy.PRIVATE
    is_removed: bool = False

    @property
    def is_delivered(self) -> bool:
        """Whether its answers stand on the list. A phone number never does."""
        return self.read_by is ReadBy.DELIVERED and self.kind is not Kind.PHONE


def load(stored: Sequence[Mapping[str, Any]] | None) -> tuple[Question, ...]:
    """Return the questions that a campaign's row holds, the removed ones too."""
    return tuple(_loaded(row) for row in stored or ())


def _loaded(row: Mapping[str, Any]) -> Question:
    return Question(
        **dict(row) | {"kind": Kind(row["kind"]), "choices": tuple(row["choices"]), "read_by": ReadBy(row["read_by"])}
    )


def dump(questions: Iterable[Question]) -> list[dict[str, Any]]:
    """Return questions as a campaign's row holds them."""
    return [asdict(question) | {"choices": list(question.choices)} for question in questions]


def asked(questions: Iterable[Question]) -> tuple[Question, ...]:
    """Return those that the form asks."""
    return tuple(question for question in questions if not question.is_removed)


def merged(before: Sequence[Question], wanted: Sequence[Question]) -> tuple[Question, ...]:
    """Return the questions after an organizer saved `wanted`: theirs in their order, then those no longer asked.

    A question without a key, and one that changed what was promised, gets a key that was never used.
    """
    known = {question.key: question for question in before}
    used = max((int(key.removeprefix("q")) for key in known), default=0)
    kept: list[Question] = []
    for question in wanted:
        old = known.pop(question.key, None)
        is_old = old is not None and _still(old, question)
        used += not is_old
        kept.append(replace(question, key=question.key if is_old else f"q{used}", is_removed=False))
    still = {question.key for question in kept}
    return (*kept, *(replace(question, is_removed=True) for question in before if question.key not in still))


def _still(old: Question, new: Question) -> bool:
    """Tell whether answers to `old` may stand under `new`."""
    if old.kind is not new.kind or (new.is_delivered and not old.is_delivered):
        return False
    return old.kind not in FREE or old.label == new.label


def printed(questions: Iterable[Question], answers: Mapping[str, str]) -> str:
    """Return what stands beside a name on the list: the delivered answers, in the order they were asked.

    A workplace says by itself what it is; a free answer stands with its question, a tick as its own words.
    """
    return " · ".join(
        _in_words(question, answers[question.key])
        for question in asked(questions)
        if question.is_delivered and answers.get(question.key)
    )


def answered(questions: Iterable[Question], answers: Mapping[str, str]) -> list[tuple[Question, str]]:
    """Return all that somebody answered beside what was asked, no longer asked questions too: for themselves alone."""
    return [(question, answers[question.key]) for question in questions if question.key in answers]


def _in_words(question: Question, answer: str) -> str:
    if question.kind is Kind.TICK:
        return question.label
    return answer if question.kind not in FREE else f"{question.label.rstrip(':')}: {answer}"
