"""Counting and forgetting: jobs that run on a schedule, once per cluster."""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.orm import Session

from campaigns.campaign.rules import UNCONFIRMED_KEPT
from campaigns.outbox.operations import insert_ignoring
from campaigns.signatures.models import CountChange, Signature, SignatureCount
from campaigns.signatures.rules import State

COUNT_EVERY = timedelta(seconds=1)
FORGET_EVERY = timedelta(hours=1)


def gather_counts(session: Session) -> int:
    """Add up what was confirmed since the last time; return how many changes were gathered.

    Exactly the changes that are deleted are added, in one transaction, so that a change is never
    counted twice or lost however the job is interrupted.
    """
    rows = session.execute(
        delete(CountChange).returning(CountChange.campaign_id, CountChange.total, CountChange.public)
    ).all()
    sums: defaultdict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    for campaign_id, total, public in rows:
        sums[campaign_id][0] += total
        sums[campaign_id][1] += public
    for campaign_id in sorted(sums):
        _add(session, campaign_id, *sums[campaign_id])
    return len(rows)


def _add(session: Session, campaign_id: UUID, total: int, public: int) -> None:
    insert_ignoring(session, SignatureCount, {"campaign_id": campaign_id, "total": 0, "public": 0})
    session.execute(
        update(SignatureCount)
        .where(SignatureCount.campaign_id == campaign_id)
        .values(total=SignatureCount.total + total, public=SignatureCount.public + public)
    )


def forget_unconfirmed(session: Session, now: datetime) -> int:
    """Delete signatures that nobody confirmed in the time that the consent wording states."""
    result = session.execute(
        delete(Signature).where(Signature.state == State.PENDING, Signature.created_at < now - UNCONFIRMED_KEPT)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount
