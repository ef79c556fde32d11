"""Use-case: take out who agreed to be named to a partner."""

from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.coalition import queries
from campaigns.coalition.queries import Agreeing
from campaigns.partners.queries import PartnerFacts


def take_out(session: Session, partner: PartnerFacts, *, actor: str, now: datetime) -> list[Agreeing]:
    """Return who agreed, and write down that somebody took it out."""
    people = queries.agreeing(session, partner.campaign_id, partner.id)
    audit.record(session, actor, "partner.people_taken_out", str(partner.id), now=now, number=len(people))
    return people
