"""Series, receipts, and the digests of the files made of them (see triggers.py for what the database refuses)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base, Sealed

_VALID = text("voided_at IS NULL")


class ReceiptSeries(Base):
    """A run of numbers 1, 2, 3 … The row's lock lets one writer at a time take the next."""

    __tablename__ = "receipt_series"

    name: Mapped[str] = mapped_column(primary_key=True)
    next_number: Mapped[int] = mapped_column(BigInteger)


class Receipt(Base):
    """A receipt as it was issued. It may be voided once, and emptied of its content once; nothing else ever changes."""

    __tablename__ = "receipt"
    __table_args__ = (
        UniqueConstraint("series", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("amount_minor > 0", name="amount_minor"),
        CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name="void_has_a_reason"),
        CheckConstraint("void_reason IN ('refunded', 'disputed', 'restored')", name="void_reason"),
        CheckConstraint("replaced_by IS NULL OR voided_at IS NOT NULL", name="replaced_is_void"),
        Index("ix_receipt_subject", "subject_kind", "subject_id"),
        # Of one subject one receipt is valid at most.
        Index(
            "uq_receipt_valid", "subject_kind", "subject_id", unique=True, sqlite_where=_VALID, postgresql_where=_VALID
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    series: Mapped[str] = mapped_column(ForeignKey("receipt_series.name"))
    number: Mapped[int] = mapped_column(BigInteger)
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    content: Mapped[str | None] = mapped_column(Sealed)  # None where the law no longer keeps it
    issued_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str | None]
    # Written before the receipt it names, so that one is valid at a time; so it is checked at the end.
    replaced_by: Mapped[UUID | None] = mapped_column(ForeignKey("receipt.id", deferrable=True, initially="DEFERRED"))


class ReceiptPrint(Base):
    """The digest (SHA-256, hex) of a file that was made of a receipt and mailed: by it the file is known again."""

    __tablename__ = "receipt_print"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    receipt_id: Mapped[UUID] = mapped_column(ForeignKey("receipt.id"), index=True)
    made_at: Mapped[datetime]
