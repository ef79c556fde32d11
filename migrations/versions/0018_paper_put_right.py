"""who withdrew themselves; how many of a table the list would name"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_signature = sa.table("signature", sa.column("state", sa.String()), sa.column("is_claimed", sa.Boolean()))
_table = sa.table("paper_import", sa.column("state", sa.String()))


def upgrade() -> None:
    # Nobody noted who withdrew a row: in doubt it was its signatory.
    op.execute(_signature.update().where(_signature.c.state == "withdrawn").values(is_claimed=True))
    op.add_column("paper_import", sa.Column("named", sa.Integer(), server_default=sa.text("0"), nullable=False))
    # Of what was tried out before nobody counted them: it is tried out again.
    op.execute(_table.update().where(_table.c.state == "ready").values(state="mapping"))


def downgrade() -> None:
    # Whose withdrawal it was stays: until now nobody asked a withdrawn row whether it is claimed.
    op.drop_column("paper_import", "named")
