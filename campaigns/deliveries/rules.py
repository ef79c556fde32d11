"""What a frozen list is, and the digest that proves it.

The digest is SHA-256 over canonical JSON (RFC 8785's rules for the values that occur here: strings and
integers, keys sorted, no spaces, UTF-8): {"letter": {...}, "rows": [...]}. A row is a salted hash of what it says, so
that the list commits to it without holding it: a withheld one never held it, an erased one no longer does. What else
stands beside a name is part of its hash where there is something.

The letter names its format. In format 1 a named row was [number, name, place], in format 2 no row said which version
of the text it was signed under: lists of both verify as they did, because the digest takes in what was stored.
"""

import hashlib
import json
import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from campaigns.campaign.rules import LATE_CONFIRMATION
from campaigns.signatures.rules import Audience, Frozen, Visibility, shows_name

FORMAT: Final = "undersigned list 3"


class State(StrEnum):
    """How far a delivery has come."""

    REQUESTED = "requested"
    FROZEN = "frozen"
    READY = "ready"


class Freezing(StrEnum):
    """Whether a list may be made now, given what its signatories were told."""

    ALLOWED = "allowed"
    NOT_ANNOUNCED = "not announced"
    STILL_TELLING = "still telling"
    TOO_EARLY = "too early"


# For how long, after the promised notice, a list may still be made without telling people again.
ANNOUNCED_FOR: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Announced:
    """What signatories were told: since when, how many, and from when a list may be made. Not done while mails wait.

    `ids` are the announcements it consists of: those who came after one may be told by another.
    """

    ids: tuple[UUID, ...]
    announced_at: datetime
    freeze_from: datetime
    done_at: datetime | None
    told: int


def together(standing: Sequence[Announced]) -> Announced | None:
    """Return announcements that hold as one: since the first, until the last notice, done when all are; None: none."""
    if not standing:
        return None
    done = [each.done_at for each in standing if each.done_at]
    return Announced(
        ids=tuple(one for each in standing for one in each.ids),
        announced_at=min(each.announced_at for each in standing),
        freeze_from=max(each.freeze_from for each in standing),
        done_at=max(done) if len(done) == len(standing) else None,
        told=sum(each.told for each in standing),
    )


def freezing(announced: Announced | None, now: datetime) -> Freezing:
    """Return whether a list may be made now. An announcement holds for a stated time after its notice has passed."""
    if announced is None or now >= announced.freeze_from + ANNOUNCED_FOR:
        return Freezing.NOT_ANNOUNCED
    if announced.done_at is None:
        return Freezing.STILL_TELLING
    return Freezing.ALLOWED if now >= announced.freeze_from else Freezing.TOO_EARLY


def anonymised_from(closed_at: datetime, last_list_at: datetime | None, days: int) -> datetime | None:
    """Return from when what was typed under a closed petition is deleted: `days` after its last list.

    Nobody who confirms a day late is left out. None while there is no list: the names were given to be delivered.
    """
    if last_list_at is None:
        return None
    return max(closed_at + LATE_CONFIRMATION, last_list_at) + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list. Exactly one of (number, name, place, perhaps details, named_hash) and withheld_hash is set."""

    position: int
    signature_id: UUID
    number: int | None
    name: str | None
    place: str | None
    salt: str | None
    withheld_hash: str | None
    named_hash: str | None = None
    details: str | None = None
    version: int | None = None
    on_paper: bool = False

    @property
    def told(self) -> str | list[int | str | None]:
        """What the digest takes in."""
        return self.withheld_hash or self.named_hash or [self.number, self.name, self.place]  # the last: format 1


def may_be_id(text: str) -> bool:
    """Tell whether a list could have this public id: the database is not asked for others (nor fed their NULs)."""
    return re.fullmatch(r"[A-Za-z0-9_-]{1,40}", text) is not None


def canonical(value: Any) -> bytes:
    """Return the one way to write `value` as JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def withheld_hash(salt: str, signature_id: UUID, name: str, place: str, version: int) -> str:
    """Return what a list holds of a withheld signature under one version of the text.

    Only who knows the salt can prove it is theirs.
    """
    return hashlib.sha256(canonical([FORMAT, salt, str(signature_id), name, place, version])).hexdigest()


def named_hash(salt: str, number: int, name: str, place: str, version: int, details: str | None = None) -> str:
    """Return what the digest holds of a named row: it outlives the name, and without the salt nobody can guess it.

    `version` is the number of the text that was signed.
    """
    beside = [details] if details else []
    return hashlib.sha256(canonical([FORMAT, salt, number, name, place, version, *beside])).hexdigest()


def as_told(signature: Frozen, may_be_named: Container[UUID] | None) -> Frozen:
    """Return a signature as a list may hold it: who is not in `may_be_named` is counted alone. None: everybody is."""
    if may_be_named is None or signature.id in may_be_named:
        return signature
    return replace(signature, visibility=Visibility.COUNTED, details="")


def frozen_row(position: int, number: int, signature: Frozen, salt: str, version: int) -> Row:
    """Return the row of one signature; `number` is used only as its visibility asks, `version` is the text's."""
    if shows_name(signature.visibility, Audience.TARGET):
        details = signature.details or None
        shown = named_hash(salt, number, signature.name, signature.place, version, details)
        return Row(position, signature.id, number, signature.name, signature.place, salt, None, shown, details, version,
                   signature.on_paper)  # fmt: skip
    hidden = withheld_hash(salt, signature.id, signature.name, signature.place, version)
    return Row(position, signature.id, None, None, None, salt, hidden, version=version, on_paper=signature.on_paper)


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
