"""What a timeline holds."""

import hashlib
import json
import re
from datetime import date
from enum import StrEnum
from typing import Any, Final


class Kind(StrEnum):
    """What happened. Each is written in the unit of work that made it happen."""

    PUBLISHED = "published"
    CORRECTED = "corrected"
    GOAL = "goal"
    LIST = "list"
    HANDED_OVER = "handed_over"
    ANSWERED = "answered"
    ANSWER_CORRECTED = "answer_corrected"
    WON = "won"
    NOT_WON = "not_won"
    DEADLINE = "deadline"
    CLOSED = "closed"
    REOPENED = "reopened"
    ANONYMISED = "anonymised"
    NOTE = "note"


SHOWN_ON_PAGE: Final = 50
DESK_SHOWN: Final = 200


def read_day(text: str) -> date | None:
    """Return the day that an address names as 2026-05-31, or None for what is no day."""
    try:
        return date.fromisoformat(text) if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None


def subject_of(*said: Any) -> str:
    """Return what makes an entry that an organizer writes the same as another: its own words.

    Sent twice, it is one entry.
    """
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()[:32]
