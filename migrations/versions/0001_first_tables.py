"""first tables"""

import flask_security.datastore
import sqlalchemy as sa
from alembic import op

import campaigns.db.base
from campaigns.ledger import triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_record")),
    )
    op.create_index(op.f("ix_audit_record_subject"), "audit_record", ["subject"], unique=False)
    op.create_table(
        "consent_wording",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_wording")),
        sa.UniqueConstraint("digest", name=op.f("uq_consent_wording_digest")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column(
            "sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("source_key", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("occurred_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_ledger_entry")),
    )
    op.create_index(op.f("ix_ledger_entry_source_key"), "ledger_entry", ["source_key"], unique=True)
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_ledger_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_head")),
    )
    op.create_table(
        "outbox_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("payload", campaigns.db.base.Sealed(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("due_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("leased_by", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("finished_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('due', 'done', 'failed')", name=op.f("ck_outbox_item_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_item")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_outbox_item_kind_subject")),
    )
    op.create_index("ix_outbox_item_due_at", "outbox_item", ["due_at"], unique=False)
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("intent_id", sa.String(), nullable=True),
        sa.Column("charge_id", sa.String(), nullable=True),
        sa.Column("created_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("paid_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('pre', 'open', 'processing', 'paid', 'failed', 'expired', 'parked')",
            name=op.f("ck_payment_state"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_amount_minor")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("charge_id", name=op.f("uq_payment_charge_id")),
        sa.UniqueConstraint("intent_id", name=op.f("uq_payment_intent_id")),
        sa.UniqueConstraint("session_id", name=op.f("uq_payment_session_id")),
    )
    op.create_index(op.f("ix_payment_subject_id"), "payment", ["subject_id"], unique=False)
    op.create_index("ix_payment_unsettled", "payment", ["is_settled", "created_at"], unique=False)
    op.create_table(
        "payment_event",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("api_version", sa.String(), nullable=True),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("body", campaigns.db.base.Sealed(), nullable=False),
        sa.Column("received_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("deliveries", sa.Integer(), nullable=False),
        sa.Column("is_ignored", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_event")),
    )
    op.create_index(op.f("ix_payment_event_subject_id"), "payment_event", ["subject_id"], unique=False)
    op.create_table(
        "schedule",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("due_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("leased_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_schedule")),
    )
    op.create_table(
        "staff_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.Column("permissions", flask_security.datastore.AsaList(), nullable=True),
        sa.Column(
            "update_datetime",
            campaigns.db.base.UTCDateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_role")),
        sa.UniqueConstraint("name", name=op.f("uq_staff_role_name")),
    )
    op.create_table(
        "staff_user",
        sa.Column("tf_last_counter", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("username", sa.String(length=255), nullable=True),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("last_login_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("current_login_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("last_login_ip", sa.String(length=64), nullable=True),
        sa.Column("current_login_ip", sa.String(length=64), nullable=True),
        sa.Column("login_count", sa.Integer(), nullable=True),
        sa.Column("tf_primary_method", sa.String(length=64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=255), nullable=True),
        sa.Column("tf_phone_number", sa.String(length=128), nullable=True),
        sa.Column("us_totp_secrets", sa.Text(), nullable=True),
        sa.Column("us_phone_number", sa.String(length=128), nullable=True),
        sa.Column("fs_webauthn_user_handle", sa.String(length=64), nullable=True),
        sa.Column("mf_recovery_codes", flask_security.datastore.AsaList(), nullable=True),
        sa.Column(
            "create_datetime",
            campaigns.db.base.UTCDateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.Column(
            "update_datetime",
            campaigns.db.base.UTCDateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_user")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_user_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_staff_user_fs_uniquifier")),
        sa.UniqueConstraint("fs_webauthn_user_handle", name=op.f("uq_staff_user_fs_webauthn_user_handle")),
        sa.UniqueConstraint("us_phone_number", name=op.f("uq_staff_user_us_phone_number")),
        sa.UniqueConstraint("username", name=op.f("uq_staff_user_username")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("headline", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("target_name", sa.String(), nullable=False),
        sa.Column("target_address", sa.String(), nullable=False),
        sa.Column("contact_email", sa.String(), nullable=False),
        sa.Column("deadline", campaigns.db.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("goal", sa.Integer(), nullable=False),
        sa.Column("next_list_on", sa.Date(), nullable=True),
        sa.Column("has_petition", sa.Boolean(), nullable=False),
        sa.Column("has_appeal", sa.Boolean(), nullable=False),
        sa.Column("suggested_minor", sa.Integer(), nullable=False),
        sa.Column("presets_minor", sa.JSON(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("published_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("consent_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('draft', 'published')", name=op.f("ck_campaign_state")),
        sa.ForeignKeyConstraint(["consent_id"], ["consent_wording.id"], name=op.f("fk_campaign_consent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("slug", name=op.f("uq_campaign_slug")),
    )
    op.create_table(
        "roles_users",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["staff_role.id"], name=op.f("fk_roles_users_role_id")),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_roles_users_user_id")),
        sa.PrimaryKeyConstraint("user_id", "role_id", name=op.f("pk_roles_users")),
    )
    op.create_table(
        "staff_passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1024), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=True),
        sa.Column("transports", flask_security.datastore.AsaList(), nullable=True),
        sa.Column("backup_state", sa.Boolean(), nullable=False),
        sa.Column("device_type", sa.String(length=64), nullable=False),
        sa.Column("extensions", sa.String(length=255), nullable=True),
        sa.Column(
            "create_datetime",
            campaigns.db.base.UTCDateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.Column("lastuse_datetime", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("usage", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff_user.id"], name=op.f("fk_staff_passkey_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_passkey")),
    )
    op.create_index(op.f("ix_staff_passkey_credential_id"), "staff_passkey", ["credential_id"], unique=True)
    op.create_table(
        "count_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("public", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_count_change_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_change")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("answer_expected", sa.Date(), nullable=True),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("frozen_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("letter", sa.JSON(), nullable=False),
        sa.Column("named", sa.Integer(), nullable=False),
        sa.Column("withheld", sa.Integer(), nullable=False),
        sa.Column("on_paper", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("ready_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("file_key", sa.String(), nullable=True),
        sa.Column("file_sha256", sa.String(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("unprintable", campaigns.db.base.Sealed(), nullable=True),
        sa.CheckConstraint("state IN ('requested', 'frozen', 'ready')", name=op.f("ck_delivery_state")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_delivery_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_delivery_campaign_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_delivery_public_id")),
    )
    op.create_table(
        "donation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("email", campaigns.db.base.Sealed(), nullable=False),
        sa.Column("name", campaigns.db.base.Sealed(), nullable=True),
        sa.Column("message", campaigns.db.base.Sealed(), nullable=True),
        sa.Column("show_name", sa.Boolean(), nullable=False),
        sa.Column("created_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_donation_amount_minor")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_donation_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_donation_public_id")),
    )
    op.create_index(op.f("ix_donation_campaign_id"), "donation", ["campaign_id"], unique=False)
    op.create_table(
        "fund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("fees_borne_by", sa.String(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("fees_borne_by IN ('general', 'fund')", name=op.f("ck_fund_fees_borne_by")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_fund_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund")),
    )
    op.create_index(op.f("ix_fund_campaign_id"), "fund", ["campaign_id"], unique=False)
    op.create_index(
        "uq_fund_general",
        "fund",
        ["currency"],
        unique=True,
        sqlite_where=sa.text("campaign_id IS NULL"),
        postgresql_where=sa.text("campaign_id IS NULL"),
    )
    op.create_table(
        "petition_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("headline", sa.String(), nullable=False),
        sa.Column("demands", sa.JSON(), nullable=False),
        sa.Column("created_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("frozen_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_petition_version_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_version")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_petition_version_campaign_id_number")),
    )
    op.create_table(
        "signature_count",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("public", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_signature_count_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_signature_count")),
    )
    op.create_table(
        "fund_purpose",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("beyond", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("created_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_fund_purpose_fund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_purpose")),
        sa.UniqueConstraint("fund_id", "number", name=op.f("uq_fund_purpose_fund_id_number")),
    )
    op.create_table(
        "ledger_checkpoint",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recorded_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=True),
        sa.Column("meaning", sa.String(length=20), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("debit", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_ledger_checkpoint_fund_id")),
        sa.ForeignKeyConstraint(["sequence"], ["ledger_entry.sequence"], name=op.f("fk_ledger_checkpoint_sequence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_checkpoint")),
    )
    op.create_index(op.f("ix_ledger_checkpoint_sequence"), "ledger_checkpoint", ["sequence"], unique=False)
    op.create_table(
        "signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("email_hash", sa.LargeBinary(), nullable=False),
        sa.Column("email", campaigns.db.base.Sealed(), nullable=False),
        sa.Column("name", campaigns.db.base.Sealed(), nullable=False),
        sa.Column("town", campaigns.db.base.Sealed(), nullable=False),
        sa.Column("postcode", campaigns.db.base.Sealed(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("comment", campaigns.db.base.Sealed(), nullable=True),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("wants_updates", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("review", sa.String(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=True),
        sa.Column("token_expires_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", campaigns.db.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("review IN ('clear', 'held', 'rejected')", name=op.f("ck_signature_review")),
        sa.CheckConstraint("state IN ('pending', 'confirmed', 'withdrawn')", name=op.f("ck_signature_state")),
        sa.CheckConstraint("visibility IN ('public', 'delivered', 'counted')", name=op.f("ck_signature_visibility")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_signature_campaign_id")),
        sa.ForeignKeyConstraint(["consent_id"], ["consent_wording.id"], name=op.f("fk_signature_consent_id")),
        sa.ForeignKeyConstraint(["version_id"], ["petition_version.id"], name=op.f("fk_signature_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sa.UniqueConstraint("campaign_id", "email_hash", name=op.f("uq_signature_campaign_id_email_hash")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_signature_token_digest")),
    )
    op.create_index("ix_signature_list", "signature", ["campaign_id", "state", "confirmed_at"], unique=False)
    op.create_table(
        "delivery_row",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("signature_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("name", campaigns.db.base.Sealed(), nullable=True),
        sa.Column("place", campaigns.db.base.Sealed(), nullable=True),
        sa.Column("salt", campaigns.db.base.Sealed(), nullable=True),
        sa.Column("withheld_hash", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_delivery_row_delivery_id")),
        sa.ForeignKeyConstraint(["signature_id"], ["signature.id"], name=op.f("fk_delivery_row_signature_id")),
        sa.PrimaryKeyConstraint("delivery_id", "position", name=op.f("pk_delivery_row")),
    )
    op.create_index(op.f("ix_delivery_row_signature_id"), "delivery_row", ["signature_id"], unique=False)
    op.create_table(
        "donation_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("donation_id", sa.Uuid(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("purpose_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_donation_line_amount_minor")),
        sa.ForeignKeyConstraint(["donation_id"], ["donation.id"], name=op.f("fk_donation_line_donation_id")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_donation_line_fund_id")),
        sa.ForeignKeyConstraint(["purpose_id"], ["fund_purpose.id"], name=op.f("fk_donation_line_purpose_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donation_line")),
    )
    op.create_index(op.f("ix_donation_line_donation_id"), "donation_line", ["donation_id"], unique=False)
    op.create_index(op.f("ix_donation_line_fund_id"), "donation_line", ["fund_id"], unique=False)
    op.create_table(
        "ledger_posting",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=20), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=True),
        sa.Column("meaning", sa.String(length=20), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("donation_line_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(account = 'fund') = (fund_id IS NOT NULL)", name=op.f("ck_ledger_posting_fund_on_its_account")
        ),
        sa.CheckConstraint(
            "(account = 'fund') = (meaning IS NOT NULL)", name=op.f("ck_ledger_posting_meaning_on_its_account")
        ),
        sa.CheckConstraint(
            "account IN ('fund', 'stripe:uncollected', 'stripe:balance', 'bank:in_transit', 'bank', 'suspense')",
            name=op.f("ck_ledger_posting_known_account"),
        ),
        sa.CheckConstraint(
            "donation_line_id IS NULL OR account = 'fund'", name=op.f("ck_ledger_posting_line_on_its_account")
        ),
        sa.CheckConstraint(
            "meaning IN ('given', 'fee', 'refunded', 'disputed', 'paid_out', 'transferred')",
            name=op.f("ck_ledger_posting_known_meaning"),
        ),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_ledger_posting_moves_something")),
        sa.ForeignKeyConstraint(
            ["donation_line_id"], ["donation_line.id"], name=op.f("fk_ledger_posting_donation_line_id")
        ),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_ledger_posting_fund_id")),
        sa.ForeignKeyConstraint(
            ["sequence"],
            ["ledger_entry.sequence"],
            name=op.f("fk_ledger_posting_sequence"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("sequence", "position", name=op.f("pk_ledger_posting")),
    )
    op.create_index(op.f("ix_ledger_posting_donation_line_id"), "ledger_posting", ["donation_line_id"], unique=False)
    op.create_index(
        "ix_ledger_posting_figure", "ledger_posting", ["fund_id", "meaning", "sequence", "position"], unique=False
    )
    for statement in triggers.create(op.get_context().dialect.name):
        op.execute(sa.DDL(statement.replace("%", "%%")))


def downgrade() -> None:
    for statement in triggers.drop(op.get_context().dialect.name):
        op.execute(sa.DDL(statement.replace("%", "%%")))
    op.drop_index("ix_ledger_posting_figure", table_name="ledger_posting")
    op.drop_index(op.f("ix_ledger_posting_donation_line_id"), table_name="ledger_posting")
    op.drop_table("ledger_posting")
    op.drop_index(op.f("ix_donation_line_fund_id"), table_name="donation_line")
    op.drop_index(op.f("ix_donation_line_donation_id"), table_name="donation_line")
    op.drop_table("donation_line")
    op.drop_index(op.f("ix_delivery_row_signature_id"), table_name="delivery_row")
    op.drop_table("delivery_row")
    op.drop_index("ix_signature_list", table_name="signature")
    op.drop_table("signature")
    op.drop_index(op.f("ix_ledger_checkpoint_sequence"), table_name="ledger_checkpoint")
    op.drop_table("ledger_checkpoint")
    op.drop_table("fund_purpose")
    op.drop_table("signature_count")
    op.drop_table("petition_version")
    op.drop_index(
        "uq_fund_general",
        table_name="fund",
        sqlite_where=sa.text("campaign_id IS NULL"),
        postgresql_where=sa.text("campaign_id IS NULL"),
    )
    op.drop_index(op.f("ix_fund_campaign_id"), table_name="fund")
    op.drop_table("fund")
    op.drop_index(op.f("ix_donation_campaign_id"), table_name="donation")
    op.drop_table("donation")
    op.drop_table("delivery")
    op.drop_table("count_change")
    op.drop_index(op.f("ix_staff_passkey_credential_id"), table_name="staff_passkey")
    op.drop_table("staff_passkey")
    op.drop_table("roles_users")
    op.drop_table("campaign")
    op.drop_table("staff_user")
    op.drop_table("staff_role")
    op.drop_table("schedule")
    op.drop_index(op.f("ix_payment_event_subject_id"), table_name="payment_event")
    op.drop_table("payment_event")
    op.drop_index("ix_payment_unsettled", table_name="payment")
    op.drop_index(op.f("ix_payment_subject_id"), table_name="payment")
    op.drop_table("payment")
    op.drop_index("ix_outbox_item_due_at", table_name="outbox_item")
    op.drop_table("outbox_item")
    op.drop_table("ledger_head")
    op.drop_index(op.f("ix_ledger_entry_source_key"), table_name="ledger_entry")
    op.drop_table("ledger_entry")
    op.drop_table("consent_wording")
    op.drop_index(op.f("ix_audit_record_subject"), table_name="audit_record")
    op.drop_table("audit_record")
