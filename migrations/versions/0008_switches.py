"""switches for bad days"""

import sqlalchemy as sa
from alembic import op

import campaigns.db.base

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "switch",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("turned_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("turned_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_switch")),
    )


def downgrade() -> None:
    op.drop_table("switch")
