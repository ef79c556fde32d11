"""The journal's tables. Rows are added through `operations.post` alone and never changed (see triggers.py).

Of the other features this one knows two tables by name: `fund` and `donation_line`.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db.base import Base, RowNumber
from campaigns.ledger.rules import Account, Meaning


def _among(column: str, values: Iterable[str]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class LedgerEntry(Base):
    """One thing that happened to money. `sequence` counts 1, 2, 3 … without a gap."""

    __tablename__ = "ledger_entry"

    sequence: Mapped[int] = mapped_column(RowNumber, primary_key=True, autoincrement=False)
    source_key: Mapped[str] = mapped_column(String(255), unique=True, index=True)
    kind: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    description: Mapped[str] = mapped_column(default="")
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class LedgerPosting(Base):
    """One line of an entry: a signed amount of minor units, debit positive, credit negative.

    Postings are written before their entry, whose trigger then finds them all; so the key that binds them is
    checked at the end of the transaction.
    """

    __tablename__ = "ledger_posting"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="moves_something"),
        CheckConstraint(_among("account", Account), name="known_account"),
        CheckConstraint(_among("meaning", Meaning), name="known_meaning"),
        CheckConstraint("(account = 'fund') = (fund_id IS NOT NULL)", name="fund_on_its_account"),
        CheckConstraint("(account = 'fund') = (meaning IS NOT NULL)", name="meaning_on_its_account"),
        CheckConstraint("donation_line_id IS NULL OR account = 'fund'", name="line_on_its_account"),
        # A fund's figure, and the entries behind it, newest first.
        Index("ix_ledger_posting_figure", "fund_id", "meaning", "sequence", "position"),
    )

    sequence: Mapped[int] = mapped_column(
        RowNumber, ForeignKey("ledger_entry.sequence", deferrable=True, initially="DEFERRED"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(20))
    fund_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("fund.id"))
    meaning: Mapped[str | None] = mapped_column(String(20))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    donation_line_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("donation_line.id"), index=True)


class LedgerHead(Base):
    """The last entry's number and hash: one row, whose lock lets one writer at a time add an entry."""

    __tablename__ = "ledger_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


class LedgerCheckpoint(Base):
    """The sums of all postings up to and with entry `sequence`: a figure adds only what came later.

    One row for each account, fund, meaning and currency that had moved by then.
    """

    __tablename__ = "ledger_checkpoint"

    id: Mapped[int] = mapped_column(RowNumber, primary_key=True)
    sequence: Mapped[int] = mapped_column(RowNumber, ForeignKey("ledger_entry.sequence"), index=True)
    recorded_at: Mapped[datetime]
    account: Mapped[str] = mapped_column(String(20))
    fund_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("fund.id"))
    meaning: Mapped[str | None] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    debit: Mapped[int] = mapped_column(BigInteger)
    credit: Mapped[int] = mapped_column(BigInteger)
