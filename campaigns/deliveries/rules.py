"""What a frozen list is, and the digest that proves it.

The digest is SHA-256 over canonical JSON (RFC 8785's rules for the values that occur here: strings and
integers, keys sorted, no spaces, UTF-8): {"letter": {...}, "rows": [...]}. A named row is [number, name, place],
with what else stands beside the name as a fourth where there is something; a withheld row is the hash below, so that
the list commits to it without holding it.

The letter names its format. Format 1 knew no fourth part, and is else the same: its lists verify as they did.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from campaigns.signatures.rules import Audience, Frozen, shows_name

FORMAT: Final = "undersigned list 2"


class State(StrEnum):
    """How far a delivery has come."""

    REQUESTED = "requested"
    FROZEN = "frozen"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list. Exactly one of (number, name, place, perhaps details) and (salt, withheld_hash) is set."""

    position: int
    signature_id: UUID
    number: int | None
    name: str | None
    place: str | None
    salt: str | None
    withheld_hash: str | None
    details: str | None = None

    @property
    def told(self) -> str | list[int | str | None]:
        """What the digest takes in: all that is printed of a name, and of a withheld one its hash."""
        if self.withheld_hash:
            return self.withheld_hash
        return [self.number, self.name, self.place, *([self.details] if self.details else [])]


def may_be_id(text: str) -> bool:
    """Tell whether a list could have this public id: the database is not asked for others (nor fed their NULs)."""
    return re.fullmatch(r"[A-Za-z0-9_-]{1,40}", text) is not None


def canonical(value: Any) -> bytes:
    """Return the one way to write `value` as JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def withheld_hash(salt: str, signature_id: UUID, name: str, place: str, of_format: str = FORMAT) -> str:
    """Return what a list holds of a withheld signature; only who knows the salt can prove it is theirs.

    `of_format` is the one that the list's letter names.
    """
    return hashlib.sha256(canonical([of_format, salt, str(signature_id), name, place])).hexdigest()


def frozen_row(position: int, number: int, signature: Frozen, salt: str) -> Row:
    """Return the row of one signature; `number` is used, and `salt` kept, only as its visibility asks."""
    if shows_name(signature.visibility, Audience.TARGET):
        return Row(
            position, signature.id, number, signature.name, signature.place, None, None, signature.details or None
        )
    hidden = withheld_hash(salt, signature.id, signature.name, signature.place)
    return Row(position, signature.id, None, None, None, salt, hidden)


class ListDigest:
    """Takes in a list row by row, so that 100,000 of them need no memory."""

    def __init__(self, letter: dict[str, Any]) -> None:
        self._state = hashlib.sha256(b'{"letter":' + canonical(letter) + b',"rows":[')
        self._first = True

    def add(self, rows: Iterable[Row]) -> None:
        """Take in the next rows."""
        for row in rows:
            self._state.update(b"" if self._first else b",")
            self._state.update(canonical(row.told))
            self._first = False

    def hexdigest(self) -> str:
        """Return the digest of what was taken in, without ending it."""
        whole = self._state.copy()
        whole.update(b"]}")
        return whole.hexdigest()


def grouped(digest: str, groups: int = 4) -> str:
    """Return the first `groups` times four characters, spaced, as they stand in the footer."""
    return " ".join(digest[at : at + 4] for at in range(0, groups * 4, 4))
