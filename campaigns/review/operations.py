"""Use-cases: ask for an action, take it a step further, work on its next batch, raise an alarm.

A batch is one transaction: what it changes, what that does to the count, and how far it came stand or fall together.
So an action may be killed anywhere and run again, twice at once too: its row is locked, and its phase decides.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from campaigns.abuse.rules import Reason
from campaigns.audit import operations as audit
from campaigns.campaign.queries import CampaignFacts
from campaigns.db.sealing import fingerprint
from campaigns.kernel.errors import InvalidValue, NotFound, Refusal
from campaigns.kernel.ids import row_id
from campaigns.outbox import operations as outbox
from campaigns.outbox.operations import insert_ignoring
from campaigns.review import queries
from campaigns.review.models import ReviewAction, ReviewAlarm, ReviewChange
from campaigns.review.rules import AT_WORK, Decision, Outcome, Phase, Rule, Step, after, fits, folded, outcome
from campaigns.signatures.checks import (
    HELD_COLUMNS,
    Held,
    change_reviews,
    forget_organizers_hold,
    held_row,
    note_organizers_hold,
)
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import Review

WORK_JOB = "review.work"
ALARM_MAIL = "review.alarm_mail"
BATCH = 500
_ROWS: Any = Signature.__table__
_CHANGES: Any = ReviewChange.__table__


class NoSuchAction(NotFound):
    """There is no such decision at this campaign."""


class NoSuchSignature(NotFound):
    """This signature is gone, or it belongs to another campaign."""


class TooLate(Refusal):
    """This cannot be done any more: somebody was quicker, or it is finished. Look at where it stands now."""


class TooWide(InvalidValue):
    """Say whom you mean: only held signatures can be decided on all together."""


def ask(
    session: Session, campaign: CampaignFacts, decision: Decision, rule: Rule, *, actor: str, now: datetime
) -> UUID:
    """Ask for an action; a worker counts whom it would be about. Nothing is changed yet. Raises TooWide."""
    if rule.review is not Review.HELD and not rule.is_narrow:
        raise TooWide
    to_look = queries.how_many_possible(session, campaign.id, rule, now)
    action = _action(campaign.id, decision, rule, Phase.COUNTING, to_look, actor, now)
    session.add(action)
    _queue(session, action, now)
    audit.record(session, actor, "review.asked", str(action.id), now=now, decision=decision.value)
    return action.id


def _action(
    campaign_id: UUID, decision: Decision, rule: Rule, phase: Phase, to_look: int, actor: str, now: datetime
) -> ReviewAction:
    return ReviewAction(
        id=row_id(now), campaign_id=campaign_id, decision=decision.value, rule=queries.rule_to_text(rule),
        state=phase.value, cursor=None, to_look=to_look, looked=0, matched=0, done=0, changed=0, restored=0,
        asked_by=actor, asked_at=now,
    )  # fmt: skip


def _queue(session: Session, action: ReviewAction, now: datetime) -> None:
    outbox.enqueue(session, WORK_JOB, f"{action.id}:{action.state}", {"action": str(action.id)}, now=now)


def decide_one(
    session: Session, campaign_id: UUID, signature_id: UUID, decision: Decision, *, actor: str, now: datetime
) -> UUID:
    """Decide on one signature at once; it is an action like any other, and can be undone. Raises NoSuchSignature."""
    wanted = select(_ROWS.c.id).where(_ROWS.c.id == signature_id, _ROWS.c.campaign_id == campaign_id)
    if session.execute(wanted).first() is None:
        raise NoSuchSignature
    action = _action(campaign_id, decision, Rule(review=None), Phase.RUNNING, 1, actor, now)
    action.looked = action.matched = 1
    session.add(action)
    session.flush()
    session.add(ReviewChange(action_id=action.id, signature_id=signature_id))
    session.flush()
    audit.record(session, actor, "review.asked", str(action.id), now=now, decision=decision.value)
    advance(session, action.id, now=now)
    return action.id


def take_step(session: Session, campaign_id: UUID, action_id: UUID, step: Step, *, actor: str, now: datetime) -> None:
    """Apply, cancel or undo an action. Raises NoSuchAction, TooLate."""
    action = _locked(session, action_id)
    if action is None or action.campaign_id != campaign_id:
        raise NoSuchAction
    phase = after(Phase(action.state), step)
    if phase is None:
        raise TooLate
    action.state, action.cursor = phase.value, None
    if phase in AT_WORK:
        if step is Step.APPLY:
            action.started_at = now  # an undo asks which decision came later: it leaves the moment as it is
        _queue(session, action, now)
    else:
        action.ended_at = now
    audit.record(session, actor, f"review.{step.value}", str(action_id), now=now, matched=action.matched)


def _locked(session: Session, action_id: UUID) -> ReviewAction | None:
    """Return the action as it is once this worker holds it."""
    wanted = select(ReviewAction).where(ReviewAction.id == action_id).with_for_update()
    return session.scalars(wanted, execution_options={"populate_existing": True}).first()


def advance(session: Session, action_id: UUID, *, now: datetime, batch: int = BATCH) -> bool:
    """Work on an action's next batch of at most `batch`; return whether there may be more to do."""
    action = _locked(session, action_id)
    if action is None or Phase(action.state) not in AT_WORK:
        return False
    works = {Phase.COUNTING: _count_batch, Phase.RUNNING: _apply_batch, Phase.UNDOING: _undo_batch}
    if works[Phase(action.state)](session, action, batch):
        return True
    _end_phase(session, action, now)
    return False


