"""Networks that are vouched for, pressure, and proofs that were used up. No address stands here."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base


class SharedNetwork(Base):
    """A network that many people share, known by its keyed hash alone."""

    __tablename__ = "shared_network"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[bytes] = mapped_column(unique=True)
    label: Mapped[str]
    added_by: Mapped[str]
    added_at: Mapped[datetime]


class Pressure(Base):
    """Until when proof of work is asked for at one subject: a campaign's petition, later its appeal."""

    __tablename__ = "pressure"

    subject: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    until: Mapped[datetime]


class SpentProof(Base):
    """A solved challenge that was handed in. A second use proves nothing."""

    __tablename__ = "spent_proof"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    spent_at: Mapped[datetime]
