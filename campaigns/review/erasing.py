"""Use-cases: forget whom decisions were about: all, when the names under their petition are deleted, or one person."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.review.models import ReviewAction, ReviewAlarm
from campaigns.review.queries import rule_from_text, rule_to_text
from campaigns.review.rules import Phase, Rule, matches
from campaigns.signatures.models import Signature

_ANYTHING = "*"
_NOBODY = bytes(32).hex()


def forget_people(session: Session, campaign_id: UUID) -> None:
    """Take names, places, mail domains and addresses out of a campaign's rules and alarms.

    That there was one, and what it changed, is still told.
    """
    actions = session.scalars(select(ReviewAction).where(ReviewAction.campaign_id == campaign_id).with_for_update())
    for action in actions:
        action.rule = rule_to_text(_without_people(rule_from_text(action.rule)))
    session.execute(update(ReviewAlarm).where(ReviewAlarm.campaign_id == campaign_id).values(label=_ANYTHING))


def forget_person(session: Session, email_hash: bytes, signature_ids: Collection[UUID], *, now: datetime) -> None:
    """Take an address out of every rule, and the names of these signatures out of the rules of their campaigns.

    To be called before the signatures go, and before they are locked: a decision locks itself first, then them.
    """
    wanted = select(Signature.campaign_id, Signature.name).where(Signature.id.in_(signature_ids), Signature.name != "")
    names = [(row.campaign_id, row.name) for row in session.execute(wanted)]
    rewritten: dict[UUID, str] = {}
    for row in session.execute(select(ReviewAction.id, ReviewAction.campaign_id, ReviewAction.rule)):
        own = [name for campaign_id, name in names if campaign_id == row.campaign_id]
        rule = rule_from_text(row.rule)
        left = _without_person(rule, email_hash, own)
        if left != rule:
            rewritten[row.id] = rule_to_text(left)
    _rewrite(session, rewritten, now)


def _rewrite(session: Session, rules: dict[UUID, str], now: datetime) -> None:
    """What is still being counted is cancelled: without the name it would go on to count everybody."""
    wanted = select(ReviewAction).where(ReviewAction.id.in_(rules)).order_by(ReviewAction.id).with_for_update()
    for action in session.scalars(wanted, execution_options={"populate_existing": True}):
        action.rule = rules[action.id]
        if Phase(action.state) is Phase.COUNTING:
            action.state, action.cursor, action.ended_at = Phase.CANCELLED.value, None, now
            audit.record(session, "system", "review.cancel", str(action.id), now=now, matched=action.matched)


def _without_people(rule: Rule) -> Rule:
    return replace(
        rule,
        domain=rule.domain and _ANYTHING,
        name=rule.name and _ANYTHING,
        place=rule.place and _ANYTHING,
        email_hash=rule.email_hash and _NOBODY,
    )


def _without_person(rule: Rule, email_hash: bytes, names: Collection[str]) -> Rule:
    is_named = rule.name and any(matches(rule.name, name) for name in names)
    is_addressed = rule.email_hash == email_hash.hex()
    return replace(
        rule,
        name=_ANYTHING if is_named else rule.name,
        email_hash=_NOBODY if is_addressed else rule.email_hash,
    )
