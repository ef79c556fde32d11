"""Beginning a monthly gift: the row first, then the hosted page, then the row again."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.campaign.queries import CampaignFacts, FundFacts
from campaigns.db import Work
from campaigns.donations import monthly
from campaigns.donations.monthly import MonthlyGifts
from campaigns.donations.operations import GiftFields
from campaigns.kernel.clock import Clock
from campaigns.kernel.fees import CardFee
from campaigns.kernel.ports import CheckoutLine
from campaigns.kernel.subscription_ports import MonthlyRequest
from campaigns.links import Links
from campaigns.recurring import queries
from campaigns.recurring.flows import Recurring
from campaigns.recurring.operations import Begun

MAX_PRODUCT_NAME = 200


@dataclass(frozen=True, slots=True)
class GivingMonthly:
    """The flow of beginning to give each month, with what the factory hands it."""

    work: Work
    recurring: Recurring
    gifts: MonthlyGifts
    links: Links
    clock: Clock

    def give(self, campaign: CampaignFacts, funds: Sequence[FundFacts], fields: GiftFields, fee: CardFee) -> str:
        """Promise a monthly gift and return the address of the hosted page on which its first month is paid.

        Raises what `monthly.promise` raises, and PaymentsUnavailable.
        """
        begun = self._promised(campaign, funds, fields, fee)
        if begun.session_id:
            if page := self.recurring.still_open(begun.session_id):
                return page
            begun = self._promised(campaign, funds, fields, fee)  # that one has had its end since: this is a new gift
        return self.recurring.open_page(begun, self._request(begun, campaign, fields))

    def _promised(self, campaign: CampaignFacts, funds: Sequence[FundFacts], fields: GiftFields, fee: CardFee) -> Begun:
        with self.work() as session:
            return monthly.promise(session, campaign, funds, fields, fee, now=self.clock())

    def _request(self, begun: Begun, campaign: CampaignFacts, fields: GiftFields) -> MonthlyRequest:
        with self.work() as session:
            about = self.gifts.about(session, begun.subject_id)
        title = about.title[:MAX_PRODUCT_NAME]
        said = " · ".join(sentence for _, sentence, _ in about.lines)[:MAX_PRODUCT_NAME]
        return MonthlyRequest(
            reference=str(begun.id),
            idempotency_key=f"monthly:{begun.id}",
            line=CheckoutLine(title, said, begun.amount),
            email=fields.email,
            success_url=self.links.monthly(begun.public_id),
            cancel_url=self.links.donate(campaign.slug, fields.source),
            expires_at=begun.expires_at,
            locale=fields.language or "auto",
            metadata=self._metadata(begun),
            description=title,
            submit="donate",
        )

    def _metadata(self, begun: Begun) -> dict[str, str]:
        with self.work() as session:
            found = queries.find(session, begun.id)
            assert found is not None  # it was promised a moment ago
            return self.gifts.metadata(session, found, begun.amount)
