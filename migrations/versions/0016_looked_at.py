"""what a treasurer has looked at"""

import sqlalchemy as sa
from alembic import op

import campaigns.db.base

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

UTC = campaigns.db.base.UTCDateTime(timezone=True)


def upgrade() -> None:
    op.add_column("payment_notice", sa.Column("looked_at", UTC, nullable=True))


def downgrade() -> None:
    op.drop_column("payment_notice", "looked_at")
