"""receipts with numbers"""

import sqlalchemy as sa
from alembic import op

import campaigns.db.base
from campaigns.receipts import triggers

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UTC = campaigns.db.base.UTCDateTime(timezone=True)
VALID = sa.text("voided_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "receipt_series",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("next_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_receipt_series")),
    )
    _add_receipts()
    op.create_table(
        "receipt_print",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", UTC, nullable=False),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("fk_receipt_print_receipt_id")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_receipt_print")),
    )
    op.create_index(op.f("ix_receipt_print_receipt_id"), "receipt_print", ["receipt_id"], unique=False)
    for statement in triggers.create(op.get_bind().dialect.name):
        op.execute(sa.text(statement))
    # What waits here was written before receipts had numbers; the worker numbers those gifts and mails them.
    op.execute("DELETE FROM outbox_item WHERE kind = 'donations.receipt_mail' AND state = 'due'")


def _add_receipts() -> None:
    op.create_table(
        "receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("content", campaigns.db.base.Sealed(), nullable=True),
        sa.Column("issued_at", UTC, nullable=False),
        sa.Column("voided_at", UTC, nullable=True),
        sa.Column("void_reason", sa.String(), nullable=True),
        sa.Column("replaced_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_receipt_number")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_receipt_amount_minor")),
        sa.CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name=op.f("ck_receipt_void_has_a_reason")),
        sa.CheckConstraint("void_reason IN ('refunded', 'disputed', 'restored')", name=op.f("ck_receipt_void_reason")),
        sa.CheckConstraint("replaced_by IS NULL OR voided_at IS NOT NULL", name=op.f("ck_receipt_replaced_is_void")),
        sa.ForeignKeyConstraint(["series"], ["receipt_series.name"], name=op.f("fk_receipt_series")),
        sa.ForeignKeyConstraint(
            ["replaced_by"], ["receipt.id"], name=op.f("fk_receipt_replaced_by"), deferrable=True, initially="DEFERRED"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("series", "number", name=op.f("uq_receipt_series_number")),
    )
    op.create_index("ix_receipt_subject", "receipt", ["subject_kind", "subject_id"], unique=False)
    op.create_index(
        "uq_receipt_valid", "receipt", ["subject_kind", "subject_id"], unique=True,
        sqlite_where=VALID, postgresql_where=VALID,
    )  # fmt: skip


def downgrade() -> None:
    for statement in triggers.drop(op.get_bind().dialect.name):
        op.execute(sa.text(statement))
    for table in ("receipt_print", "receipt", "receipt_series"):
        op.drop_table(table)
