"""Use-cases: set a tier, join."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.campaign import queries as campaigns
from campaigns.campaign.operations import ensure_general_fund
from campaigns.db.sealing import fingerprint
from campaigns.gate import operations as gate
from campaigns.gate.rules import Visit
from campaigns.kernel.errors import InvalidValue, NotFound
from campaigns.kernel.ids import derived_id, row_id
from campaigns.kernel.money import Money, parse_amount, to_stripe
from campaigns.mailboxes import operations as mailboxes
from campaigns.membership import queries, rules
from campaigns.membership.models import Member, MembershipTier
from campaigns.membership.queries import Tier
from campaigns.outbox.operations import insert_ignoring
from campaigns.recurring import operations as recurring
from campaigns.recurring.operations import Begun
from campaigns.recurring.rules import State


class NoSuchTier(NotFound):
    """Nobody can join here at the moment."""


class NoSuchFund(InvalidValue):
    """Choose one of the funds."""


class NothingToPay(InvalidValue):
    """Dues are more than nothing. Enter what a member pays each month."""


class MembersPayInAnother(InvalidValue):
    """Members pay in the currency of this tier, so it keeps it. Close the tier, and add one in the other currency."""


@dataclass(frozen=True, slots=True)
class TierFields:
    """What a treasurer typed. Without a fund, the general fund of `currency` has the dues."""

    name: str
    words: str
    amount: str
    currency: str
    fund_id: UUID | None
    is_open: bool


NO_VISIT = Visit()


@dataclass(frozen=True, slots=True)
class JoinFields:
    """What somebody typed who joins, cleaned by the form; `attempt` is the form's own mark."""

    name: str
    email: str
    attempt: str
    visit: Visit = NO_VISIT
    source: str = ""


def set_tier(
    session: Session, tier_id: UUID | None, fields: TierFields, *, recipient: str, actor: str, now: datetime
) -> UUID:
    """Add a tier, or change one; members keep what they agreed to, and a tier that has members keeps its currency.

    Raises InvalidAmount, UnchargeableAmount, NothingToPay, MembersPayInAnother, NoSuchFund, NoSuchTier.
    """
    amount = _dues(fields.amount, _currency(session, fields))
    row = session.get(MembershipTier, tier_id) if tier_id else MembershipTier(id=row_id(now), created_at=now)
    if row is None:
        raise NoSuchTier
    if tier_id and row.currency != amount.currency and queries.has_members(session, tier_id):
        raise MembersPayInAnother
    fund_id = fields.fund_id or ensure_general_fund(session, amount.currency, recipient, now)
    values: dict[str, Any] = {
        "name": fields.name, "words": fields.words, "amount_minor": amount.minor, "currency": amount.currency,
        "fund_id": fund_id, "is_open": fields.is_open,
    }  # fmt: skip
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    audit.record(session, actor, "membership.tier_set", str(row.id), now=now, is_open=fields.is_open)
    return row.id


def _dues(typed: str, currency: str) -> Money:
    amount = parse_amount(typed, currency)
    to_stripe(amount)  # refuses what cards cannot be charged
    if not amount:
        raise NothingToPay
    return amount


def _currency(session: Session, fields: TierFields) -> str:
    if fields.fund_id is None:
        return fields.currency
    fund = campaigns.find_fund(session, fields.fund_id)
    if fund is None:
        raise NoSuchFund
    return fund.currency


def join(session: Session, tier_id: UUID, fields: JoinFields, *, now: datetime) -> tuple[Tier, Begun]:
    """Store somebody who wants to join; a form sent again returns what it began before.

    Raises NoSuchTier, TryLater, ProofWanted.
    """
    tier = queries.find_tier(session, tier_id)
    if tier is None or not tier.is_open:
        raise NoSuchTier
    made = (_joined(session, tier, values, fields.visit, now) for values in _tries(tier, fields, now))
    return tier, next(begun for begun in made if begun)


def _tries(tier: Tier, fields: JoinFields, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield the rows of the first, second, … time that one form means: the primary key decides between two clicks."""
    meant = [fields.attempt or secrets.token_hex(), str(tier.id), tier.amount.minor, fields.email, fields.name]
    meant += filter(None, [fields.source])
    values = {
        "tier_id": tier.id, "purpose_id": tier.purpose_id, "email": fields.email,
        "email_hash": mailboxes.hash_of(fields.email), "name": fields.name,
        "source": fields.source or None, "created_at": now,
    }  # fmt: skip
    for number in count(1):
        yield values | {"id": derived_id(fingerprint("member", json.dumps([number, *meant])))}


def _joined(session: Session, tier: Tier, values: dict[str, Any], visit: Visit, now: datetime) -> Begun | None:
    if insert_ignoring(session, Member, values):
        is_known = partial(queries.has_paid, session, values["email_hash"])
        gate.admit(session, [str(tier.fund_id)], values["email_hash"], visit, is_known=is_known, now=now)
        return recurring.begin(session, rules.KIND, values["id"], tier.amount, now=now)
    begun = recurring.begun(session, rules.KIND, values["id"])
    lasts = {State.PRE: rules.UNOPENED_FOR, State.OPEN: rules.OPENED_FOR}.get(begun.state)
    return begun if lasts and now - begun.created_at < lasts else None


def note_taken_out(session: Session, number: int, *, actor: str, now: datetime) -> None:
    """Write down that somebody took the members' list out as a file."""
    audit.record(session, actor, "membership.list_taken_out", "", now=now, members=number)
