"""Reads of partners. Who agreed to what is read with the signatures."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from campaigns.kernel import tokens
from campaigns.partners.models import Partner, PartnerWording
from campaigns.partners.rules import LINK_PURPOSE, disclosure, mark_of


@dataclass(frozen=True, slots=True)
class Offer:
    """What the sign form offers to those whom a partner sent: one tick, in the partner's own words."""

    partner_id: UUID
    code: str
    name: str
    line: str
    wording_id: UUID | None  # None: nobody has ticked under these words yet, and they are not kept
    words: str
    disclosure: str

    @property
    def mark(self) -> str:
        """A short mark of the words: other words have another one."""
        return mark_of(self.words, self.disclosure)


@dataclass(frozen=True, slots=True)
class PartnerFacts:
    """A partner with its current words, as the desk sees it."""

    id: UUID
    campaign_id: UUID
    code: str
    name: str
    line: str
    contact: str
    is_on: bool
    created_at: datetime
    link_expires_at: datetime | None
    number: int
    words: str
    disclosure: str
    words_since: datetime


@dataclass(frozen=True, slots=True)
class Wording:
    """The words that somebody agreed to."""

    partner_name: str
    words: str
    disclosure: str


def offer(session: Session, campaign_id: UUID, organisation: str, code: str) -> Offer | None:
    """Return what a campaign offers to those who came by `code`; None without such a partner, or while it is off.

    It names the organisation as it is called today, whatever it was called when the words were saved.
    """
    row = session.execute(_offer(), {"campaign": campaign_id, "code": code}).first() if code else None
    if row is None:
        return None
    today = disclosure(organisation, row.name)
    kept = row.wording_id if row.disclosure == today else None
    return Offer(row.id, row.code, row.name, row.line, kept, row.words, today)


def marked(session: Session, partner_id: UUID, mark: str) -> UUID | None:
    """Return the kept words of a partner that carry `mark`, or None: nobody can have agreed to those."""
    wording = PartnerWording
    rows = session.execute(
        select(wording.id, wording.words, wording.disclosure)
        .where(wording.partner_id == partner_id)
        .order_by(wording.number.desc())
    )
    return next((row.id for row in rows if mark_of(row.words, row.disclosure) == mark), None)


def wording(session: Session, wording_id: UUID) -> Wording:
    """Return the words behind a tick."""
    row = session.execute(
        select(Partner.name, PartnerWording.words, PartnerWording.disclosure)
        .join(Partner, Partner.id == PartnerWording.partner_id)
        .where(PartnerWording.id == wording_id)
    ).one()
    return Wording(*row)


def of_campaign(session: Session, campaign_id: UUID) -> list[PartnerFacts]:
    """Return a campaign's partners by name."""
    rows = session.execute(_partners().where(Partner.campaign_id == campaign_id).order_by(Partner.name, Partner.code))
    return [PartnerFacts(*row) for row in rows]


def find(session: Session, campaign_id: UUID, partner_id: UUID) -> PartnerFacts | None:
    """Return one partner of a campaign, or None."""
    row = session.execute(_partners().where(Partner.campaign_id == campaign_id, Partner.id == partner_id)).first()
    return PartnerFacts(*row) if row else None


def by_link(session: Session, secret: str, now: datetime) -> PartnerFacts | None:
    """Return the partner whose numbers a link opens, or None where it is unknown, revoked or too old."""
    digest = tokens.digest(LINK_PURPOSE, secret)
    row = session.execute(_partners().where(Partner.link_digest == digest, Partner.link_expires_at > now)).first()
    return PartnerFacts(*row) if row else None


@cache
def _offer() -> Select[Any]:
    """Built once: signing asks for it."""
    partner, words = Partner.__table__.c, PartnerWording.__table__.c
    return (
        select(
            partner.id, partner.code, partner.name, partner.line, words.id.label("wording_id"), words.words,
            words.disclosure,
        )
        .join_from(Partner.__table__, PartnerWording.__table__, words.partner_id == partner.id)
        .where(partner.campaign_id == bindparam("campaign"), partner.code == bindparam("code"), partner.is_on)
        .order_by(words.number.desc())
        .limit(1)
    )  # fmt: skip


def _partners() -> Any:
    newest = (
        select(func.max(PartnerWording.number))
        .where(PartnerWording.partner_id == Partner.id)
        .correlate(Partner)
        .scalar_subquery()
    )
    return select(
        Partner.id, Partner.campaign_id, Partner.code, Partner.name, Partner.line, Partner.contact, Partner.is_on,
        Partner.created_at, Partner.link_expires_at, PartnerWording.number, PartnerWording.words,
        PartnerWording.disclosure, PartnerWording.created_at,
    ).join(PartnerWording, (PartnerWording.partner_id == Partner.id) & (PartnerWording.number == newest))  # fmt: skip
