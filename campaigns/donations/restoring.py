"""Use-cases: make a gift again whose row is lost, from what its session or subscription says at the provider."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.campaign.models import Campaign, Fund, FundPurpose
from campaigns.db.sealing import fingerprint
from campaigns.donations import metadata
from campaigns.donations.metadata import Mark
from campaigns.donations.models import Donation, DonationLine, MonthlyGift, MonthlyGiftLine
from campaigns.kernel.ids import PUBLIC_ID_BYTES, derived_id, row_id
from campaigns.kernel.money import Money
from campaigns.kernel.ports import RemoteSession
from campaigns.kernel.subscription_ports import RemoteSubscription
from campaigns.mailboxes import operations as mailboxes
from campaigns.outbox.operations import insert_ignoring
from campaigns.payments.booking import Restored
from campaigns.recurring.booking import RestoredMonthly

LANGUAGE = "language"  # of the page a monthly gift was promised on: beside its mark


def restored(session: Session, remote: RemoteSession, site: str, now: datetime) -> Restored | None:
    """Return the gift of a paid session, made again unless it is there.

    A session whose gift is there under another payment was a second payment: that becomes a gift of its own. None where
    the session is not this site's, or names a fund or a purpose that does not exist here.
    """
    mark = metadata.from_metadata(remote.metadata)
    if mark is None or mark.site != site or not _is_known(session, mark, remote.total.currency):
        return None
    gift_id = derived_id(fingerprint("restored gift", remote.id))
    amount = Money(sum(line.minor for line in mark.lines), remote.total.currency)
    is_lost = session.scalars(select(Donation.id).where(Donation.public_id == mark.donation)).first() in (None, gift_id)
    public_id = mark.donation if is_lost else _another(remote.id)
    if insert_ignoring(session, Donation, _values(gift_id, public_id, mark, amount, remote, now)):
        _add_lines(session, gift_id, mark, now)
    return Restored(gift_id, amount)


def _is_known(session: Session, mark: Mark, currency: str) -> bool:
    """The lines of one gift are all in the currency of its funds, and each under a purpose of its fund."""
    if session.get(Campaign, mark.campaign) is None:
        return False
    pairs = {(line.fund_id, line.purpose_id) for line in mark.lines}
    rows = session.execute(
        select(Fund.id, FundPurpose.id)
        .join(FundPurpose, FundPurpose.fund_id == Fund.id)
        .where(FundPurpose.id.in_([purpose for _, purpose in pairs]), Fund.currency == currency)
    )
    return {(fund, purpose) for fund, purpose in rows} == pairs


def _another(session_id: str) -> str:
    return urlsafe_b64encode(fingerprint("public id", session_id)[:PUBLIC_ID_BYTES]).decode()


def _values(
    gift_id: UUID, public_id: str, mark: Mark, amount: Money, remote: RemoteSession, now: datetime
) -> dict[str, object]:
    return {
        "id": gift_id, "public_id": public_id, "campaign_id": mark.campaign, "amount_minor": amount.minor,
        "currency": amount.currency, "email": remote.email,
        "email_hash": mailboxes.hash_of(remote.email) if remote.email else None, "show_name": False,
        "created_at": remote.charge.created_at if remote.charge else now,
    }  # fmt: skip


def _add_lines(session: Session, gift_id: UUID, mark: Mark, now: datetime) -> None:
    session.add_all(DonationLine(donation_id=gift_id, **values) for values in _lines(mark, now))
    session.flush()


def _lines(mark: Mark, now: datetime) -> Iterator[dict[str, Any]]:
    """Return what each line of a gift, of once or of every month, has from its mark."""
    for place, line in enumerate(mark.lines):
        yield {
            "id": row_id(now), "fund_id": line.fund_id, "purpose_id": line.purpose_id, "amount_minor": line.minor,
            "kind": line.kind, "position": place,
        }  # fmt: skip


def restored_monthly(
    session: Session, remote: RemoteSubscription, email: str, site: str, now: datetime
) -> RestoredMonthly | None:
    """Return the monthly gift of a subscription, made again unless it is there, without name and message.

    None where the subscription is not this site's, or names a fund or a purpose that does not exist here.
    """
    mark = metadata.from_metadata(remote.metadata)
    if mark is None or mark.site != site:
        return None
    weights = replace(mark, lines=metadata.weights_from_metadata(remote.metadata))
    if not all(_is_known(session, each, remote.amount.currency) for each in (mark, weights)):
        return None
    gift_id = derived_id(fingerprint("restored monthly gift", mark.payment))
    values = {
        "id": gift_id, "campaign_id": mark.campaign, "email": email,
        "email_hash": mailboxes.hash_of(email) if email else None, "show_name": False,
        "language": remote.metadata.get(LANGUAGE), "created_at": remote.begun_at,
    }  # fmt: skip
    if insert_ignoring(session, MonthlyGift, values):
        _add_monthly_lines(session, gift_id, weights, now)
    amount = Money(sum(line.minor for line in mark.lines), remote.amount.currency)
    return RestoredMonthly(gift_id, mark.donation, amount)


def _add_monthly_lines(session: Session, gift_id: UUID, mark: Mark, now: datetime) -> None:
    session.add_all(MonthlyGiftLine(monthly_gift_id=gift_id, **values) for values in _lines(mark, now))
    session.flush()
