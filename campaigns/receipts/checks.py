"""Proofs that receipts keep their laws. Nothing here trusts a constraint or a trigger."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.ledger.checks import Finding, guard_findings
from campaigns.receipts import rules, triggers
from campaigns.receipts.models import Receipt, ReceiptSeries

BATCH = 2_000  # rows held in memory at a time


def verify(session: Session) -> list[Finding]:
    """Return every law of the receipts themselves that is broken; empty where they are sound. Writes nothing.

    Whether each fits the money is the features' to prove, whose subjects they are for.
    """
    return [
        *guard_findings(session, triggers.GUARDS),
        *_number_findings(session),
        *_valid_findings(session),
        *_void_findings(session),
    ]


def _number_findings(session: Session) -> Iterator[Finding]:
    """Each series holds 1 … n, each once, and goes on with n + 1."""
    ends = {row.name: row.next_number for row in session.scalars(select(ReceiptSeries))}
    query = select(Receipt.series, Receipt.number).order_by(Receipt.series, Receipt.number)
    rows = session.execute(query.execution_options(yield_per=BATCH))
    for series, numbers in groupby(rows, key=lambda row: str(row.series)):
        last = 0
        for row in numbers:
            if row.number != last + 1:
                where = rules.shown_number(series, row.number)
                yield Finding("receipt numbers", where, f"it follows number {last}, so the numbers are not contiguous")
            last = row.number
        if ends.pop(series, None) != last + 1:
            yield Finding("receipt numbers", f"series {series}", f"it does not go on after its last number, {last}")
    for series, following in ends.items():
        if following != 1:
            yield Finding("receipt numbers", f"series {series}", "its receipts are gone")


def _valid_findings(session: Session) -> Iterator[Finding]:
    valid = session.execute(select(Receipt.subject_kind, Receipt.subject_id).where(Receipt.voided_at.is_(None)))
    for subject, count in Counter((row.subject_kind, row.subject_id) for row in valid).items():
        if count > 1:
            yield Finding("valid receipts", f"{subject[0]} {subject[1]}", f"{count} receipts are valid at once")


def _void_findings(session: Session) -> Iterator[Finding]:
    """A void receipt says why, and what replaces it is another receipt of the same subject."""
    query = select(
        Receipt.id, Receipt.series, Receipt.number, Receipt.subject_id, Receipt.void_reason, Receipt.replaced_by
    )
    for row in session.execute(query.where(Receipt.voided_at.is_not(None))):
        where = rules.shown_number(row.series, row.number)
        if row.void_reason is None:
            yield Finding("void receipts", where, "it is void without a reason")
        if row.replaced_by and not _is_successor(session, row.replaced_by, row.subject_id):
            yield Finding("void receipts", where, "what replaces it is no receipt of the same gift")


def _is_successor(session: Session, receipt_id: object, subject_id: object) -> bool:
    query = select(Receipt.id).where(Receipt.id == receipt_id, Receipt.subject_id == subject_id)
    return session.execute(query).first() is not None
