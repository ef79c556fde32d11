"""What somebody gave and paid as dues, and what went back, over any days: read from the journal like every figure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from campaigns.donations import movements as gifts
from campaigns.kernel.money import Money
from campaigns.ledger.rules import Meaning
from campaigns.membership import movements as dues
from campaigns.membership.rules import DUES
from campaigns.receipts import queries as receipts
from campaigns.receipts.queries import ReceiptFacts
from campaigns.receipts.rules import Issuer, Movement

_EARLIEST: Final = date(2000, 1, 1)
_LATEST: Final = date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class Days:
    """A range of days of the books, both of them in it."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Moved:
    """One line of the overview: a day of the books, a fund, and what came (or, negative, went back)."""

    day: date
    meaning: Meaning
    fund: str
    amount: Money
    public_id: str
    receipt: str
    is_dues: bool


@dataclass(frozen=True, slots=True)
class Sum:
    """What one fund got in one currency of gifts or of dues, what went back, what stayed; `fund` is empty for all."""

    fund: str
    is_dues: bool
    given: Money
    went_back: Money

    @property
    def kept(self) -> Money:
        """What stayed."""
        return self.given - self.went_back


@dataclass(frozen=True, slots=True)
class Overview:
    """The overview over `days`; `years` are those in which money moved, the newest first."""

    days: Days
    years: list[int]
    lines: list[Moved]
    sums: list[Sum]
    totals: list[Sum]
    receipts: list[ReceiptFacts]

    @property
    def has_dues(self) -> bool:
        """Whether some of it is dues."""
        return any(line.is_dues for line in self.lines)


def overview(session: Session, email_hash: bytes, issuer: Issuer, wanted: Days | None, today: date) -> Overview:
    """Return the overview of what stands under an address; of the newest year with money where no days are named."""
    ends = [end for each in (gifts, dues) for end in each.first_and_last(session, email_hash) or ()]
    first, last = (issuer.day_of(min(ends)), issuer.day_of(max(ends))) if ends else (today, today)
    days = wanted or Days(date(last.year, 1, 1), date(last.year, 12, 31))
    since, until = _start_of(days.first, issuer), _start_of(days.last + timedelta(days=1), issuer)
    moved = [movement for each in (gifts, dues) for movement in each.of_mailbox(session, email_hash, since, until)]
    found = sorted(moved, key=lambda movement: movement.at)
    numbered = _numbered(session, found)
    lines = [_line(each, numbered, issuer) for each in found]
    years = list(range(last.year, first.year - 1, -1)) if ends else []
    shown = sorted((each for of in numbered.values() for each in of), key=lambda each: (each.series, each.number))
    return Overview(days, years, lines, _sums(lines, by_fund=True), _sums(lines, by_fund=False), shown)


def _numbered(session: Session, found: Iterable[Movement]) -> dict[UUID, list[ReceiptFacts]]:
    kinds: dict[str, set[UUID]] = {}
    for each in found:
        kinds.setdefault(each.subject_kind, set()).add(each.subject_id)
    return {
        id_: of for kind, ids in kinds.items() for id_, of in receipts.of_subjects(session, kind, list(ids)).items()
    }


def _start_of(day: date, issuer: Issuer) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(issuer.zone))


def _line(each: Movement, numbered: Mapping[UUID, list[ReceiptFacts]], issuer: Issuer) -> Moved:
    of = numbered.get(each.subject_id, [])
    valid = next((receipt.shown for receipt in of if receipt.is_valid), "")
    is_dues = each.subject_kind == DUES
    return Moved(issuer.day_of(each.at), each.meaning, each.fund, each.amount, each.public_id, valid, is_dues)


def _sums(lines: Iterable[Moved], *, by_fund: bool) -> list[Sum]:
    found: dict[tuple[str, str, bool], Sum] = {}
    for line in lines:
        key = (line.amount.currency, line.fund if by_fund else "", by_fund and line.is_dues)
        nothing = Money(0, line.amount.currency)
        so_far = found.get(key, Sum(*key[1:], nothing, nothing))
        is_gift = line.meaning is Meaning.GIVEN
        given = so_far.given + line.amount if is_gift else so_far.given
        back = so_far.went_back if is_gift else so_far.went_back - line.amount
        found[key] = Sum(*key[1:], given, back)
    return [found[key] for key in sorted(found)]


def read_days(first: str, last: str) -> Days | None:
    """Return the days that were typed (ISO 8601), in their order; None where one of them is none."""
    try:
        days = sorted(date.fromisoformat(text) for text in (first, last))
    except ValueError:
        return None
    return Days(*days) if days[0] >= _EARLIEST and days[1] <= _LATEST else None
