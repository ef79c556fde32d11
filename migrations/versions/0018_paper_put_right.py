"""who withdrew themselves: theirs for good, whatever is typed in from paper"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_signature = sa.table("signature", sa.column("state", sa.String()), sa.column("is_claimed", sa.Boolean()))


def upgrade() -> None:
    """Nobody noted who withdrew a row: in doubt it was its signatory."""
    op.execute(_signature.update().where(_signature.c.state == "withdrawn").values(is_claimed=True))


def downgrade() -> None:
    """Change nothing: until now nobody asked a withdrawn row whether it is claimed."""
