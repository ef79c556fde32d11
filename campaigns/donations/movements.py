"""Reads: what became of gifts in the journal, for their receipts and for the giver's own overview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.campaign.models import Fund
from campaigns.donations.models import Donation, DonationLine
from campaigns.donations.rules import KIND
from campaigns.kernel.money import Money
from campaigns.ledger.models import LedgerEntry, LedgerPosting
from campaigns.ledger.rules import Kind, Meaning
from campaigns.receipts.rules import Movement

# What an entry means for the giver: for a fund, what covers the card fee is no gift, but its giver gave it.
_MEANINGS: Mapping[str, Meaning] = {
    Kind.RECOGNISED: Meaning.GIVEN, Kind.RECEIVED: Meaning.GIVEN, Kind.REFUNDED: Meaning.REFUNDED,
    Kind.DISPUTED: Meaning.DISPUTED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """What the journal says of one gift: when it was charged, what of it went back, what each line still holds."""

    given_at: datetime
    moved_at: datetime  # last
    given: Money
    refunded: Money
    disputed: Money
    by_line: dict[UUID, Money]


def kept_of(session: Session, donation_id: UUID) -> Kept | None:
    """Return what is kept of a gift, or None where nothing of it was ever booked."""
    rows = session.execute(
        select(
            DonationLine.id, LedgerPosting.currency, LedgerEntry.kind, -func.sum(LedgerPosting.amount),
            func.min(LedgerEntry.occurred_at), func.max(LedgerEntry.occurred_at),
        )
        .join(LedgerPosting, LedgerPosting.donation_line_id == DonationLine.id)
        .join(LedgerEntry, LedgerEntry.sequence == LedgerPosting.sequence)
        .where(DonationLine.donation_id == donation_id)
        .group_by(DonationLine.id, LedgerPosting.currency, LedgerEntry.kind)
        .order_by(DonationLine.id)
    ).all()  # fmt: skip
    moments = [first for _, _, kind, _, first, _ in rows if _MEANINGS[kind] is Meaning.GIVEN]
    return _kept(rows, min(moments), max(last for *_, last in rows)) if moments else None


def _kept(rows: Sequence[Any], given_at: datetime, moved_at: datetime) -> Kept:
    currency = rows[0][1]
    sums, by_line = dict.fromkeys(Meaning, 0), dict[UUID, int]()
    for line_id, _, kind, total, _, _ in rows:
        sums[_MEANINGS[kind]] += int(total)
        by_line[line_id] = by_line.get(line_id, 0) + int(total)
    given, refunded, disputed = (
        Money(sign * sums[meaning], currency)
        for sign, meaning in ((1, Meaning.GIVEN), (-1, Meaning.REFUNDED), (-1, Meaning.DISPUTED))
    )
    held = {line: Money(minor, currency) for line, minor in by_line.items()}
    return Kept(given_at, moved_at, given, refunded, disputed, held)


def of_mailbox(session: Session, email_hash: bytes, since: datetime, until: datetime) -> list[Movement]:
    """Return what moved of the gifts under one address from `since` up to `until`, the oldest first."""
    rows = session.execute(
        _movements().where(
            Donation.email_hash == email_hash, LedgerEntry.occurred_at >= since, LedgerEntry.occurred_at < until
        )
    )
    return [
        Movement(at, _MEANINGS[kind], fund, Money(-int(amount), currency), KIND, donation_id, public_id)
        for at, kind, fund, amount, currency, donation_id, public_id in rows
    ]


def _movements() -> Any:
    return (
        select(
            LedgerEntry.occurred_at, LedgerEntry.kind, Fund.name, LedgerPosting.amount, LedgerPosting.currency,
            Donation.id, Donation.public_id,
        )
        .join(LedgerPosting, LedgerPosting.sequence == LedgerEntry.sequence)
        .join(DonationLine, DonationLine.id == LedgerPosting.donation_line_id)
        .join(Donation, Donation.id == DonationLine.donation_id)
        .join(Fund, Fund.id == LedgerPosting.fund_id)
        .order_by(LedgerEntry.occurred_at, LedgerEntry.sequence, LedgerPosting.position)
    )  # fmt: skip


def first_and_last(session: Session, email_hash: bytes) -> tuple[datetime, datetime] | None:
    """Return when money of the gifts under one address moved first and last, or None where none ever did."""
    row = session.execute(
        select(func.min(LedgerEntry.occurred_at), func.max(LedgerEntry.occurred_at))
        .join(LedgerPosting, LedgerPosting.sequence == LedgerEntry.sequence)
        .join(DonationLine, DonationLine.id == LedgerPosting.donation_line_id)
        .join(Donation, Donation.id == DonationLine.donation_id)
        .where(Donation.email_hash == email_hash)
    ).one()
    return None if row[0] is None else (row[0], row[1])
