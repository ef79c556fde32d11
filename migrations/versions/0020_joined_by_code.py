"""members keep the code they came by"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", sa.Column("source", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("member", "source")
