"""signatures on paper: printed sheets, photos, imports, and their part of the count"""

import sqlalchemy as sa
from alembic import op

import campaigns.db.base

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UTC = campaigns.db.base.UTCDateTime(timezone=True)
NOUGHT = sa.text("0")


def upgrade() -> None:
    _add_columns()
    _add_sheets()
    _add_imports()


def _add_columns() -> None:
    op.add_column("signature", sa.Column("paper_id", sa.Uuid(), nullable=True))
    op.add_column("signature", sa.Column("paper_row", sa.Integer(), nullable=True))
    op.add_column("signature", sa.Column("is_claimed", sa.Boolean(), server_default=sa.false(), nullable=False))
    where = sa.text("paper_id IS NOT NULL")
    op.create_index(
        "ix_signature_paper",
        "signature",
        ["paper_id", "paper_row"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )
    for table, name in COUNTS:
        op.add_column(table, sa.Column(name, sa.Integer(), server_default=NOUGHT, nullable=False))


COUNTS = (("signature_count", "paper"), ("count_change", "paper"), ("delivery", "named_on_paper"))


def _add_sheets() -> None:
    op.create_table(
        "paper_print",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("campaign_id", "version_id", "consent_id")),
        sa.Column("paper", sa.String(), nullable=False),
        sa.Column("first_number", sa.Integer(), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", UTC, nullable=False),
        sa.Column("ready_at", UTC, nullable=True),
        sa.Column("file_key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_paper_print_campaign_id")),
        sa.ForeignKeyConstraint(["version_id"], ["petition_version.id"], name=op.f("fk_paper_print_version_id")),
        sa.ForeignKeyConstraint(["consent_id"], ["consent_wording.id"], name=op.f("fk_paper_print_consent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_print")),
        sa.UniqueConstraint("campaign_id", "first_number", name=op.f("uq_paper_print_campaign_id_first_number")),
    )
    op.create_table(
        "paper_sheet",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("print_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=True),
        sa.Column("entered_at", UTC, nullable=True),
        sa.Column("entered", sa.Integer(), nullable=False),
        sa.Column("duplicates", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["print_id"], ["paper_print.id"], name=op.f("fk_paper_sheet_print_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_paper_sheet_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_sheet")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_paper_sheet_campaign_id_number")),
    )
    op.create_table(
        "paper_photo",
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("picture", campaigns.db.base.SealedBytes(), nullable=False),
        sa.Column("uploaded_at", UTC, nullable=False),
        sa.ForeignKeyConstraint(["sheet_id"], ["paper_sheet.id"], name=op.f("fk_paper_photo_sheet_id")),
        sa.PrimaryKeyConstraint("sheet_id", name=op.f("pk_paper_photo")),
    )


def _add_imports() -> None:
    op.create_table(
        "paper_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("campaign_id", "version_id", "consent_id")),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("content", campaigns.db.base.Sealed(), nullable=True),
        sa.Column("columns", sa.JSON(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("rows", "done", "entered", "duplicates", "refused", "taken_back", "kept")
        ),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", UTC, nullable=False),
        sa.Column("ended_at", UTC, nullable=True),
        sa.CheckConstraint(
            "state IN ('mapping', 'ready', 'running', 'done', 'cancelled', 'undoing', 'undone')",
            name=op.f("ck_paper_import_state"),
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_paper_import_campaign_id")),
        sa.ForeignKeyConstraint(["version_id"], ["petition_version.id"], name=op.f("fk_paper_import_version_id")),
        sa.ForeignKeyConstraint(["consent_id"], ["consent_wording.id"], name=op.f("fk_paper_import_consent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_import")),
    )
    op.create_index("ix_paper_import_campaign", "paper_import", ["campaign_id", "asked_at"], unique=False)


def downgrade() -> None:
    for table in ("paper_import", "paper_photo", "paper_sheet", "paper_print"):
        op.drop_table(table)
    for table, name in COUNTS:
        op.drop_column(table, name)
    op.drop_index("ix_signature_paper", table_name="signature")
    for name in ("is_claimed", "paper_row", "paper_id"):
        op.drop_column("signature", name)
