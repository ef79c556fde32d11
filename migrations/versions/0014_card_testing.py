"""limits on opening payment pages, and brakes"""

import sqlalchemy as sa
from alembic import op

import campaigns.db.base

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

UTC = campaigns.db.base.UTCDateTime(timezone=True)
INDEXES = (
    ("ix_payment_try_subject", ["subject", "made_at"]),
    ("ix_payment_try_address", ["address_key", "made_at"]),
    ("ix_payment_try_network", ["network_key", "made_at"]),
    ("ix_payment_try_made_at", ["made_at"]),
)


def upgrade() -> None:
    op.create_table(
        "payment_try",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("address_key", sa.LargeBinary(), nullable=False),
        sa.Column("network_key", sa.LargeBinary(), nullable=True),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("made_at", UTC, nullable=False),
        sa.CheckConstraint("how IN ('free', 'proved', 'waited', 'known')", name=op.f("ck_payment_try_how")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_try")),
    )
    for name, columns in INDEXES:
        op.create_index(name, "payment_try", columns, unique=False)
    op.create_table(
        "payment_brake",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("since", UTC, nullable=False),
        sa.Column("until", UTC, nullable=False),
        sa.CheckConstraint("level IN (0, 1, 2)", name=op.f("ck_payment_brake_level")),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_payment_brake")),
    )


def downgrade() -> None:
    op.drop_table("payment_brake")
    op.drop_table("payment_try")
