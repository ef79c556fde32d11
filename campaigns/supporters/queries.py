"""Reads: all that stands under one address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.campaign import queries as campaigns
from campaigns.campaign.queries import CampaignFacts
from campaigns.coalition import queries as coalition
from campaigns.coalition.queries import OptIn
from campaigns.deliveries import queries as deliveries
from campaigns.deliveries.queries import OnList
from campaigns.donations import months
from campaigns.donations import queries as donations
from campaigns.donations.months import OwnMonthly
from campaigns.donations.queries import OwnGift
from campaigns.donations.rules import KIND
from campaigns.mailboxes import queries as mailboxes
from campaigns.membership import queries as membership
from campaigns.membership.queries import OwnMembership
from campaigns.membership.rules import DUES
from campaigns.receipts import queries as receipts
from campaigns.receipts.queries import ReceiptFacts
from campaigns.recurring import queries as recurring
from campaigns.recurring.queries import Asked
from campaigns.signatures import overviews as signatures
from campaigns.signatures.overviews import OwnSignature
from campaigns.subscriptions import queries as subscriptions
from campaigns.subscriptions.queries import OwnNews


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature with the lists it stands on."""

    signature: OwnSignature
    lists: tuple[OnList, ...]
    campaign: CampaignFacts
    deleted_on: datetime | None
    opt_in: OptIn | None

    @property
    def is_corrected(self) -> bool:
        """Whether the text was corrected since it was signed."""
        return self.campaign.version_number > self.signature.version


@dataclass(frozen=True, slots=True)
class Supporter:
    """Somebody who opened the link to their own page."""

    email_hash: bytes
    expires_at: datetime
    signed: tuple[Signed, ...]
    gifts: tuple[OwnGift, ...]
    news: tuple[OwnNews, ...]
    every_monthly: tuple[OwnMonthly, ...] = ()  # those too that never began
    every_membership: tuple[OwnMembership, ...] = ()
    receipts: Mapping[UUID, Sequence[ReceiptFacts]] = field(default_factory=dict)  # by the id of gift or month
    asked: Mapping[UUID, Sequence[Asked]] = field(default_factory=dict)  # by the id of what is paid each month

    @property
    def monthly(self) -> list[OwnMonthly]:
        """The monthly gifts that have begun."""
        return [own for own in self.every_monthly if own.monthly.has_begun]

    @property
    def memberships(self) -> list[OwnMembership]:
        """The memberships that have begun."""
        return [own for own in self.every_membership if own.monthly.has_begun]

    @property
    def email(self) -> str:
        """The address as it was last typed; empty where none is kept."""
        written = [each.signature.email for each in self.signed]
        written += [own.email for own in self.gifts] + [own.email for own in self.news]
        written += [own.email for own in self.every_monthly] + [own.email for own in self.every_membership]
        return next((email for email in written if email), "")

    @property
    def has_paid_dues(self) -> bool:
        """Whether a month of dues was ever paid under the address."""
        return any(own.paid for own in self.memberships)

    @property
    def gets_mails(self) -> bool:
        """Whether news is sent to this address."""
        return bool(self.news) or any(each.signature.wants_updates for each in self.signed)

    @property
    def is_known(self) -> bool:
        """Whether anything stands under the address."""
        return bool(self.signed or self.gifts or self.news or self.every_monthly or self.every_membership)


def behind_link(session: Session, secret: str, now: datetime) -> Supporter | None:
    """Return who may open the page with `secret`, or None where the link is unknown or too old."""
    opened = mailboxes.opened_by(session, secret, now)
    return of_mailbox(session, opened.email_hash, opened.expires_at, now) if opened else None


def of_mailbox(session: Session, email_hash: bytes, expires_at: datetime, now: datetime) -> Supporter:
    """Return all that stands under an address."""
    opt_ins = coalition.opt_ins_of(session, email_hash)
    own = signatures.of_mailbox(session, email_hash)
    signed = tuple(_signed(session, each, opt_ins.get(each.id), now) for each in own)
    gifts, news = donations.of_mailbox(session, email_hash), subscriptions.of_mailbox(session, email_hash)
    given, joined = months.of_mailbox(session, email_hash), membership.of_mailbox(session, email_hash)
    months_paid = [month.id for own in joined for month in own.paid]
    numbered = receipts.of_subjects(session, KIND, [each.gift.id for each in gifts]) if gifts else {}
    numbered |= receipts.of_subjects(session, DUES, months_paid) if months_paid else {}
    standing = [own.monthly for own in given] + [own.monthly for own in joined]
    asked = {monthly.id: recurring.asked_of(session, monthly) for monthly in standing}
    return Supporter(
        email_hash, expires_at, signed, tuple(gifts), tuple(news), tuple(given), tuple(joined), numbered, asked
    )


def _signed(session: Session, own: OwnSignature, opt_in: OptIn | None, now: datetime) -> Signed:
    campaign = campaigns.find_by_slug(session, own.campaign_slug, now)
    assert campaign is not None  # a foreign key holds it
    lists = tuple(deliveries.lists_with(session, own.id))
    return Signed(own, lists, campaign, deliveries.anonymised_on(session, campaign), opt_in)
