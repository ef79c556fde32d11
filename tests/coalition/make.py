"""Builders: a partner of a campaign, and people who come by its code."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from campaigns.campaign.queries import CampaignFacts
from campaigns.partners import operations, queries
from campaigns.partners.operations import PartnerFields
from campaigns.partners.queries import Offer
from tests.make import World

CODE = "night-shift"
WORDS = "I want to hear from the Night Shift Committee."


def partner_fields(**changes: str) -> PartnerFields:
    fields = {
        "name": "Night Shift Committee",
        "line": "Sorters of the night",
        "contact": "night@example.org",
        "words": WORDS,
    }
    return PartnerFields(**fields | changes)


def make_partner(session: Session, campaign: CampaignFacts, now: datetime, code: str = CODE, **changes: str) -> str:
    """Add a partner and return its id, as addresses carry it."""
    fields = partner_fields(**changes)
    return str(operations.add(session, campaign.id, campaign.organisation, code, fields, actor="test", now=now))


def add_partner(world: World, code: str = CODE, slug: str = "rescind", **changes: str) -> UUID:
    with world.work() as session:
        return UUID(make_partner(session, world.campaign(slug), world.clock(), code, **changes))


def change_partner(world: World, partner_id: UUID, **changes: str) -> None:
    campaign = world.campaign()
    with world.work() as session:
        operations.change(
            session, campaign.id, partner_id, campaign.organisation, partner_fields(**changes),
            actor="test", now=world.clock(),
        )  # fmt: skip


def switch_partner(world: World, partner_id: UUID, *, on: bool) -> None:
    with world.work() as session:
        operations.switch(session, world.campaign().id, partner_id, on=on, actor="test", now=world.clock())


def make_link(world: World, partner_id: UUID, slug: str = "rescind") -> str:
    """Make the link to the partner's numbers; return its path."""
    with world.work() as session:
        secret = operations.make_link(session, world.campaign(slug).id, partner_id, actor="test", now=world.clock())
    return f"/partners/{secret}"


def offered(world: World, code: str = CODE) -> Offer:
    campaign = world.campaign()
    with world.reading() as session:
        found = queries.offer(session, campaign.id, campaign.organisation, code)
    assert found is not None
    return found


def ticked(world: World, code: str = CODE) -> dict[str, str]:
    """What a browser sends of the partner's part of the form, with the tick set."""
    return {"via": code, "partner_news": "y", "partner_words": offered(world, code).mark}


def sign_by(world: World, email: str, code: str = CODE, *, tick: bool = True, **changes: str) -> TestResponse:
    return world.sign(email=email, **(ticked(world, code) if tick else {"via": code}) | changes)
