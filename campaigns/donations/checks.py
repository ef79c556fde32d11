"""Proofs that gifts and journal say the same. Each law has a test that breaks it."""

from collections.abc import Iterator

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.orm import Session

from campaigns.donations.models import Donation, DonationLine
from campaigns.donations.rules import KIND
from campaigns.ledger.checks import Finding
from campaigns.ledger.models import LedgerEntry, LedgerPosting
from campaigns.ledger.rules import Kind
from campaigns.payments.models import Payment
from campaigns.payments.rules import State


def verify(session: Session) -> Iterator[Finding]:
    """Yield each gift whose money is not what it should be: L5 of those that were paid, L6 of the others."""
    given = (
        select(
            DonationLine.donation_id,
            func.count(LedgerPosting.sequence.distinct()).label("entries"),
            cast(-func.sum(LedgerPosting.amount), BigInteger).label("total"),
        )
        .join(LedgerPosting, LedgerPosting.donation_line_id == DonationLine.id)
        .join(LedgerEntry, LedgerEntry.sequence == LedgerPosting.sequence)
        .where(LedgerEntry.kind == Kind.RECOGNISED)
        .group_by(DonationLine.donation_id)
        .subquery()
    )
    promised = (
        select(DonationLine.donation_id, cast(func.sum(DonationLine.amount_minor), BigInteger).label("total"))
        .group_by(DonationLine.donation_id)
        .subquery()
    )
    paid = select(Payment.subject_id).where(Payment.kind == KIND, Payment.state == State.PAID)
    rows = session.execute(
        select(
            Donation.public_id, Donation.amount_minor, Donation.id.in_(paid).label("is_paid"),
            func.coalesce(given.c.entries, 0).label("entries"), func.coalesce(given.c.total, 0).label("given"),
            func.coalesce(promised.c.total, 0).label("promised"),
        )
        .outerjoin(given, given.c.donation_id == Donation.id)
        .outerjoin(promised, promised.c.donation_id == Donation.id)
        .execution_options(yield_per=1000)
    )  # fmt: skip
    for row in rows:
        if row.is_paid and row.entries != 1:
            yield Finding("L5", row.public_id, f"it is paid and recognised {row.entries} times")
        elif row.is_paid and not row.amount_minor == row.given == row.promised:
            yield Finding("L5", row.public_id, "its amount, its lines and what is booked are not the same")
        elif not row.is_paid and row.entries:
            yield Finding("L6", row.public_id, "it is not paid, and is booked")
