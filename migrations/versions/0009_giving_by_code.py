"""by which code a giver came, and where people can join"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign", sa.Column("join_url", sa.String(), nullable=True))
    op.add_column("donation", sa.Column("source", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("donation", "source")
    op.drop_column("campaign", "join_url")