def _count_batch(session: Session, action: ReviewAction, batch: int) -> bool:
    rule = queries.rule_from_text(action.rule)
    rows = queries.candidates(session, action.campaign_id, rule, action.asked_at, beyond=action.cursor, limit=batch)
    found = [{"action_id": action.id, "signature_id": row_id} for row_id, candidate in rows if fits(rule, candidate)]
    if found:
        session.execute(insert(_CHANGES), found)
    action.looked += len(rows)
    action.matched += len(found)
    action.cursor = rows[-1][0] if rows else action.cursor
    return len(rows) == batch


def _apply_batch(session: Session, action: ReviewAction, batch: int) -> bool:
    decision = Decision(action.decision)
    ids, rows = _next_found(session, action, batch)
    changed = [row for row in rows if _outcome(row, decision) is Outcome.CHANGED]
    change_reviews(session, changed, decision.review)
    if decision is Decision.HOLD:
        note_organizers_hold(session, changed)
    _note_previous(session, action.id, changed)
    action.done += len(ids)
    action.changed += len(changed)
    return len(ids) == batch


def _outcome(row: Held, decision: Decision) -> Outcome:
    is_theirs = row.review is not Review.HELD or Reason.ORGANIZER in row.because
    return outcome(row.state, row.review, decision, is_theirs=is_theirs)


def _undo_batch(session: Session, action: ReviewAction, batch: int) -> bool:
    """Give back the review each had. Whom a later decision has changed since stays as that one left it."""
    decision = Decision(action.decision)
    ids, rows = _next_found(session, action, batch, _CHANGES.c.previous.is_not(None))
    own = (_CHANGES.c.action_id == action.id, _CHANGES.c.signature_id.in_(ids))
    wanted = select(_CHANGES.c.signature_id, _CHANGES.c.previous).where(*own)
    previous = {row.signature_id: Review(row.previous) for row in session.execute(wanted)}
    later = _changed_later(session, action, ids)
    groups: defaultdict[Review, list[Held]] = defaultdict(list)
    for row in rows:
        if row.id not in later and outcome(row.state, row.review, decision) is Outcome.ALREADY:
            groups[previous[row.id]].append(row)
    for review in sorted(groups):
        change_reviews(session, groups[review], review)
        action.restored += len(groups[review])
    if decision is Decision.HOLD:
        forget_organizers_hold(session, groups[Review.HELD])
    return len(ids) == batch


def _changed_later(session: Session, action: ReviewAction, ids: Sequence[UUID]) -> set[UUID]:
    """Return whom a decision applied after `action`, and not undone, has changed. To be asked of locked signatures."""
    applied_at = func.coalesce(ReviewAction.started_at, ReviewAction.asked_at)  # on one alone, it is when it is asked
    changed = (_CHANGES.c.signature_id.in_(ids), _CHANGES.c.previous.is_not(None))
    stands = (ReviewAction.campaign_id == action.campaign_id, ReviewAction.state != Phase.UNDONE.value)
    wanted = (
        select(_CHANGES.c.signature_id)
        .join(ReviewAction, ReviewAction.id == _CHANGES.c.action_id)
        .where(*changed, *stands, applied_at > (action.started_at or action.asked_at))
    )
    return set(session.scalars(wanted))


def _next_found(session: Session, action: ReviewAction, batch: int, *where: Any) -> tuple[list[UUID], list[Held]]:
    """Return the ids of the next batch, and those signatures of it that still exist, locked."""
    own = select(_CHANGES.c.signature_id).where(_CHANGES.c.action_id == action.id, *where)
    if action.cursor is not None:
        own = own.where(_CHANGES.c.signature_id > action.cursor)
    ids = list(session.scalars(own.order_by(_CHANGES.c.signature_id).limit(batch)))
    action.cursor = ids[-1] if ids else action.cursor
    wanted = select(*HELD_COLUMNS).where(_ROWS.c.id.in_(ids)).order_by(_ROWS.c.id).with_for_update()
    rows = session.execute(wanted)
    return ids, [held_row(row) for row in rows]


def _note_previous(session: Session, action_id: UUID, changed: Sequence[Held]) -> None:
    if changed:
        own = (_CHANGES.c.action_id == bindparam("action"), _CHANGES.c.signature_id == bindparam("signature"))
        statement = update(_CHANGES).where(*own).values(previous=bindparam("was"))
        values = [{"action": action_id, "signature": row.id, "was": row.review.value} for row in changed]
        session.connection().execute(statement, values)


_NEXT = {Phase.COUNTING: Phase.READY, Phase.RUNNING: Phase.DONE, Phase.UNDOING: Phase.UNDONE}


def _end_phase(session: Session, action: ReviewAction, now: datetime) -> None:
    phase = _NEXT[Phase(action.state)]
    action.state, action.cursor, action.ended_at = phase.value, None, now
    facts = {"matched": action.matched, "changed": action.changed, "restored": action.restored}
    audit.record(session, "system", f"review.{phase.value}", str(action.id), now=now, **facts)


def raise_alarm(
    session: Session, campaign: CampaignFacts, kind: str, label: str, number: int, *, now: datetime
) -> bool:
    """Tell a campaign's organizers of a domain or place that stands out: once a day each. Return whether it was new."""
    day = now.date()
    values = {
        "id": row_id(now), "campaign_id": campaign.id, "kind": kind, "key": fingerprint(f"alarm {kind}", folded(label)),
        "day": day, "label": label, "number": number, "raised_at": now,
    }  # fmt: skip
    if not insert_ignoring(session, ReviewAlarm, values):
        return False
    payload = {
        "to": campaign.contact_email, "slug": campaign.slug, "headline": campaign.headline,
        "kind": kind, "label": label, "number": number,
    }  # fmt: skip
    outbox.enqueue(session, ALARM_MAIL, str(values["id"]), payload, now=now)
    return True
