"""Reads of receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from campaigns.kernel.money import Money
from campaigns.receipts import rules
from campaigns.receipts.models import Receipt
from campaigns.receipts.rules import Content, VoidReason


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """A receipt as it stands. `content` is None where the law no longer keeps it; `successor` is a shown number."""

    id: UUID
    series: str
    number: int
    subject_kind: str
    subject_id: UUID
    amount: Money
    content: Content | None
    issued_at: datetime
    voided_at: datetime | None
    void_reason: VoidReason | None
    successor: str = ""

    @property
    def shown(self) -> str:
        """The number as people read it."""
        return rules.shown_number(self.series, self.number)

    @property
    def is_valid(self) -> bool:
        """Whether it still holds."""
        return self.voided_at is None


def find(session: Session, receipt_id: UUID) -> ReceiptFacts | None:
    """Return one receipt, or None."""
    return _first(session, select(Receipt).where(Receipt.id == receipt_id))


def by_number(session: Session, series: str, number: int) -> ReceiptFacts | None:
    """Return the receipt with a number, or None."""
    return _first(session, select(Receipt).where(Receipt.series == series, Receipt.number == number))


def valid_of(session: Session, subject_kind: str, subject_id: UUID) -> ReceiptFacts | None:
    """Return the one receipt of a subject that holds, or None."""
    mine = (Receipt.subject_kind == subject_kind, Receipt.subject_id == subject_id)
    row = session.scalars(select(Receipt).where(*mine, Receipt.voided_at.is_(None))).one_or_none()
    return _facts(row, "") if row else None


def of_subject(session: Session, subject_kind: str, subject_id: UUID) -> list[ReceiptFacts]:
    """Return every receipt of a subject in the order in which they were issued."""
    return of_subjects(session, subject_kind, [subject_id]).get(subject_id, [])


def of_subjects(session: Session, subject_kind: str, ids: Sequence[UUID]) -> dict[UUID, list[ReceiptFacts]]:
    """Return every receipt of each subject that has one, in the order in which they were issued."""
    rows = session.scalars(
        select(Receipt)
        .where(Receipt.subject_kind == subject_kind, Receipt.subject_id.in_(ids))
        .order_by(Receipt.subject_id, Receipt.series, Receipt.number)
    ).all()
    found: dict[UUID, list[ReceiptFacts]] = {}
    for row in reversed(rows):
        later = found.setdefault(row.subject_id, [])
        later.insert(0, _facts(row, later[0].shown if later else ""))
    return found


def has_any(session: Session, subject_kind: str, subject_id: UUID) -> bool:
    """Return whether a receipt was ever issued for a subject."""
    mine = (Receipt.subject_kind == subject_kind, Receipt.subject_id == subject_id)
    return session.execute(select(Receipt.id).where(*mine).limit(1)).first() is not None


def _first(session: Session, query: Select[Any]) -> ReceiptFacts | None:
    row = session.scalars(query).first()
    if row is None:
        return None
    return next(each for each in of_subject(session, row.subject_kind, row.subject_id) if each.id == row.id)


def _facts(row: Receipt, successor: str) -> ReceiptFacts:
    return ReceiptFacts(
        row.id, row.series, row.number, row.subject_kind, row.subject_id, Money(row.amount_minor, row.currency),
        rules.read(row.content) if row.content else None, row.issued_at, row.voided_at,
        VoidReason(row.void_reason) if row.void_reason else None, successor,
    )  # fmt: skip
