"""Builders: a tier, and somebody who joins."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from campaigns.membership import operations, receipting
from campaigns.membership.models import Dues
from campaigns.membership.operations import TierFields
from campaigns.membership.rules import DUES
from campaigns.receipts import queries
from campaigns.receipts.queries import ReceiptFacts
from tests.make import World
from tests.recurring.make import Months

LEE = "lee@example.org"


def make_tier(world: World, **changes: Any) -> UUID:
    """Set a tier of 15 dollars, for the general fund."""
    fields = {
        "name": "Standard", "words": "For everybody in work", "amount": "15", "currency": "USD", "fund_id": None,
        "is_open": True,
    }  # fmt: skip
    with world.work() as session:
        return operations.set_tier(
            session, None, TierFields(**fields | changes), recipient="Hub Workers e. V.", actor="test",
            now=world.clock(),
        )  # fmt: skip


@dataclass
class Union(Months):
    """A story of an organisation with members."""

    def ask(self, chosen: UUID, **changes: str) -> Any:
        fields = {"tier": str(chosen), "name": "Lee Park", "email": LEE}
        return self.world.client.post("/join", data=fields | changes)

    def join(self, tier: UUID, **changes: str) -> str:
        """Join, and pay the first month; return the provider's id of the subscription."""
        answer = self.ask(tier, **changes)
        assert answer.status_code == 303, answer.text
        session_id = str(answer.headers["Location"]).rpartition("/")[2]
        subscription_id = self.vendor.pay(session_id)
        self.tell("checkout.session", session_id)
        return subscription_id

    def month(self, subscription_id: str) -> str:
        """The provider's id of the newest month's invoice."""
        return self.vendor.subscriptions[subscription_id].latest_invoice_id or ""

    def issued(self) -> list[ReceiptFacts]:
        """Every receipt of dues, in the order of their numbers."""
        with self.world.reading() as session:
            ids = session.scalars(select(Dues.id)).all()
            found = queries.of_subjects(session, DUES, ids).values()
        return sorted((each for of in found for each in of), key=lambda each: (each.series, each.number))

    def prove(self) -> None:
        super().prove()
        with self.world.reading() as session:
            assert receipting.DUES.verify(session) == []
