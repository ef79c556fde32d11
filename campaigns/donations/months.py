"""Reads of gifts that come again each month."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.campaign.models import Campaign
from campaigns.donations.models import MonthlyGift
from campaigns.recurring import queries as standing
from campaigns.recurring.queries import Monthly

KIND: Final = "monthly_gift"


@dataclass(frozen=True, slots=True)
class OwnMonthly:
    """A monthly gift as its owner sees it in a list."""

    monthly: Monthly
    headline: str
    email: str
    name: str
    show_name: bool
    message: str
    dedication: str
    language: str
    created_at: datetime
    source: str


def of_mailbox(session: Session, email_hash: bytes) -> list[OwnMonthly]:
    """Return every monthly gift under an address, begun or not, the newest first. For its owner alone."""
    rows = session.execute(
        select(MonthlyGift, Campaign.headline)
        .join(Campaign, Campaign.id == MonthlyGift.campaign_id)
        .where(MonthlyGift.email_hash == email_hash)
        .order_by(MonthlyGift.created_at.desc(), MonthlyGift.id)
    ).all()
    found = standing.of_subjects(session, KIND, [gift.id for gift, _ in rows])
    return [
        OwnMonthly(
            found[gift.id], headline, gift.email, gift.name or "", gift.show_name, gift.message or "",
            gift.dedication or "", gift.language or "", gift.created_at, gift.source or "",
        )
        for gift, headline in rows
    ]  # fmt: skip
