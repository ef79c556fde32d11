"""Use-cases: make a member again whose row is lost, from what their subscription says at the provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.campaign.models import Fund, FundPurpose
from campaigns.kernel.money import Money
from campaigns.kernel.subscription_ports import RemoteSubscription
from campaigns.mailboxes import operations as mailboxes
from campaigns.membership.models import Member, MembershipTier
from campaigns.outbox.operations import insert_ignoring
from campaigns.payments.metadata import PAYMENT, SITE, MarkedLine, lines_from_metadata, lines_to_metadata
from campaigns.recurring.booking import RestoredMonthly


@dataclass(frozen=True, slots=True)
class Mark:
    """Whose dues a subscription pays. `site` is the installation's host, `membership` the public id."""

    payment: str
    membership: str
    member: UUID
    tier: UUID
    site: str
    line: MarkedLine


def to_metadata(mark: Mark) -> dict[str, str]:
    """Return what is written on the page and on the subscription alike."""
    ids = {"membership": mark.membership, "member": str(mark.member), "tier": str(mark.tier)}
    return {PAYMENT: mark.payment, SITE: mark.site} | ids | lines_to_metadata([mark.line])


def from_metadata(written: Mapping[str, str]) -> Mark | None:
    """Return the mark that `to_metadata` wrote; None where there is none, or part of it is gone or wrong."""
    try:
        member, tier = UUID(written["member"]), UUID(written["tier"])
        (line,) = lines_from_metadata(written)
        return Mark(written[PAYMENT], written["membership"], member, tier, written[SITE], line)
    except (KeyError, ValueError):
        return None


def restored(session: Session, remote: RemoteSubscription, email: str, site: str) -> RestoredMonthly | None:
    """Return the member who pays a subscription, made again unless they are there, without a name.

    None where the subscription is not this site's, or names a tier, a fund or a purpose that does not exist here.
    """
    mark, currency = from_metadata(remote.metadata), remote.amount.currency
    if mark is None or mark.site != site or not _is_known(session, mark, currency):
        return None
    values = {
        "id": mark.member, "tier_id": mark.tier, "purpose_id": mark.line.purpose_id, "email": email,
        "email_hash": mailboxes.hash_of(email) if email else None, "name": "", "created_at": remote.begun_at,
    }  # fmt: skip
    insert_ignoring(session, Member, values)
    return RestoredMonthly(mark.member, mark.membership, Money(mark.line.minor, currency))


def _is_known(session: Session, mark: Mark, currency: str) -> bool:
    """A member keeps the fund they joined under, whatever their tier names today; currencies never mix."""
    tier = session.get(MembershipTier, mark.tier)
    purpose = (
        select(FundPurpose.id)
        .join(Fund, Fund.id == FundPurpose.fund_id)
        .where(FundPurpose.id == mark.line.purpose_id, Fund.id == mark.line.fund_id, Fund.currency == currency)
    )
    return tier is not None and tier.currency == currency and session.scalars(purpose).first() is not None
