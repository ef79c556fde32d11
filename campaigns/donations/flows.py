"""Giving: the row first, then the hosted page, then the row again. No transaction waits for the provider."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from campaigns.campaign.queries import CampaignFacts, FundFacts
from campaigns.db import Work
from campaigns.donations import metadata, operations, queries, rules
from campaigns.donations.beginning import GivingMonthly
from campaigns.donations.metadata import Mark
from campaigns.donations.operations import GiftFields, Promise
from campaigns.donations.queries import Gift, GiftLine
from campaigns.kernel.clock import Clock
from campaigns.kernel.fees import CardFee
from campaigns.kernel.ports import Checkout, CheckoutLine, CheckoutRequest, PaymentsUnavailable
from campaigns.links import Links
from campaigns.payments import operations as payments
from campaigns.payments.flows import Payments
from campaigns.payments.metadata import MarkedLine

UNDECIDED = frozenset({"pre", "open", "processing", "failed", "expired"})
# What the payment page shows of a line without cutting it off by itself. Ours: Stripe states no limit.
MAX_PRODUCT_NAME, MAX_DESCRIPTION = 200, 500


@dataclass(frozen=True, slots=True)
class PageWords:
    """What the payment page says in the giver's language: of who receives a line, and of the line for the fee."""

    recipient: Callable[[str], str]
    fee_cover: str


@dataclass(frozen=True, slots=True)
class Giving:
    """The giving flows with what the factory hands them."""

    work: Work
    checkout: Checkout
    payments: Payments
    links: Links
    clock: Clock
    monthly: GivingMonthly
    fee: CardFee

    def give(self, campaign: CampaignFacts, funds: Sequence[FundFacts], fields: GiftFields, words: PageWords) -> str:
        """Promise a gift and return the address of the hosted page on which it is paid.

        Raises what `operations.promise` raises, and PaymentsUnavailable.
        """
        if fields.frequency == rules.MONTHLY:
            return self.monthly.give(campaign, funds, fields, self.fee)
        promise = self._promised(campaign, funds, fields)
        if promise.session_id:
            if page := self._still_open(promise.session_id):
                return page
            promise = self._promised(campaign, funds, fields)  # that one has had its end since: this is a new gift
        remote = self.checkout.open_session(self._request(promise, campaign, fields, words))
        with self.work() as session:
            payments.opened(session, promise.payment_id, remote)
        if remote.url is None:
            raise PaymentsUnavailable("the session has no page")
        return remote.url

    def _promised(self, campaign: CampaignFacts, funds: Sequence[FundFacts], fields: GiftFields) -> Promise:
        with self.work() as session:
            return operations.promise(session, campaign, funds, fields, self.fee, now=self.clock())

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
        self, promise: Promise, campaign: CampaignFacts, fields: GiftFields, words: PageWords
    ) -> CheckoutRequest:
        page = self.links.donation(promise.public_id)
        return CheckoutRequest(
            reference=str(promise.payment_id),
            idempotency_key=f"payment:{promise.payment_id}",
            lines=[_checkout_line(line, words) for line in promise.lines],
            email=fields.email,
            success_url=page,
            cancel_url=self.links.donate(campaign.slug, fields.source),
            expires_at=promise.expires_at,
            locale=fields.language or "auto",
            metadata=metadata.to_metadata(self._mark(promise, campaign)),
            descriptor=promise.descriptor,
        )

    def _mark(self, promise: Promise, campaign: CampaignFacts) -> Mark:
        lines = tuple(MarkedLine(line.fund_id, line.purpose_id, line.amount.minor, line.kind) for line in promise.lines)
        return Mark(str(promise.payment_id), promise.public_id, campaign.id, self.links.site, lines)

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


def _checkout_line(line: GiftLine, words: PageWords) -> CheckoutLine:
    """Return a line as the payment page shows it: the earmark first, then who receives it, taxes, and what is left."""
    if line.is_fee_cover:
        return CheckoutLine(words.fee_cover[:MAX_PRODUCT_NAME], line.purpose[:MAX_DESCRIPTION], line.amount)
    said = [line.purpose, words.recipient(line.recipient), line.tax, line.beyond]
    return CheckoutLine(_short(line.fund_name, MAX_PRODUCT_NAME), _short(" · ".join(filter(None, said))), line.amount)


def _short(text: str, longest: int = MAX_DESCRIPTION) -> str:
    """Cut between two words."""
    return text if len(text) <= longest else f"{text[: longest - 1].rpartition(' ')[0] or text[: longest - 1]}…"
