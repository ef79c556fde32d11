"""partners with words of their own, and news without signing"""

import sqlalchemy as sa
from alembic import op

import campaigns.db.base

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TIME = campaigns.db.base.UTCDateTime(timezone=True)


def upgrade() -> None:
    _make_partners()
    # The key belongs to the column, so that SQLite adds it, and drops it with the column, in place.
    kind = "UUID" if op.get_bind().dialect.name == "postgresql" else "CHAR(32)"
    op.execute(
        f"ALTER TABLE signature ADD COLUMN opt_in_id {kind} "
        "CONSTRAINT fk_signature_opt_in_id REFERENCES partner_wording (id)"
    )
    op.add_column("signature", sa.Column("opt_in_ended_at", _TIME, nullable=True))
    op.create_table(
        "subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("email_hash", sa.LargeBinary(), nullable=False),
        sa.Column("email", campaigns.db.base.Sealed(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=True),
        sa.Column("token_expires_at", _TIME, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("confirmed_at", _TIME, nullable=True),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("mails_since", _TIME, nullable=True),
        sa.Column("network_key", sa.LargeBinary(), nullable=True),
        sa.Column("domain_key", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'confirmed')", name=op.f("ck_subscription_state")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_subscription_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("campaign_id", "email_hash", name=op.f("uq_subscription_campaign_id_email_hash")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_subscription_token_digest")),
    )
    op.create_index(op.f("ix_subscription_email_hash"), "subscription", ["email_hash"], unique=False)
    where = sa.text("network_key IS NOT NULL")
    op.create_index(
        "ix_subscription_network",
        "subscription",
        ["network_key", "domain_key", "created_at"],
        unique=False,
        sqlite_where=where,
        postgresql_where=where,
    )


def _make_partners() -> None:
    op.create_table(
        "partner",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("link_digest", sa.LargeBinary(), nullable=True),
        sa.Column("link_expires_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_partner_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("campaign_id", "code", name=op.f("uq_partner_campaign_id_code")),
        sa.UniqueConstraint("link_digest", name=op.f("uq_partner_link_digest")),
    )
    op.create_table(
        "partner_wording",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("disclosure", sa.String(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_wording_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_wording")),
        sa.UniqueConstraint("partner_id", "number", name=op.f("uq_partner_wording_partner_id_number")),
    )


def downgrade() -> None:
    op.drop_index("ix_subscription_network", table_name="subscription")
    op.drop_index(op.f("ix_subscription_email_hash"), table_name="subscription")
    op.drop_table("subscription")
    op.drop_column("signature", "opt_in_ended_at")
    op.drop_column("signature", "opt_in_id")
    op.drop_table("partner_wording")
    op.drop_table("partner")
