"""Use-cases: make, change, close and open a fund."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.campaign import operations as campaigns
from campaigns.campaign.models import Fund
from campaigns.campaign.operations import FundFields
from campaigns.kernel.errors import NotFound


class NoSuchFund(NotFound):
    """There is no fund at this address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FundTerms:
    """A fund as a treasurer writes it. Limits in minor units, None for those of cards; `descriptor` may be empty."""

    fields: FundFields
    least_minor: int | None = None
    most_minor: int | None = None
    descriptor: str = ""


def add(session: Session, campaign_id: UUID, terms: FundTerms, *, actor: str, now: datetime) -> UUID:
    """Add an open fund to a campaign, with the general fund of its currency where there is none; return its id."""
    campaigns.ensure_general_fund(session, terms.fields.currency, terms.fields.recipient, now)
    fund_id = campaigns.add_fund(session, campaign_id, terms.fields, now)
    assert fund_id is not None  # only a general fund can be there already
    _set_terms(_row(session, fund_id), terms)
    audit.record(session, actor, "fund.made", str(fund_id), now=now, campaign=str(campaign_id))
    return fund_id


def change(session: Session, fund_id: UUID, terms: FundTerms, *, actor: str, now: datetime) -> None:
    """Save a treasurer's changes; other words are a new version, and gifts keep theirs. Raises NoSuchFund."""
    row = _row(session, fund_id)
    campaigns.write_fund(session, row, terms.fields, now)
    _set_terms(row, terms)
    audit.record(session, actor, "fund.changed", str(fund_id), now=now)


def switch(session: Session, fund_id: UUID, *, is_open: bool, actor: str, now: datetime) -> None:
    """Let a fund take gifts, or no more; twice is harmless. Raises NoSuchFund."""
    row = _row(session, fund_id)
    if row.is_open != is_open:
        row.is_open = is_open
        audit.record(session, actor, "fund.opened" if is_open else "fund.closed", str(fund_id), now=now)


def _set_terms(row: Fund, terms: FundTerms) -> None:
    row.least_minor, row.most_minor, row.descriptor = terms.least_minor, terms.most_minor, terms.descriptor or None


def _row(session: Session, fund_id: UUID) -> Fund:
    """Return the fund, locked: two windows that save at once come one after the other."""
    wanted = select(Fund).where(Fund.id == fund_id).with_for_update()
    row = session.scalars(wanted, execution_options={"populate_existing": True}).first()
    if row is None:
        raise NoSuchFund
    return row
