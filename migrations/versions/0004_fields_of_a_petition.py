"""what a campaign asks its signatories, whose mail it warns of, and what becomes of a comment"""

import sqlalchemy as sa
from alembic import op

import campaigns.db.base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

PARTIAL = {
    "ix_signature_comment": (["campaign_id", "comment_state", "confirmed_at"], "comment_state IS NOT NULL"),
    "ix_signature_source": (["campaign_id", "source", "state"], "source IS NOT NULL"),
}


def upgrade() -> None:
    for name in ("target_domains", "target_networks", "questions"):
        op.add_column("campaign", sa.Column(name, sa.JSON(), nullable=True))
    op.add_column("signature", sa.Column("answers", campaigns.db.base.Sealed(), nullable=True))
    op.add_column("signature", sa.Column("source", sa.String(), nullable=True))
    # The check belongs to the column, so that SQLite adds it, and drops it with the column, in place.
    op.execute(
        "ALTER TABLE signature ADD COLUMN comment_state VARCHAR CONSTRAINT ck_signature_comment_state "
        "CHECK (comment_state IN ('waiting', 'shown', 'hidden'))"
    )
    op.execute("UPDATE signature SET comment_state = 'waiting' WHERE comment IS NOT NULL")
    for name, (columns, where) in PARTIAL.items():
        op.create_index(
            name, "signature", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where), unique=False
        )
    op.add_column("delivery_row", sa.Column("details", campaigns.db.base.Sealed(), nullable=True))


def downgrade() -> None:
    op.drop_column("delivery_row", "details")
    for name in PARTIAL:
        op.drop_index(name, table_name="signature")
    for name in ("comment_state", "source", "answers"):
        op.drop_column("signature", name)
    for name in ("questions", "target_networks", "target_domains"):
        op.drop_column("campaign", name)
