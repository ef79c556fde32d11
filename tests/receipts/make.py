"""Builders for the receipts' tests: what a receipt says, and a subject whose money moves."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from campaigns.kernel.money import Money
from campaigns.receipts import operations
from campaigns.receipts.operations import Change
from campaigns.receipts.rules import Content, Issuer, Line
from tests.make import World

KIND = "gift of a test"
ISSUER = Issuer("Hub Workers e. V.", "hub@example.org", "America/New_York")
NOTHING = Money(0, "USD")


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def content(kept: int = 3000, given: int = 3000, disputed: int = 0, **changes: Any) -> Content:
    """What a receipt says of `kept` cents; what is missing and not `disputed` was refunded."""
    line = Line("Jo Hill and the hub", "Jo Hill's costs.", "Organizing at the hub.", "Hub Workers e. V.", usd(kept))
    whole = Content(
        issuer=ISSUER.legal_name, contact=ISSUER.contact, email="maria@example.org", name="", zone=ISSUER.zone,
        given_on=date(2026, 5, 4), given=usd(given), refunded=usd(given - kept - disputed), disputed=usd(disputed),
        reference="abc", language="en", lines=(line,) if kept > 0 else (),
    )  # fmt: skip
    return replace(whole, **changes)


def keep(world: World, kept: int, subject: UUID | None = None, **named: Any) -> Change:
    """Bring a subject's receipts into step, in a unit of work of its own."""
    with world.work() as session:
        return keep_in(session, world, kept, subject, **named)


def keep_in(session: Session, world: World, kept: int, subject: UUID | None = None, **named: Any) -> Change:
    said = content(kept, **named)
    return operations.keep_in_step(session, KIND, subject or uuid4(), usd(kept), said, world.clock())
