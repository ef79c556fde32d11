"""a supporter's own page"""

import sqlalchemy as sa
from alembic import op

import campaigns.db.base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TIME = campaigns.db.base.UTCDateTime(timezone=True)


def upgrade() -> None:
    op.add_column("signature", sa.Column("mails", sa.Integer(), server_default=sa.text("0"), nullable=False))
    for name in ("mails_since", "reminded_at", "withdrawn_at"):
        op.add_column("signature", sa.Column(name, _TIME, nullable=True))
    op.add_column("donation", sa.Column("email_hash", sa.LargeBinary(), nullable=True))
    op.create_index(op.f("ix_donation_email_hash"), "donation", ["email_hash"], unique=False)
    op.add_column("delivery", sa.Column("erased", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("delivery", sa.Column("file_removed_at", _TIME, nullable=True))
    op.add_column("delivery_row", sa.Column("named_hash", sa.String(), nullable=True))
    _may_be_null(True)
    op.create_table(
        "mailbox_link",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("email_hash", sa.LargeBinary(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_mailbox_link")),
    )
    op.create_index(op.f("ix_mailbox_link_email_hash"), "mailbox_link", ["email_hash"], unique=False)
    op.create_table(
        "delivery_announcement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("announced_at", _TIME, nullable=False),
        sa.Column("freeze_from", _TIME, nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("told_up_to", sa.Uuid(), nullable=True),
        sa.Column("done_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_delivery_announcement_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_announcement")),
    )
    op.create_index(op.f("ix_delivery_announcement_campaign_id"), "delivery_announcement", ["campaign_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_delivery_announcement_campaign_id"), table_name="delivery_announcement")
    op.drop_table("delivery_announcement")
    op.drop_index(op.f("ix_mailbox_link_email_hash"), table_name="mailbox_link")
    op.drop_table("mailbox_link")
    op.execute("DELETE FROM delivery_row WHERE signature_id IS NULL")  # the older tables cannot hold an erased row
    _may_be_null(False)
    op.drop_column("delivery_row", "named_hash")
    op.drop_column("delivery", "file_removed_at")
    op.drop_column("delivery", "erased")
    op.drop_index(op.f("ix_donation_email_hash"), table_name="donation")
    op.drop_column("donation", "email_hash")
    for name in ("withdrawn_at", "reminded_at", "mails_since", "mails"):
        op.drop_column("signature", name)


def _may_be_null(nullable: bool) -> None:
    """SQLite copies the rows into a new table. No table points to this one and it has no trigger: nothing is lost."""
    with op.batch_alter_table("delivery_row") as table:
        table.alter_column("signature_id", existing_type=sa.Uuid(), nullable=nullable)
