"""indexes for what the brake looks at every few seconds"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_payment_paid_at", "payment", ["paid_at"]),
    ("ix_payment_state", "payment", ["state", "created_at"]),
    ("ix_payment_event_type", "payment_event", ["type", "received_at"]),
)


def upgrade() -> None:
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _columns in INDEXES:
        op.drop_index(name, table)
