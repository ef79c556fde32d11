"""Counting, proving the count and forgetting: jobs that run on a schedule, once per cluster."""

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.campaign.models import Campaign
from campaigns.campaign.rules import UNCONFIRMED_KEPT
from campaigns.outbox import operations as outbox
from campaigns.outbox.operations import insert_ignoring
from campaigns.signatures import changes
from campaigns.signatures.checks import add_change
from campaigns.signatures.models import CountChange, Signature, SignatureCount
from campaigns.signatures.rules import WITHDRAWN_KEPT, Effect, Review, State, Visibility

COUNT_EVERY = timedelta(seconds=1)
FORGET_EVERY = timedelta(hours=1)
REMIND_EVERY = timedelta(minutes=10)
REPAIR_EVERY = timedelta(days=1)
REPAIRED_MAIL = "signatures.count_repaired_mail"
BATCH = 200
log = logging.getLogger(__name__)
_ROWS: Any = Signature.__table__


def gather_counts(session: Session) -> int:
    """Add up what was confirmed since the last time; return how many changes were gathered.

    Exactly the changes that are deleted are added, in one transaction, so that a change is never
    counted twice or lost however the job is interrupted.
    """
    rows = session.execute(
        delete(CountChange).returning(CountChange.campaign_id, CountChange.total, CountChange.public, CountChange.paper)
    ).all()
    sums: defaultdict[UUID, Effect] = defaultdict(lambda: Effect(0, 0))
    for campaign_id, *numbers in rows:
        sums[campaign_id] += Effect(*numbers)
    for campaign_id in sorted(sums):
        _add(session, campaign_id, sums[campaign_id])
    return len(rows)


def _add(session: Session, campaign_id: UUID, effect: Effect) -> None:
    insert_ignoring(session, SignatureCount, {"campaign_id": campaign_id, "total": 0, "public": 0})
    count = SignatureCount
    session.execute(
        update(count)
        .where(count.campaign_id == campaign_id)
        .values(total=count.total + effect.total, public=count.public + effect.public, paper=count.paper + effect.paper)
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
    """Empty signatures some time after they were withdrawn; return how many.

    One that still has a token, or its place on paper, was not emptied yet.
    """
    rows = session.execute(
        select(*changes.LOCKED)
        .where(Signature.state == State.WITHDRAWN, Signature.withdrawn_at < now - WITHDRAWN_KEPT)
        .where(Signature.token_digest.is_not(None) | Signature.paper_id.is_not(None))
    ).all()
    for row in rows:
        changes.forget(session, row)
    return len(rows)


@dataclass(frozen=True, slots=True)
class Drift:
    """A campaign whose count was not what counting its rows gives."""

    campaign_id: UUID
    told: Effect
    rows: Effect

    @property
    def missing(self) -> Effect:
        """What the count lacked."""
        rows, told = self.rows, self.told
        return Effect(rows.total - told.total, rows.public - told.public, rows.paper - told.paper)


def repair_counts(session: Session, now: datetime) -> list[Drift]:
    """Hold every count to its rows, repair what differs and return it.

    One statement reads rows, count and changes still to be gathered, so that it compares one instant while people
    sign; the repair is one more change for the counting job. The counts are locked first: a second run at the same
    time waits, and then finds nothing to repair.
    """
    for campaign_id in session.scalars(select(Campaign.id).order_by(Campaign.id)).all():
        insert_ignoring(session, SignatureCount, {"campaign_id": campaign_id, "total": 0, "public": 0})
    session.execute(select(SignatureCount.campaign_id).order_by(SignatureCount.campaign_id).with_for_update()).all()
    drifts = [drift for row in session.execute(_compared()) if (drift := _drift(row)).missing != Effect(0, 0)]
    session.execute(update(SignatureCount).values(checked_at=now))
    for drift in drifts:
        add_change(session, drift.campaign_id, drift.missing)
        one = SignatureCount.campaign_id == drift.campaign_id
        session.execute(update(SignatureCount).where(one).values(repairs=SignatureCount.repairs + 1))
        told, rows = drift.told.total, drift.rows.total
        audit.record(session, "system", "count.repaired", str(drift.campaign_id), now=now, told=told, rows=rows)
    return drifts


def prove_counts(session: Session, operator: str, now: datetime) -> int:
    """Repair what differs, and say so in the log and in a mail to `operator`; return how many counts differed."""
    drifts = repair_counts(session, now)
    for drift in drifts:
        log.error("count repaired", extra={"item": str(drift.campaign_id), "problem": f"off by {drift.missing.total}"})
        slug = session.scalar(select(Campaign.slug).where(Campaign.id == drift.campaign_id))
        payload = {"to": operator, "slug": slug, "told": drift.told.total, "rows": drift.rows.total}
        outbox.enqueue(session, REPAIRED_MAIL, f"{drift.campaign_id}:{now.isoformat()}", payload, now=now)
    return len(drifts)


def _compared() -> Any:
    counting = (_ROWS.c.state == State.CONFIRMED.value) & (_ROWS.c.review == Review.CLEAR.value)
    public = func.count().filter(_ROWS.c.visibility == Visibility.PUBLIC.value)
    paper = func.count().filter(_ROWS.c.paper_id.is_not(None))
    rows = select(_ROWS.c.campaign_id, func.count().label("total"), public.label("public"), paper.label("paper")).where(
        counting
    )
    waiting = select(
        CountChange.campaign_id,
        func.sum(CountChange.total).label("total"),
        func.sum(CountChange.public).label("public"),
        func.sum(CountChange.paper).label("paper"),
    )
    by_rows = rows.group_by(_ROWS.c.campaign_id).subquery()
    by_changes = waiting.group_by(CountChange.campaign_id).subquery()
    columns = (
        SignatureCount.campaign_id,
        (SignatureCount.total + func.coalesce(by_changes.c.total, 0)).label("told_total"),
        (SignatureCount.public + func.coalesce(by_changes.c.public, 0)).label("told_public"),
        (SignatureCount.paper + func.coalesce(by_changes.c.paper, 0)).label("told_paper"),
        func.coalesce(by_rows.c.total, 0).label("rows_total"),
        func.coalesce(by_rows.c.public, 0).label("rows_public"),
        func.coalesce(by_rows.c.paper, 0).label("rows_paper"),
    )
    return (
        select(*columns)
        .outerjoin(by_rows, by_rows.c.campaign_id == SignatureCount.campaign_id)
        .outerjoin(by_changes, by_changes.c.campaign_id == SignatureCount.campaign_id)
        .order_by(SignatureCount.campaign_id)
    )


def _drift(row: Any) -> Drift:
    told = Effect(int(row.told_total), int(row.told_public), int(row.told_paper))
    return Drift(row.campaign_id, told, Effect(row.rows_total, row.rows_public, row.rows_paper))
