"""Joining: the row first, then the hosted page, then the row again."""

from dataclasses import dataclass
from uuid import UUID

from campaigns.db import Work
from campaigns.kernel.clock import Clock
from campaigns.kernel.ports import CheckoutLine
from campaigns.kernel.subscription_ports import MonthlyRequest
from campaigns.links import Links
from campaigns.membership import operations
from campaigns.membership.booking import Memberships
from campaigns.membership.operations import JoinFields
from campaigns.membership.queries import Tier
from campaigns.recurring import queries
from campaigns.recurring.flows import Recurring
from campaigns.recurring.operations import Begun
from campaigns.signatures.rules import carried

MAX_PRODUCT_NAME = 200


@dataclass(frozen=True, slots=True)
class Joining:
    """The flow of joining with what the factory hands it."""

    work: Work
    recurring: Recurring
    memberships: Memberships
    links: Links
    clock: Clock

    def join(self, tier_id: UUID, fields: JoinFields, locale: str) -> str:
        """Return the address of the hosted page on which the first month is paid.

        Raises NoSuchTier, PaymentsUnavailable.
        """
        tier, begun = self._joined(tier_id, fields)
        if begun.session_id:
            if page := self.recurring.still_open(begun.session_id):
                return page
            tier, begun = self._joined(tier_id, fields)  # that one has had its end since
        return self.recurring.open_page(begun, self._request(begun, tier, fields, locale))

    def _joined(self, tier_id: UUID, fields: JoinFields) -> tuple[Tier, Begun]:
        with self.work() as session:
            return operations.join(session, tier_id, fields, now=self.clock())

    def _request(self, begun: Begun, tier: Tier, fields: JoinFields, locale: str) -> MonthlyRequest:
        with self.work() as session:
            found = queries.find(session, begun.id)
            assert found is not None  # it was begun a moment ago
            metadata = self.memberships.metadata(session, found, begun.amount)
        return MonthlyRequest(
            reference=str(begun.id),
            idempotency_key=f"monthly:{begun.id}",
            line=CheckoutLine(tier.name, tier.purpose[:MAX_PRODUCT_NAME], begun.amount),
            email=fields.email,
            success_url=self.links.monthly(begun.public_id),
            cancel_url=carried(self.links.join, fields.source),
            expires_at=begun.expires_at,
            locale=locale,
            metadata=metadata,
            description=tier.name,
            submit="subscribe",
        )
