"""how a campaign ends: its timeline, the target's answer, corrections told, names deleted"""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

import campaigns.db.base
from campaigns.kernel.ids import row_id

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TIME = campaigns.db.base.UTCDateTime(timezone=True)
CAMPAIGN = (
    ("won_on", sa.Date()),
    ("won_words", sa.String()),
    ("anonymising_since", _TIME),
    ("anonymised_up_to", sa.Uuid()),
    ("anonymised_at", _TIME),
)


def upgrade() -> None:
    for name, kind in CAMPAIGN:
        op.add_column("campaign", sa.Column(name, kind, nullable=True))
    days = sa.Column("anonymise_after_days", sa.Integer(), server_default=sa.text("180"), nullable=False)
    op.add_column("campaign", days)
    op.add_column("delivery_row", sa.Column("version", sa.Integer(), nullable=True))
    _add_timeline()
    _add_answers()
    _add_notices()
    _tell_what_happened()


def _add_timeline() -> None:
    op.create_table(
        "timeline_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("hidden_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_timeline_entry_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_entry")),
        sa.UniqueConstraint("campaign_id", "kind", "subject", name=op.f("uq_timeline_entry_campaign_id_kind_subject")),
    )


def _add_answers() -> None:
    op.create_table(
        "target_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_target_answer_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_answer")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_target_answer_campaign_id_number")),
    )


def _add_notices() -> None:
    op.create_table(
        "correction_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("told_up_to", sa.Uuid(), nullable=True),
        sa.Column("done_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_correction_notice_campaign_id")),
        sa.ForeignKeyConstraint(["version_id"], ["petition_version.id"], name=op.f("fk_correction_notice_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_notice")),
        sa.UniqueConstraint("version_id", name=op.f("uq_correction_notice_version_id")),
    )
    op.create_index(op.f("ix_correction_notice_campaign_id"), "correction_notice", ["campaign_id"])


def _tell_what_happened() -> None:
    """Write down what is known of campaigns that are older than their timeline."""
    connection = op.get_bind()
    zones = {row.id: row.zone for row in connection.execute(sa.select(_campaign.c.id, _campaign.c.zone))}
    entries = [*_published(connection), *_corrected(connection), *_delivered(connection)]
    for at, campaign_id, kind, subject, facts in entries:
        day = at.astimezone(ZoneInfo(zones[campaign_id])).date()
        values = {"id": row_id(at), "campaign_id": campaign_id, "kind": kind, "subject": subject, "day": day}
        connection.execute(_entry.insert().values(values | {"words": "", "facts": facts, "created_at": at}))


def _published(connection: sa.Connection) -> Iterator[tuple[Any, ...]]:
    rows = connection.execute(sa.select(_campaign).where(_campaign.c.published_at.is_not(None))).all()
    return ((row.published_at, row.id, "published", "", {}) for row in rows)


def _corrected(connection: sa.Connection) -> Iterator[tuple[Any, ...]]:
    rows = connection.execute(sa.select(_version).where(_version.c.number > 1)).all()
    return ((row.created_at, row.campaign_id, "corrected", str(row.number), {"version": row.number}) for row in rows)


def _delivered(connection: sa.Connection) -> Iterator[tuple[Any, ...]]:
    rows = connection.execute(sa.select(_delivery).where(_delivery.c.ready_at.is_not(None))).all()
    for row in rows:
        facts = {"list": row.number, "total": row.named + row.withheld + row.on_paper, "named": row.named}
        yield row.ready_at, row.campaign_id, "list", str(row.number), facts


def _table(name: str, **columns: Any) -> sa.TableClause:
    return sa.table(name, *(sa.column(column, kind) for column, kind in columns.items()))


_campaign = _table("campaign", id=sa.Uuid(), zone=sa.String(), published_at=_TIME)
_version = _table("petition_version", campaign_id=sa.Uuid(), number=sa.Integer(), created_at=_TIME)
_delivery = _table(
    "delivery", campaign_id=sa.Uuid(), number=sa.Integer(), named=sa.Integer(), withheld=sa.Integer(),
    on_paper=sa.Integer(), ready_at=_TIME,
)  # fmt: skip
_entry = _table(
    "timeline_entry", id=sa.Uuid(), campaign_id=sa.Uuid(), kind=sa.String(), subject=sa.String(), day=sa.Date(),
    words=sa.String(), facts=sa.JSON(), created_at=_TIME,
)  # fmt: skip


def downgrade() -> None:
    op.drop_index(op.f("ix_correction_notice_campaign_id"), table_name="correction_notice")
    for table in ("correction_notice", "target_answer", "timeline_entry"):
        op.drop_table(table)
    op.drop_column("delivery_row", "version")
    for name in ("anonymise_after_days", *(name for name, _ in reversed(CAMPAIGN))):
        op.drop_column("campaign", name)
