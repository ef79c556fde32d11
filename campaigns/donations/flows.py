"""Giving: the row first, then the hosted page, then the row again. No transaction waits for the provider."""

from dataclasses import dataclass

from campaigns.campaign.queries import CampaignFacts, FundFacts
from campaigns.db import Work
from campaigns.donations import metadata, operations, queries, rules
from campaigns.donations.beginning import GivingMonthly
from campaigns.donations.metadata import Mark, MarkedLine
from campaigns.donations.operations import GiftFields, Promise
from campaigns.donations.queries import Gift
from campaigns.kernel.clock import Clock
from campaigns.kernel.ports import Checkout, CheckoutLine, CheckoutRequest, PaymentsUnavailable
from campaigns.links import Links
from campaigns.payments import operations as payments
from campaigns.payments.flows import Payments

UNDECIDED = frozenset({"pre", "open", "processing", "failed"})
MAX_PRODUCT_NAME = 200


@dataclass(frozen=True, slots=True)
class Giving:
    """The giving flows with what the factory hands them."""

    work: Work
    checkout: Checkout
    payments: Payments
    links: Links
    clock: Clock
    monthly: GivingMonthly

    def give(self, campaign: CampaignFacts, fund: FundFacts, fields: GiftFields, locale: str) -> str:
        """Promise a gift and return the address of the hosted page on which it is paid.

        Raises AppealClosed, InvalidAmount, TooSmall, TooLarge, PaymentsUnavailable.
        """
        if fields.frequency == rules.MONTHLY:
            return self.monthly.give(campaign, fund, fields, locale)
        promise = self._promised(campaign, fund, fields)
        if promise.session_id:
            if page := self._still_open(promise.session_id):
                return page
            promise = self._promised(campaign, fund, fields)  # that one has had its end since: this is a new gift
        remote = self.checkout.open_session(self._request(promise, campaign, fund, fields.email, locale))
        with self.work() as session:
            payments.opened(session, promise.payment_id, remote)
        if remote.url is None:
            raise PaymentsUnavailable("the session has no page")
        return remote.url

    def _promised(self, campaign: CampaignFacts, fund: FundFacts, fields: GiftFields) -> Promise:
        with self.work() as session:
            return operations.promise(session, campaign, fund, fields, now=self.clock())

    def _still_open(self, session_id: str) -> str | None:
        """Return the address of a page that was opened before; None where it has had its end, which is taken in."""
        try:
            remote = self.checkout.fetch_session(session_id)
        except LookupError as unknown:
            raise PaymentsUnavailable("the session is not known") from unknown
        if remote.status == "open":
            return remote.url
        self.payments.sync(session_id)
        return None

    def _request(
        self, promise: Promise, campaign: CampaignFacts, fund: FundFacts, email: str, locale: str
    ) -> CheckoutRequest:
        page = self.links.donation(promise.public_id)
        return CheckoutRequest(
            reference=str(promise.payment_id),
            idempotency_key=f"payment:{promise.payment_id}",
            lines=[CheckoutLine(fund.name[:MAX_PRODUCT_NAME], fund.purpose[:MAX_PRODUCT_NAME], promise.amount)],
            email=email,
            success_url=page,
            cancel_url=self.links.donate(campaign.slug),
            expires_at=promise.expires_at,
            locale=locale,
            metadata=metadata.to_metadata(self._mark(promise, campaign, fund)),
        )

    def _mark(self, promise: Promise, campaign: CampaignFacts, fund: FundFacts) -> Mark:
        line = MarkedLine(fund.id, fund.purpose_id, promise.amount.minor)
        return Mark(str(promise.payment_id), promise.public_id, campaign.id, self.links.site, (line,))

    def look_up(self, public_id: str, *, may_write: bool = True) -> Gift | None:
        """Return a gift, asking the provider first where its end is not known yet.

        The page is right whether or not a webhook has come; when the provider is away, or `may_write` is false, it
        shows what we know.
        """
        gift = self._find(public_id)
        if gift is None or gift.session_id is None or gift.state not in UNDECIDED or not may_write:
            return gift
        try:
            self.payments.sync(gift.session_id)
        except PaymentsUnavailable:
            return gift
        return self._find(public_id)

    def _find(self, public_id: str) -> Gift | None:
        with self.work() as session:
            return queries.find(session, public_id)
