"""mirrors of refunds, disputes and payouts, notices for treasurers, and how far the provider's books were read"""

import sqlalchemy as sa
from alembic import op

from campaigns.db.base import UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _mirror("payment_refund", "movement_id", "failure_id")
    _mirror("payment_dispute", "withdrawn_id", "reinstated_id")
    op.create_table(
        "payout",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("movement_id", sa.String(), nullable=True),
        sa.Column("failure_id", sa.String(), nullable=True),
        sa.Column("opened_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
    )
    op.create_table(
        "payment_notice",
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("noted_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_notice_payment_id")),
        sa.PrimaryKeyConstraint("word", "about", name=op.f("pk_payment_notice")),
    )
    op.create_index(op.f("ix_payment_notice_payment_id"), "payment_notice", ["payment_id"])
    op.create_index("ix_payment_notice_noted_at", "payment_notice", ["noted_at"])
    op.create_table(
        "payment_fact",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("noted_at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_payment_fact")),
    )


def _mirror(table: str, *movements: str) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=True) for name in movements),
        sa.Column("opened_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f(f"fk_{table}_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_payment_id"), table, ["payment_id"])


def downgrade() -> None:
    for table in ("payment_fact", "payment_notice", "payout", "payment_dispute", "payment_refund"):
        op.drop_table(table)
