"""Counting and forgetting: jobs that run on a schedule, once per cluster."""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from campaigns.campaign.rules import UNCONFIRMED_KEPT
from campaigns.outbox.operations import insert_ignoring
from campaigns.signatures import changes
from campaigns.signatures.models import CountChange, Signature, SignatureCount
from campaigns.signatures.rules import WITHDRAWN_KEPT, State

COUNT_EVERY = timedelta(seconds=1)
FORGET_EVERY = timedelta(hours=1)
REMIND_EVERY = timedelta(minutes=10)
BATCH = 200


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
    """Delete signatures that nobody confirmed in the time that the consent wording states; return how many.

    One that was withdrawn once may stand on a list, and is emptied instead.
    """
    late = (Signature.state == State.PENDING, Signature.created_at < now - UNCONFIRMED_KEPT)
    result = session.execute(delete(Signature).where(*late, Signature.withdrawn_at.is_(None)))
    assert isinstance(result, CursorResult)
    emptied = session.execute(select(*changes.LOCKED).where(*late)).all()
    for row in emptied:
        changes.forget(session, row)
    return result.rowcount + len(emptied)


def forget_withdrawn(session: Session, now: datetime) -> int:
    """Empty signatures some time after they were withdrawn; return how many."""
    rows = session.execute(
        select(*changes.LOCKED)
        .where(Signature.state == State.WITHDRAWN, Signature.withdrawn_at < now - WITHDRAWN_KEPT)
        .where(Signature.token_digest.is_not(None))
    ).all()
    for row in rows:
        changes.forget(session, row)
    return len(rows)
