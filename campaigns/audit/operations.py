"""Write the audit trail in the transaction of the act itself."""

from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.audit.models import AuditRecord
from campaigns.kernel.ids import row_id


def record(session: Session, actor: str, act: str, subject: str, *, now: datetime, **facts: str | int | bool) -> None:
    """Add one record. `actor` is a desk account's id or "system"; `facts` hold no supporter's data."""
    session.add(AuditRecord(id=row_id(now), at=now, actor=actor, act=act, subject=subject, facts=facts))
