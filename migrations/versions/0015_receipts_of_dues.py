"""receipts of dues have numbers"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What waits here was written before receipts of dues had numbers; the worker numbers those months and mails them.
    op.execute("DELETE FROM outbox_item WHERE kind = 'membership.receipt_mail' AND state = 'due'")


def downgrade() -> None:
    """Nothing to take back: what was mailed stays mailed, and mails that wait name receipts of 0013."""
