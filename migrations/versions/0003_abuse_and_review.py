"""abuse and review"""

import sqlalchemy as sa
from alembic import op

import campaigns.db.base

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UTC = campaigns.db.base.UTCDateTime(timezone=True)


def upgrade() -> None:
    _add_columns()
    _add_abuse()
    _add_review()


def _add_columns() -> None:
    op.add_column("signature", sa.Column("held_because", sa.String(), server_default=sa.text("('')"), nullable=False))
    for name in ("network_key", "domain_key", "proof"):
        op.add_column("signature", sa.Column(name, sa.LargeBinary(), nullable=True))
    op.add_column("signature", sa.Column("judged_at", UTC, nullable=True))
    op.execute("UPDATE signature SET judged_at = created_at")  # what came before nobody looked at, is not looked at
    for name, columns, condition in INDEXES:
        where = sa.text(condition)
        op.create_index(name, "signature", columns, unique=False, sqlite_where=where, postgresql_where=where)
    op.add_column("signature_count", sa.Column("repairs", sa.Integer(), server_default="0", nullable=False))
    op.add_column("signature_count", sa.Column("checked_at", UTC, nullable=True))


INDEXES = (
    ("ix_signature_network", ["network_key", "domain_key", "created_at"], "network_key IS NOT NULL"),
    ("ix_signature_unjudged", ["id"], "judged_at IS NULL"),
    ("ix_signature_review", ["campaign_id", "review", "id"], "review <> 'clear'"),
)


def _add_abuse() -> None:
    op.create_table(
        "shared_network",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_network")),
        sa.UniqueConstraint("key", name=op.f("uq_shared_network_key")),
    )
    op.create_table(
        "pressure",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("since", UTC, nullable=False),
        sa.Column("until", UTC, nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_pressure")),
    )
    op.create_table(
        "spent_proof",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("spent_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_spent_proof")),
    )


def _add_review() -> None:
    op.create_table(
        "review_action",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("rule", campaigns.db.base.Sealed(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("cursor", sa.Uuid(), nullable=True),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("to_look", "looked", "matched", "done", "changed", "restored")
        ),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", UTC, nullable=False),
        sa.Column("started_at", UTC, nullable=True),
        sa.Column("ended_at", UTC, nullable=True),
        sa.CheckConstraint("decision IN ('release', 'hold', 'reject')", name=op.f("ck_review_action_decision")),
        sa.CheckConstraint(
            "state IN ('counting', 'ready', 'running', 'done', 'cancelled', 'undoing', 'undone')",
            name=op.f("ck_review_action_state"),
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_review_action_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_action")),
    )
    op.create_index("ix_review_action_campaign", "review_action", ["campaign_id", "asked_at"], unique=False)
    op.create_table(
        "review_change",
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("signature_id", sa.Uuid(), nullable=False),
        sa.Column("previous", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["review_action.id"], name=op.f("fk_review_change_action_id")),
        sa.PrimaryKeyConstraint("action_id", "signature_id", name=op.f("pk_review_change")),
    )
    op.create_table(
        "review_alarm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("label", campaigns.db.base.Sealed(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("raised_at", UTC, nullable=False),
        sa.CheckConstraint("kind IN ('domain', 'place')", name=op.f("ck_review_alarm_kind")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_review_alarm_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_alarm")),
        sa.UniqueConstraint("campaign_id", "kind", "key", "day", name=op.f("uq_review_alarm_campaign_id_kind_key_day")),
    )


def downgrade() -> None:
    for table in ("review_alarm", "review_change", "review_action", "spent_proof", "pressure", "shared_network"):
        op.drop_table(table)
    for name, _, _ in INDEXES:
        op.drop_index(name, table_name="signature")
    for name in ("held_because", "network_key", "domain_key", "proof", "judged_at"):
        op.drop_column("signature", name)
    for name in ("repairs", "checked_at"):
        op.drop_column("signature_count", name)
