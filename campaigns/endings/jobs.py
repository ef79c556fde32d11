"""What happens without anybody's doing: a deadline passes, a goal is reached. Looked for by a schedule."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.campaign import rules as campaign_rules
from campaigns.campaign.models import Campaign
from campaigns.endings.operations import note_closing
from campaigns.endings.rules import last_goal
from campaigns.signatures.models import SignatureCount
from campaigns.timeline import operations as timeline
from campaigns.timeline.rules import Kind

NOTICE_EVERY = timedelta(minutes=1)


def notice(session: Session, now: datetime) -> int:
    """Write each passed deadline and each goal that was reached into its timeline, once; return how many were new.

    There are as many rows to look at as petitions, never as many as signatures.
    """
    petitions = session.execute(
        select(Campaign.id, Campaign.zone, Campaign.deadline, Campaign.goal, SignatureCount.total)
        .outerjoin(SignatureCount, SignatureCount.campaign_id == Campaign.id)
        .where(Campaign.state == campaign_rules.PUBLISHED, Campaign.has_petition)
        .order_by(Campaign.id)
    ).all()
    return sum(_notice(session, petition, now) for petition in petitions)


def _notice(session: Session, petition: Any, now: datetime) -> int:
    new = 0
    if petition.deadline and petition.deadline <= now:
        new += note_closing(session, petition.id, petition.zone, petition.deadline)
    goal = last_goal(petition.total or 0, petition.goal)
    if goal:
        day = timeline.day_of(now, petition.zone)
        new += timeline.note(session, petition.id, Kind.GOAL, subject=str(goal), day=day, now=now, facts={"goal": goal})
    return new
