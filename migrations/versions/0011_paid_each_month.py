"""monthly gifts and membership"""

import sqlalchemy as sa
from alembic import op

import campaigns.db.base

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TIME = campaigns.db.base.UTCDateTime(timezone=True)


def upgrade() -> None:
    _make_subscriptions()
    _make_monthly_gifts()
    _make_membership()
    op.add_column("payment", sa.Column("invoice_id", sa.String(), nullable=True))
    op.create_index("uq_payment_invoice_id", "payment", ["invoice_id"], unique=True)
    _add_key("payment", "subscription_id", "payment_subscription")
    _add_key("donation", "monthly_gift_id", "monthly_gift")


def _add_key(table: str, column: str, to: str) -> None:
    """The key belongs to the column, so that SQLite adds it, and drops it with the column, in place."""
    kind = "UUID" if op.get_bind().dialect.name == "postgresql" else "CHAR(32)"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} CONSTRAINT fk_{table}_{column} REFERENCES {to} (id)")
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _make_subscriptions() -> None:
    op.create_table(
        "payment_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("period_end", _TIME, nullable=True),
        sa.Column("card_expires", sa.Date(), nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("seen_at", _TIME, nullable=True),
        sa.Column("started_at", _TIME, nullable=True),
        sa.Column("ends_at", _TIME, nullable=True),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_subscription_amount_minor")),
        sa.CheckConstraint(
            "state IN ('pre', 'open', 'expired', 'active', 'past_due', 'paused', 'ended')",
            name=op.f("ck_payment_subscription_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_subscription")),
        sa.UniqueConstraint("kind", "subject_id", name=op.f("uq_payment_subscription_kind_subject_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_subscription_public_id")),
        sa.UniqueConstraint("session_id", name=op.f("uq_payment_subscription_session_id")),
        sa.UniqueConstraint("remote_id", name=op.f("uq_payment_subscription_remote_id")),
    )
    op.create_index("ix_payment_subscription_state", "payment_subscription", ["state", "period_end"], unique=False)
    _make_changes()
    op.create_table(
        "payment_subscription_link",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["payment_subscription.id"],
            name=op.f("fk_payment_subscription_link_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_payment_subscription_link")),
    )
    name = op.f("ix_payment_subscription_link_subscription_id")
    op.create_index(name, "payment_subscription_link", ["subscription_id"], unique=False)


def _make_changes() -> None:
    op.create_table(
        "payment_subscription_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("done_at", _TIME, nullable=True),
        sa.CheckConstraint(
            "act IN ('begin', 'amount', 'pause', 'resume', 'cancel')", name=op.f("ck_payment_subscription_change_act")
        ),
        sa.CheckConstraint("state IN ('pre', 'done', 'overtaken')", name=op.f("ck_payment_subscription_change_state")),
        sa.CheckConstraint(
            "(amount_minor IS NULL) = (act NOT IN ('begin', 'amount'))",
            name=op.f("ck_payment_subscription_change_amount"),
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["payment_subscription.id"],
            name=op.f("fk_payment_subscription_change_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_subscription_change")),
    )
    name = op.f("ix_payment_subscription_change_subscription_id")
    op.create_index(name, "payment_subscription_change", ["subscription_id"], unique=False)


def _make_monthly_gifts() -> None:
    op.create_table(
        "monthly_gift",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("email", campaigns.db.base.Sealed(), nullable=False),
        sa.Column("email_hash", sa.LargeBinary(), nullable=True),
        sa.Column("name", campaigns.db.base.Sealed(), nullable=True),
        sa.Column("show_name", sa.Boolean(), nullable=False),
        sa.Column("message", campaigns.db.base.Sealed(), nullable=True),
        sa.Column("dedication", campaigns.db.base.Sealed(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_monthly_gift_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monthly_gift")),
    )
    op.create_index(op.f("ix_monthly_gift_campaign_id"), "monthly_gift", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_monthly_gift_email_hash"), "monthly_gift", ["email_hash"], unique=False)
    op.create_table(
        "monthly_gift_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("monthly_gift_id", sa.Uuid(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("purpose_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_monthly_gift_line_amount_minor")),
        sa.ForeignKeyConstraint(
            ["monthly_gift_id"], ["monthly_gift.id"], name=op.f("fk_monthly_gift_line_monthly_gift_id")
        ),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_monthly_gift_line_fund_id")),
        sa.ForeignKeyConstraint(["purpose_id"], ["fund_purpose.id"], name=op.f("fk_monthly_gift_line_purpose_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monthly_gift_line")),
    )
    op.create_index(op.f("ix_monthly_gift_line_monthly_gift_id"), "monthly_gift_line", ["monthly_gift_id"])
    op.create_index(op.f("ix_monthly_gift_line_fund_id"), "monthly_gift_line", ["fund_id"])


def _make_membership() -> None:
    op.create_table(
        "membership_tier",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_membership_tier_amount_minor")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_membership_tier_fund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_tier")),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tier_id", sa.Uuid(), nullable=False),
        sa.Column("purpose_id", sa.Uuid(), nullable=False),
        sa.Column("email", campaigns.db.base.Sealed(), nullable=False),
        sa.Column("email_hash", sa.LargeBinary(), nullable=True),
        sa.Column("name", campaigns.db.base.Sealed(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("erased_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["tier_id"], ["membership_tier.id"], name=op.f("fk_member_tier_id")),
        sa.ForeignKeyConstraint(["purpose_id"], ["fund_purpose.id"], name=op.f("fk_member_purpose_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
    )
    op.create_index(op.f("ix_member_tier_id"), "member", ["tier_id"], unique=False)
    op.create_index(op.f("ix_member_email_hash"), "member", ["email_hash"], unique=False)
    op.create_table(
        "dues",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("purpose_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_dues_amount_minor")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_dues_member_id")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_dues_fund_id")),
        sa.ForeignKeyConstraint(["purpose_id"], ["fund_purpose.id"], name=op.f("fk_dues_purpose_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dues")),
        sa.UniqueConstraint("public_id", name=op.f("uq_dues_public_id")),
    )
    op.create_index(op.f("ix_dues_member_id"), "dues", ["member_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_donation_monthly_gift_id"), "donation")
    op.drop_column("donation", "monthly_gift_id")
    op.drop_index(op.f("ix_payment_subscription_id"), "payment")
    op.drop_column("payment", "subscription_id")
    op.drop_index("uq_payment_invoice_id", "payment")
    op.drop_column("payment", "invoice_id")
    for table in (
        "dues", "member", "membership_tier", "monthly_gift_line", "monthly_gift", "payment_subscription_link",
        "payment_subscription_change", "payment_subscription",
    ):  # fmt: skip
        op.drop_table(table)
