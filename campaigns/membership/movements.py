"""Reads: what became of dues in the journal, for their receipts and for the member's own overview.

Dues have one fund and no line, so that their entries are found by what their payment moved.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Select, Subquery, case, cast, func, select
from sqlalchemy.orm import Session

from campaigns.campaign.models import Fund
from campaigns.kernel.money import Money
from campaigns.ledger.models import LedgerEntry, LedgerPosting
from campaigns.ledger.rules import Meaning
from campaigns.membership.models import Dues, Member
from campaigns.membership.rules import DUES
from campaigns.payments import movements as payments
from campaigns.receipts.rules import Movement

_MOVING: Final = (Meaning.GIVEN, Meaning.REFUNDED, Meaning.DISPUTED)


@dataclass(frozen=True, slots=True)
class Kept:
    """What the journal says of one month: when it was charged and moved last, and what of it went back."""

    given_at: datetime
    moved_at: datetime
    given: Money
    refunded: Money
    disputed: Money


def kept_of(session: Session, dues_id: UUID) -> Kept | None:
    """Return what is kept of a month of dues, or None where nothing of it was ever booked."""
    columns = (LedgerPosting.meaning, LedgerPosting.currency, -func.sum(LedgerPosting.amount),
               func.min(LedgerEntry.occurred_at), func.max(LedgerEntry.occurred_at))  # fmt: skip
    source = payments.sources(DUES)
    mine = _postings(source, *columns).where(source.c.subject_id == dues_id)
    rows = session.execute(mine.group_by(LedgerPosting.meaning, LedgerPosting.currency)).all()
    given_at = next((first for meaning, _, _, first, _ in rows if meaning == Meaning.GIVEN), None)
    if given_at is None:
        return None
    currency, sums = rows[0][1], {meaning: int(total) for meaning, _, total, _, _ in rows}
    given, refunded, disputed = (
        Money(sign * sums.get(meaning, 0), currency) for sign, meaning in zip((1, -1, -1), _MOVING, strict=True)
    )
    return Kept(given_at, max(last for *_, last in rows), given, refunded, disputed)


def _postings(source: Subquery, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(source)
        .join(LedgerEntry, LedgerEntry.source_key == source.c.source_key)
        .join(LedgerPosting, LedgerPosting.sequence == LedgerEntry.sequence)
        .where(LedgerPosting.meaning.in_(_MOVING))
    )


def held() -> Subquery:
    """What the journal says of each month of dues it knows, in the columns of `receipts.receipting.Feature`."""
    source = payments.sources(DUES)
    given = case((LedgerPosting.meaning == Meaning.GIVEN, LedgerPosting.amount), else_=0)
    sums = (cast(-func.sum(each), BigInteger) for each in (given, LedgerPosting.amount))
    columns = (each.label(name) for each, name in zip(sums, ("given", "kept"), strict=True))
    return (
        _postings(source, source.c.subject_id, LedgerPosting.currency, *columns)
        .group_by(source.c.subject_id, LedgerPosting.currency)
        .subquery("held")
    )


def of_mailbox(session: Session, email_hash: bytes, since: datetime, until: datetime) -> list[Movement]:
    """Return what moved of the dues under one address from `since` up to `until`, the oldest first."""
    source = payments.sources(DUES)
    columns = (LedgerEntry.occurred_at, LedgerPosting.meaning, Fund.name, LedgerPosting.amount, LedgerPosting.currency,
               Dues.id, Dues.public_id)  # fmt: skip
    rows = session.execute(
        _postings(source, *columns)
        .join(Dues, Dues.id == source.c.subject_id)
        .join(Fund, Fund.id == LedgerPosting.fund_id)
        .where(source.c.subject_id.in_(_months(session, email_hash)))
        .where(LedgerEntry.occurred_at >= since, LedgerEntry.occurred_at < until)
        .order_by(LedgerEntry.occurred_at, LedgerEntry.sequence)
    )
    return [
        Movement(at, Meaning(meaning), fund, Money(-int(amount), currency), DUES, dues_id, public_id)
        for at, meaning, fund, amount, currency, dues_id, public_id in rows
    ]


def first_and_last(session: Session, email_hash: bytes) -> tuple[datetime, datetime] | None:
    """Return when money of the dues under one address moved first and last, or None where none ever did."""
    source = payments.sources(DUES)
    ends = _postings(source, func.min(LedgerEntry.occurred_at), func.max(LedgerEntry.occurred_at))
    row = session.execute(ends.where(source.c.subject_id.in_(_months(session, email_hash)))).one()
    return None if row[0] is None else (row[0], row[1])


def _months(session: Session, email_hash: bytes) -> list[UUID]:
    """Asked for first: so the parts of the union are looked up, not gone through."""
    mine = select(Dues.id).join(Member, Member.id == Dues.member_id).where(Member.email_hash == email_hash)
    return list(session.scalars(mine))
