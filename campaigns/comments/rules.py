"""Pure decisions about comments: whose words stand where, and which words were read."""

import hashlib
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from campaigns.signatures.rules import Audience, Visibility, shows_name

SHOWN_ON_PAGE: Final = 6
MARK_LENGTH: Final = 12


def stands_on_page(visibility: Visibility) -> bool:
    """Words betray their author: they stand where the name may stand, and nowhere without it."""
    return shows_name(visibility, Audience.EVERYONE)


@dataclass(frozen=True, slots=True)
class Reading:
    """Words that an organizer has before their eyes: the row in which they stand, and a mark of them."""

    row_id: UUID
    mark: str

    def __str__(self) -> str:
        """Return it as the form carries it."""
        return f"{self.row_id}.{self.mark}"


def reading_of(row_id: UUID, text: str) -> Reading:
    """Return what says that somebody has read `text`, and not what its author may have written since."""
    return Reading(row_id, hashlib.sha256(text.encode()).hexdigest()[:MARK_LENGTH])


def parse_reading(text: str) -> Reading | None:
    """Read what the form carries; None for anything else."""
    identifier, _, mark = text.partition(".")
    try:
        return Reading(UUID(identifier), mark)
    except ValueError:
        return None
