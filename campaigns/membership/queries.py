"""Reads of tiers, members and dues."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.campaign.models import Fund, FundPurpose
from campaigns.kernel.money import Money
from campaigns.membership.models import Dues, Member, MembershipTier
from campaigns.membership.rules import KIND, SHOWN
from campaigns.recurring import queries as standing
from campaigns.recurring.models import PaymentSubscription
from campaigns.recurring.queries import Monthly


@dataclass(frozen=True, slots=True)
class Tier:
    """What a month of membership costs, and the fund that has it, in its newest words."""

    id: UUID
    name: str
    words: str
    amount: Money
    is_open: bool
    fund_id: UUID
    fund_name: str
    purpose_id: UUID
    purpose: str
    recipient: str
    fees_borne_by_general: bool


def tiers(session: Session, *, open_only: bool = False) -> list[Tier]:
    """Return the tiers, the cheapest of each currency first."""
    where = [MembershipTier.is_open.is_(True), Fund.is_open.is_(True)] if open_only else []
    return _tiers(session, *where)


def find_tier(session: Session, tier_id: UUID) -> Tier | None:
    """Return one tier, or None."""
    found = _tiers(session, MembershipTier.id == tier_id)
    return found[0] if found else None


def has_members(session: Session, tier_id: UUID) -> bool:
    """Say whether anybody joined, or began to, in a tier."""
    return session.scalars(select(Member.id).where(Member.tier_id == tier_id).limit(1)).first() is not None


def _tiers(session: Session, *where: Any) -> list[Tier]:
    newer = select(FundPurpose.number).where(FundPurpose.fund_id == Fund.id)
    latest = newer.order_by(FundPurpose.number.desc()).limit(1).correlate(Fund).scalar_subquery()
    rows = session.execute(
        select(MembershipTier, Fund, FundPurpose)
        .join(Fund, Fund.id == MembershipTier.fund_id)
        .join(FundPurpose, (FundPurpose.fund_id == Fund.id) & (FundPurpose.number == latest))
        .where(*where)
        .order_by(MembershipTier.currency, MembershipTier.amount_minor, MembershipTier.id)
    )
    return [
        Tier(tier.id, tier.name, tier.words, Money(tier.amount_minor, tier.currency), tier.is_open, fund.id, fund.name,
             purpose.id, purpose.sentence, purpose.recipient, fund.fees_borne_by == "general")
        for tier, fund, purpose in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member as the desk sees them."""

    id: UUID
    name: str
    email: str
    tier: str
    amount: Money
    state: str
    since: datetime
    paid_until: datetime | None
    ended_at: datetime | None
    source: str


def members(session: Session, state: str = "", *, offset: int = 0, limit: int | None = None) -> list[MemberRow]:
    """Return those who joined, the newest first; `state` is one of SHOWN, or nothing for all. Who is erased is not."""
    rows = session.execute(
        _joined(Member, MembershipTier.name, PaymentSubscription)
        .where(PaymentSubscription.state.in_([state] if state else SHOWN))
        .order_by(Member.created_at.desc(), Member.id)
        .offset(offset)
        .limit(limit)
    )
    return [
        MemberRow(
            member.id, member.name, member.email, tier, Money(paying.amount_minor, paying.currency), paying.state,
            paying.started_at or member.created_at, paying.period_end, paying.ended_at, member.source or "",
        )
        for member, tier, paying in rows
    ]  # fmt: skip


def tallies(session: Session) -> dict[str, int]:
    """Return how many members are in each state."""
    rows = session.execute(
        _joined(PaymentSubscription.state, func.count())
        .where(PaymentSubscription.state.in_(SHOWN))
        .group_by(PaymentSubscription.state)
    )
    return {str(state): int(number) for state, number in rows}


def _joined(*columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(Member)
        .join(MembershipTier, MembershipTier.id == Member.tier_id)
        .join(PaymentSubscription, PaymentSubscription.subject_id == Member.id)
        .where(PaymentSubscription.kind == KIND, Member.erased_at.is_(None))
    )


def has_paid(session: Session, email_hash: bytes) -> bool:
    """Say whether dues were paid under this address before."""
    query = select(Dues.id).join(Member, Member.id == Dues.member_id).where(Member.email_hash == email_hash).limit(1)
    return session.execute(query).first() is not None


@dataclass(frozen=True, slots=True)
class DuesFacts:
    """One month of dues with the earmark it was paid under."""

    public_id: str
    member_id: UUID
    email: str
    name: str
    tier: str
    fund_id: UUID
    fund_name: str
    fees_borne_by_general: bool
    purpose: str
    beyond: str
    recipient: str
    tax: str
    amount: Money


def dues(session: Session, dues_id: UUID) -> DuesFacts:
    """Return a month that was paid."""
    found, member, tier, fund, purpose = session.execute(
        select(Dues, Member, MembershipTier.name, Fund, FundPurpose)
        .join(Member, Member.id == Dues.member_id)
        .join(MembershipTier, MembershipTier.id == Member.tier_id)
        .join(Fund, Fund.id == Dues.fund_id)
        .join(FundPurpose, FundPurpose.id == Dues.purpose_id)
        .where(Dues.id == dues_id)
    ).one()
    return DuesFacts(
        found.public_id, member.id, member.email, member.name, tier, fund.id, fund.name,
        fund.fees_borne_by == "general", purpose.sentence, purpose.beyond, purpose.recipient, purpose.tax or "",
        Money(found.amount_minor, found.currency),
    )  # fmt: skip


def months_of(session: Session, member_id: UUID) -> int:
    """Return how many months a member has paid."""
    return session.scalar(select(func.count()).where(Dues.member_id == member_id)) or 0


@dataclass(frozen=True, slots=True)
class OwnMonth:
    """One paid month as the member sees it."""

    id: UUID
    public_id: str
    at: datetime
    amount: Money
    fund_name: str
    purpose: str


@dataclass(frozen=True, slots=True)
class OwnMembership:
    """A membership as the member sees it."""

    monthly: Monthly
    tier: str
    name: str
    email: str
    created_at: datetime
    paid: tuple[OwnMonth, ...]
    source: str


def of_mailbox(session: Session, email_hash: bytes) -> list[OwnMembership]:
    """Return every membership under an address, begun or not, the newest first. For its owner alone."""
    rows: Sequence[Any] = session.execute(
        select(Member, MembershipTier.name)
        .join(MembershipTier, MembershipTier.id == Member.tier_id)
        .where(Member.email_hash == email_hash)
        .order_by(Member.created_at.desc(), Member.id)
    ).all()
    found = standing.of_subjects(session, KIND, [member.id for member, _ in rows])
    return [
        OwnMembership(
            found[member.id], tier, member.name, member.email, member.created_at, _paid(session, member.id),
            member.source or "",
        )
        for member, tier in rows
    ]  # fmt: skip


def _paid(session: Session, member_id: UUID) -> tuple[OwnMonth, ...]:
    rows = session.execute(
        select(Dues, Fund.name, FundPurpose.sentence)
        .join(Fund, Fund.id == Dues.fund_id)
        .join(FundPurpose, FundPurpose.id == Dues.purpose_id)
        .where(Dues.member_id == member_id)
        .order_by(Dues.created_at.desc())
    )
    return tuple(
        OwnMonth(row.id, row.public_id, row.created_at, Money(row.amount_minor, row.currency), fund, purpose)
        for row, fund, purpose in rows
    )
