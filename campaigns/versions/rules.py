"""What a correction changed, in whole demands: short texts are read as a whole, not letter by letter."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from campaigns.campaign.rules import Demand, Text


class Change(StrEnum):
    """What became of a line."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Line:
    """The headline or a demand, and what became of it."""

    change: Change
    title: str
    detail: str = ""


def changes(before: Text, after: Text) -> list[Line]:
    """Return the headline and the demands of both texts in reading order, each marked."""
    old = [Demand(before.headline, ""), *before.demands]
    new = [Demand(after.headline, ""), *after.demands]
    found: list[Line] = []
    for what, *spans in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        first, last, start, end = spans
        if what == "equal":
            found += [Line(Change.KEPT, each.title, each.detail) for each in old[first:last]]
            continue
        found += [Line(Change.REMOVED, each.title, each.detail) for each in old[first:last]]
        found += [Line(Change.ADDED, each.title, each.detail) for each in new[start:end]]
    return found
