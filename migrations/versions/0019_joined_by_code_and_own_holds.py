"""members keep the code they came by; an organizer's own hold has a code"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


_signature = sa.table("signature", sa.column("review", sa.String()), sa.column("held_because", sa.String()))


def upgrade() -> None:
    own = (_signature.c.review == "held") & (_signature.c.held_because == "")
    op.execute(_signature.update().where(own).values(held_because="organizer"))
    op.add_column("member", sa.Column("source", sa.String(), nullable=True))


def downgrade() -> None:
    # Whoever reads codes must know them all.
    bare = sa.func.trim(sa.func.replace(sa.literal(" ") + _signature.c.held_because + " ", " organizer ", " "))
    own = _signature.c.held_because.contains("organizer")
    op.execute(_signature.update().where(own).values(held_because=bare))
    op.drop_column("member", "source")
