"""Pages that were opened, and brakes. No address and no network stands here, only keyed hashes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base


class PaymentTry(Base):
    """A payment page that was opened for a subject (a fund). Kept for two days.

    Of a page for several subjects, the first row alone has the keys of address and network: it was opened once.
    """

    __tablename__ = "payment_try"
    __table_args__ = (
        CheckConstraint("how IN ('free', 'proved', 'waited', 'known')", name="how"),
        Index("ix_payment_try_subject", "subject", "made_at"),
        Index("ix_payment_try_address", "address_key", "made_at"),
        Index("ix_payment_try_network", "network_key", "made_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[str]
    address_key: Mapped[bytes]
    network_key: Mapped[bytes | None]
    how: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(index=True)


class PaymentBrake(Base):
    """How far the brake of a subject is pulled. Its lock lets one at a time open a page, so that limits hold."""

    __tablename__ = "payment_brake"
    __table_args__ = (CheckConstraint("level IN (0, 1, 2)", name="level"),)

    subject: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int]
    since: Mapped[datetime]
    until: Mapped[datetime]
