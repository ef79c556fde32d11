"""What a receipt says, which number it has, and when it is void. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.kernel.money import Money
from campaigns.ledger.rules import Meaning

_NUMBER: Final = re.compile(r"([0-9]{4})-([0-9]{5,12})")
_FORMAT: Final = 1
_LETTER: Final = frozenset({"USD", "CAD", "MXN", "CLP", "COP", "PHP"})


class VoidReason(StrEnum):
    """Why a receipt no longer holds."""

    REFUNDED = "refunded"
    DISPUTED = "disputed"
    RESTORED = "restored"  # money that was on its way back, or taken back by a bank, is ours again


class NotTheSum(ValueError):
    """A receipt whose lines are not what is kept: a programmer's mistake, never a visitor's."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who gives receipts: the legal name, the address for questions, and the zone (IANA name) the books are kept in."""

    legal_name: str
    contact: str
    zone: str

    def day_of(self, moment: datetime) -> date:
        """Return the day on which an aware moment falls in the books."""
        return moment.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True, slots=True)
class Line:
    """What one fund keeps of it, in the words it was given under."""

    fund: str
    purpose: str
    beyond: str
    recipient: str
    amount: Money
    tax: str = ""
    is_fee_cover: bool = False  # added for the card fee, not given to the purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """All that a receipt says, frozen when it is issued.

    `given` was charged on the day `given_on` of the books; `refunded` and `disputed` went back since. `reference` is
    the number under which the giver finds it on the site, `language` a BCP 47 tag, `zone` that of the books. A gift has
    no `tier`: with one it is a month of dues for that tier of membership, which a tax office tells from a gift.
    """

    issuer: str
    contact: str
    email: str
    name: str
    given_on: date
    given: Money
    refunded: Money
    disputed: Money
    reference: str
    language: str
    zone: str
    lines: tuple[Line, ...]
    tier: str = ""

    @property
    def kept(self) -> Money:
        """What the lines keep together."""
        return sum((line.amount for line in self.lines), Money(0, self.given.currency))


@dataclass(frozen=True, slots=True)
class Stated:
    """What the receipt of one subject has to say now, by the journal, and when its money moved last."""

    content: Content
    moved_at: datetime

    @property
    def kept(self) -> Money:
        """What is kept of the money: nothing, or less, where all of it went back."""
        return self.content.given - self.content.refunded - self.content.disputed


@dataclass(frozen=True, slots=True)
class Movement:
    """Money of one subject that came to one fund, or (a negative amount) went back from it."""

    at: datetime
    meaning: Meaning
    fund: str
    amount: Money
    subject_kind: str
    subject_id: UUID
    public_id: str


@dataclass(frozen=True, slots=True)
class Step:
    """What has to happen to the receipts of one subject: `void` the valid one, and issue another."""

    void: VoidReason | None
    issues: bool


IN_STEP: Final = Step(None, False)


def next_step(valid: Money | None, before: Content | None, kept: Money, content: Content) -> Step:
    """Return what brings the receipts into step with what is kept of the money.

    `valid` is the amount of the valid receipt, None where there is none; `before` what it says, as far as it is known.
    More may go back than came (a bank's rate of exchange): then nothing is kept. Raises NotTheSum.
    """
    keeps = kept.minor > 0
    if keeps and content.kept != kept:
        raise NotTheSum(f"lines of {content.kept} on a receipt for {kept}")
    if valid == kept or (valid is None and not keeps):
        return IN_STEP
    return Step(None if valid is None else _reason(valid, before, kept, content), keeps)


def _reason(valid: Money, before: Content | None, kept: Money, content: Content) -> VoidReason:
    if kept.minor > valid.minor:
        return VoidReason.RESTORED
    was_disputed = before.disputed.minor if before else 0
    return VoidReason.DISPUTED if content.disputed.minor > was_disputed else VoidReason.REFUNDED


def paper_of(currency: str) -> str:
    """Return the paper that people who use a currency print on."""
    return "letter" if currency in _LETTER else "a4"


def series_of(given_on: date) -> str:
    """Return the series of receipts for what was given on a day: one for each year of the books."""
    return f"{given_on.year:04}"


def shown_number(series: str, number: int) -> str:
    """Return the number as people read and type it, like 2026-00017."""
    return f"{series}-{number:05}"


def read_number(text: str) -> tuple[str, int] | None:
    """Return series and number of what `shown_number` wrote; None for anything else."""
    found = _NUMBER.fullmatch(text)
    return (found[1], int(found[2])) if found and shown_number(found[1], int(found[2])) == text else None


def written(content: Content) -> str:
    """Return the content as JSON with one spelling, to be kept sealed."""
    plain = {name: getattr(content, name) for name in "issuer contact email name reference language zone tier".split()}
    amounts = {name: _pair(getattr(content, name)) for name in ("given", "refunded", "disputed")}
    lines = [_plain_line(line) for line in content.lines]
    whole = {**plain, **amounts, "given_on": content.given_on.isoformat(), "lines": lines, "format": _FORMAT}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain_line(line: Line) -> dict[str, Any]:
    words = {name: getattr(line, name) for name in "fund purpose beyond recipient tax is_fee_cover".split()}
    return words | {"amount": _pair(line.amount)}


def _pair(money: Money) -> list[Any]:
    return [money.minor, money.currency]


def read(text: str) -> Content:
    """Return what `written` wrote."""
    found: dict[str, Any] = json.loads(text)
    found.pop("format")
    amounts = {name: Money(*found[name]) for name in ("given", "refunded", "disputed")}
    lines = tuple(_line(line) for line in found["lines"])
    return Content(**{**found, **amounts, "given_on": date.fromisoformat(found["given_on"]), "lines": lines})


def _line(found: Mapping[str, Any]) -> Line:
    return Line(**{**found, "amount": Money(*found["amount"])})
