"""amounts, limits, tax words and card statement by fund; kinds of lines; dedication, language, moderated messages"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

FUND = (
    ("suggested_minor", sa.BigInteger()),
    ("presets_minor", sa.JSON()),
    ("least_minor", sa.BigInteger()),
    ("most_minor", sa.BigInteger()),
    ("descriptor", sa.String()),
)
DONATION = (("message_state", sa.String()), ("dedication", sa.LargeBinary()), ("language", sa.String()))
_KIND = "kind VARCHAR DEFAULT 'gift' NOT NULL CONSTRAINT ck_donation_line_kind CHECK (kind IN ('gift', 'fee_cover'))"


def upgrade() -> None:
    for name, kind in FUND:
        op.add_column("fund", sa.Column(name, kind, nullable=True))
    op.add_column("fund_purpose", sa.Column("tax", sa.String(), nullable=True))
    _move_amounts("campaign", "fund")
    op.drop_column("campaign", "presets_minor")
    op.drop_column("campaign", "suggested_minor")
    # A check of a column's own: SQLite takes no other one without copying the table, which the ledger leans on.
    op.execute(f"ALTER TABLE donation_line ADD COLUMN {_KIND}")
    op.add_column("donation_line", sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False))
    for name, kind in DONATION:
        op.add_column("donation", sa.Column(name, kind, nullable=True))
    spoken = sa.text("message_state IS NOT NULL")
    columns = ["campaign_id", "message_state", "created_at"]
    op.create_index("ix_donation_message_state", "donation", columns, sqlite_where=spoken, postgresql_where=spoken)
    op.execute("UPDATE donation SET message_state = 'waiting' WHERE message IS NOT NULL OR show_name")


def _move_amounts(source: str, target: str) -> None:
    """Copy the amounts between each campaign and its first fund: only that one was ever asked for."""
    connection = op.get_bind()
    tables = {"campaign": _campaign, "fund": _fund}
    rows = connection.execute(sa.select(_fund.c.id, _fund.c.campaign_id).order_by(*_FIRST).where(_OF_A_CAMPAIGN))
    first = {row.campaign_id: row.id for row in reversed(rows.all())}
    for ids in ({"campaign": campaign_id, "fund": fund_id} for campaign_id, fund_id in first.items()):
        held = connection.execute(_amounts(tables[source], ids[source])).one()
        values = {"presets_minor": held.presets_minor or [], "suggested_minor": held.suggested_minor or 0}
        connection.execute(tables[target].update().where(tables[target].c.id == ids[target]).values(values))


def _amounts(table: sa.TableClause, row_id: Any) -> sa.Select[Any]:
    return sa.select(table.c.presets_minor, table.c.suggested_minor).where(table.c.id == row_id)


def _table(name: str, **columns: Any) -> sa.TableClause:
    return sa.table(name, *(sa.column(column, kind) for column, kind in columns.items()))


_asked = {"presets_minor": sa.JSON(), "suggested_minor": sa.BigInteger()}
_campaign = _table("campaign", id=sa.Uuid(), **_asked)
_fund = _table("fund", id=sa.Uuid(), campaign_id=sa.Uuid(), created_at=sa.DateTime(), **_asked)
_FIRST = (_fund.c.created_at, _fund.c.id)
_OF_A_CAMPAIGN = _fund.c.campaign_id.is_not(None)


def downgrade() -> None:
    op.drop_index("ix_donation_message_state", table_name="donation")
    for name, _ in reversed(DONATION):
        op.drop_column("donation", name)
    op.drop_column("donation_line", "position")
    op.drop_column("donation_line", "kind")
    op.add_column("campaign", sa.Column("suggested_minor", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("campaign", sa.Column("presets_minor", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
    _move_amounts("fund", "campaign")
    op.drop_column("fund_purpose", "tax")
    for name, _ in reversed(FUND):
        op.drop_column("fund", name)
