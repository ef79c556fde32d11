"""The audit trail."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from campaigns.db.base import Base


class AuditRecord(Base):
    """One act at the desk: who, what, on which subject. Facts name rows, never supporters."""

    __tablename__ = "audit_record"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    act: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    facts: Mapped[dict[str, Any]]
