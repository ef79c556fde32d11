"""The part of the composition that is about what is paid each month: who it is for, its mails and its jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from campaigns import vendors
from campaigns.donations import monthly, receipting
from campaigns.donations.beginning import GivingMonthly
from campaigns.donations.months import KIND
from campaigns.kernel.ports import Message, Payload
from campaigns.kernel.subscription_ports import Subscriptions
from campaigns.links import Links
from campaigns.membership import booking as membership_booking
from campaigns.membership import desk as membership_desk
from campaigns.membership import erasing as membership_erasing
from campaigns.membership import receipting as membership_receipting
from campaigns.membership import rules as membership_rules
from campaigns.membership import views as membership_views
from campaigns.membership.flows import Joining
from campaigns.payments.booking import PaymentHandler
from campaigns.receipts.flows import Receipts
from campaigns.receipts.rules import Issuer
from campaigns.recurring import emails as recurring_emails
from campaigns.recurring import views as recurring_views
from campaigns.recurring.booking import PeriodHandler
from campaigns.recurring.flows import Recurring
from campaigns.web.context import Services

DOORS = (recurring_views, membership_views, membership_desk)
EMPTYING = (monthly.empty_old, membership_erasing.empty_old, membership_erasing.empty_receipts)
NUMBERING = {"donations.number": receipting.GIFTS.catch_up, "membership.number": membership_receipting.DUES.catch_up}


@dataclass(frozen=True, slots=True)
class Months:
    """The flows of what is paid each month."""

    recurring: Recurring
    giving: GivingMonthly
    joining: Joining

    def install(self, extensions: dict[str, Any]) -> None:
        """Put them where the doors find them."""
        extensions[recurring_views.EXTENSION] = self.recurring
        extensions[membership_views.EXTENSION] = self.joining


def handlers(issuer: Issuer) -> dict[str, PaymentHandler]:
    """Return who books the months that are no gifts; gifts are the donations' own."""
    return {membership_rules.DUES: membership_booking.DuesPayments(issuer)}


def months(services: Services, vendor: Subscriptions | None, paying: dict[str, PaymentHandler]) -> Months:
    """Return the flows; `vendor` is None where the settings name the real one."""
    settings, clock, work, links = services.settings, services.clock, services.work, services.links
    site = urlsplit(settings.site_url).netloc
    gifts, members = monthly.MonthlyGifts(site), membership_booking.Memberships(site)
    periods: dict[str, PeriodHandler] = {KIND: gifts, membership_rules.KIND: members}
    recurring = Recurring(work, vendor or vendors.subscriptions(settings), periods, paying, clock, settings.livemode)
    giving = GivingMonthly(work, recurring, gifts, links, clock)
    return Months(recurring, giving, Joining(work, recurring, members, links, clock))


def mails(links: Links, legal_name: str) -> dict[str, Callable[[Payload], Message]]:
    """Return who writes each mail, by its kind."""
    return recurring_emails.builders(links, legal_name)


def receipt_mails(receipts: Receipts) -> dict[str, Callable[[Payload], Message]]:
    """Return who writes each mail about a receipt, by its kind."""
    return receipts.mails(receipting.MAILS) | receipts.mails(membership_receipting.MAILS)
