"""The switches that were ever turned."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db import Base


class SwitchRow(Base):
    """One switch as it stands; one that nobody has turned yet has no row and is off."""

    __tablename__ = "switch"

    name: Mapped[str] = mapped_column(primary_key=True)
    is_on: Mapped[bool]
    words: Mapped[str]
    turned_at: Mapped[datetime]
    turned_by: Mapped[str]
