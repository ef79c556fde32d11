"""Beginning a monthly gift: the row first, then the hosted page, then the row again."""

from dataclasses import dataclass

from campaigns.campaign.queries import CampaignFacts, FundFacts
from campaigns.db import Work
from campaigns.donations import monthly
from campaigns.donations.monthly import MonthlyGifts
from campaigns.donations.operations import GiftFields
from campaigns.kernel.clock import Clock
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

    def give(self, campaign: CampaignFacts, fund: FundFacts, fields: GiftFields, locale: str) -> str:
        """Promise a monthly gift and return the address of the hosted page on which its first month is paid.

        Raises AppealClosed, InvalidAmount, TooSmall, TooLarge, PaymentsUnavailable.
        """
        begun = self._promised(campaign, fund, fields)
        if begun.session_id:
            if page := self.recurring.still_open(begun.session_id):
                return page
            begun = self._promised(campaign, fund, fields)  # that one has had its end since: this is a new gift
        return self.recurring.open_page(begun, self._request(begun, campaign, fund, fields.email, locale))

    def _promised(self, campaign: CampaignFacts, fund: FundFacts, fields: GiftFields) -> Begun:
        with self.work() as session:
            return monthly.promise(session, campaign, fund, fields, now=self.clock())

    def _request(
        self, begun: Begun, campaign: CampaignFacts, fund: FundFacts, email: str, locale: str
    ) -> MonthlyRequest:
        return MonthlyRequest(
            reference=str(begun.id),
            idempotency_key=f"monthly:{begun.id}",
            line=CheckoutLine(fund.name[:MAX_PRODUCT_NAME], fund.purpose[:MAX_PRODUCT_NAME], begun.amount),
            email=email,
            success_url=self.links.monthly(begun.public_id),
            cancel_url=self.links.donate(campaign.slug),
            expires_at=begun.expires_at,
            locale=locale,
            metadata=self._metadata(begun),
            description=fund.name[:MAX_PRODUCT_NAME],
            submit="donate",
        )

    def _metadata(self, begun: Begun) -> dict[str, str]:
        with self.work() as session:
            found = queries.find(session, begun.id)
            assert found is not None  # it was promised a moment ago
            return self.gifts.metadata(session, found, begun.amount)
