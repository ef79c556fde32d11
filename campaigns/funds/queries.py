"""Reads of what a fund was for, in the words that givers read."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.campaign.models import FundPurpose


@dataclass(frozen=True, slots=True)
class Purpose:
    """One numbered version of a fund's words."""

    number: int
    sentence: str
    beyond: str
    recipient: str
    tax: str
    created_at: datetime


def purposes_of(session: Session, fund_id: UUID) -> list[Purpose]:
    """Return every version of a fund's words, the newest first."""
    rows = session.scalars(
        select(FundPurpose).where(FundPurpose.fund_id == fund_id).order_by(FundPurpose.number.desc())
    )
    return [Purpose(row.number, row.sentence, row.beyond, row.recipient, row.tax or "", row.created_at) for row in rows]
