"""Many signatures at once, and an action worked on to its end."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from campaigns.db.sealing import fingerprint
from campaigns.kernel.ids import row_id
from campaigns.review import operations, queries
from campaigns.review.queries import ActionFacts
from campaigns.review.rules import Decision, Rule, Step
from campaigns.signatures import checks, jobs
from campaigns.signatures import queries as signatures
from campaigns.signatures.models import Signature
from campaigns.signatures.queries import Count
from campaigns.signatures.rules import Effect
from tests.make import World


def signed(world: World, number: int, domain: str = "example.org", **changes: Any) -> list[UUID]:
    """Store many signatures as they stand after their requests, with the count that belongs to them."""
    campaign, now = world.campaign(), world.clock()
    usual = {
        "campaign_id": campaign.id, "version_id": campaign.version_id, "consent_id": campaign.consent_id,
        "town": "Hebron", "postcode": "", "country": "US", "comment": None, "visibility": "public",
        "wants_updates": False, "state": "confirmed", "review": "clear", "created_at": now, "confirmed_at": now,
        "judged_at": now, "held_because": "",
    }  # fmt: skip
    rows = [usual | _person(each, domain, now, changes) | changes for each in range(number)]
    effect = Effect(0, 0)
    with world.work() as session:
        session.execute(insert(Signature), rows)
        for row in rows:
            counts = row["state"] == "confirmed" and row["review"] == "clear"
            effect += Effect(counts, counts and row["visibility"] == "public")
        checks.add_change(session, campaign.id, effect)
    return [row["id"] for row in rows]


def _person(each: int, domain: str, now: datetime, changes: dict[str, Any]) -> dict[str, Any]:
    """Somebody whose mailbox nobody else has, unless the test names it."""
    own = row_id(now)
    email = changes.get("email", f"{own.hex}@{domain}")
    return {"id": own, "name": f"Person {each}", "email": email, "email_hash": fingerprint("e-mail", email)}


def ask(world: World, decision: Decision, rule: Rule) -> UUID:
    with world.work() as session:
        return operations.ask(session, world.campaign(), decision, rule, actor="test", now=world.clock())


def step(world: World, action_id: UUID, step: Step) -> None:
    with world.work() as session:
        operations.take_step(session, world.campaign().id, action_id, step, actor="test", now=world.clock())


def advance(world: World, action_id: UUID, batch: int = operations.BATCH) -> bool:
    with world.work() as session:
        return operations.advance(session, action_id, now=world.clock(), batch=batch)


def work_off(world: World, action_id: UUID, batch: int = operations.BATCH) -> None:
    while advance(world, action_id, batch):
        pass


def decide(world: World, decision: Decision, rule: Rule) -> UUID:
    """Ask, count and apply."""
    action_id = ask(world, decision, rule)
    work_off(world, action_id)
    step(world, action_id, Step.APPLY)
    work_off(world, action_id)
    return action_id


def found(world: World, action_id: UUID) -> ActionFacts:
    with world.reading() as session:
        action = queries.find_action(session, world.campaign().id, action_id)
    assert action is not None
    return action


def gather(world: World) -> int:
    with world.work() as session:
        return jobs.gather_counts(session)


def count(world: World) -> Count:
    """The count after gathering; it is always what counting the rows gives."""
    gather(world)
    with world.reading() as session:
        told = signatures.count_of(session, world.campaign().id)
        assert told == signatures.recount(session, world.campaign().id)
    return told


def standing(world: World, ids: Sequence[UUID] = ()) -> dict[UUID, tuple[str, str]]:
    """State and review of each signature."""
    with world.reading() as session:
        rows = session.execute(select(Signature.id, Signature.state, Signature.review))
        return {row.id: (row.state, row.review) for row in rows if not ids or row.id in ids}
