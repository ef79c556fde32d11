"""Use-case: forget whom decisions were about, when the names under their petition are deleted."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.review.models import ReviewAction, ReviewAlarm
from campaigns.review.queries import rule_from_text, rule_to_text
from campaigns.review.rules import Rule

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


def _without_people(rule: Rule) -> Rule:
    return replace(
        rule,
        domain=rule.domain and _ANYTHING,
        name=rule.name and _ANYTHING,
        place=rule.place and _ANYTHING,
        email_hash=rule.email_hash and _NOBODY,
    )
