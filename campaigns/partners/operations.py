"""Use-cases: make and change a partner, switch it, let it see its numbers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.kernel import tokens
from campaigns.kernel.errors import NotFound, Refusal
from campaigns.kernel.ids import row_id
from campaigns.outbox.operations import insert_ignoring
from campaigns.partners import queries, rules
from campaigns.partners.models import Partner, PartnerWording
from campaigns.partners.queries import Offer
from campaigns.partners.rules import LINK_LIFETIME, LINK_PURPOSE


class NoSuchPartner(NotFound):
    """There is no such partner of this campaign."""


class CodeTaken(Refusal):
    """Another partner of this campaign has this code. Choose another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerFields:
    """A partner as an organizer writes it; `words` stand beside the tick."""

    name: str
    line: str
    contact: str
    words: str


def add(
    session: Session, campaign_id: UUID, organisation: str, code: str, fields: PartnerFields, *, actor: str,
    now: datetime,
) -> UUID:  # fmt: skip
    """Add a partner, switched on, and return its id. `organisation` is who passes names on. Raises CodeTaken."""
    partner_id = row_id(now)
    values = {
        "id": partner_id, "campaign_id": campaign_id, "code": code, "name": fields.name, "line": fields.line,
        "contact": fields.contact, "is_on": True, "created_at": now,
    }  # fmt: skip
    if not insert_ignoring(session, Partner, values):
        raise CodeTaken
    _save_words(session, partner_id, organisation, fields, now)
    audit.record(session, actor, "partner.added", str(partner_id), now=now, code=code)
    return partner_id


def change(
    session: Session, campaign_id: UUID, partner_id: UUID, organisation: str, fields: PartnerFields, *, actor: str,
    now: datetime,
) -> None:  # fmt: skip
    """Change a partner but for its code. Who has agreed to earlier words keeps those. Raises NoSuchPartner."""
    row = _locked(session, campaign_id, partner_id)
    row.name, row.line, row.contact = fields.name, fields.line, fields.contact
    _save_words(session, partner_id, organisation, fields, now)
    audit.record(session, actor, "partner.changed", str(partner_id), now=now)


def switch(session: Session, campaign_id: UUID, partner_id: UUID, *, on: bool, actor: str, now: datetime) -> None:
    """Offer a partner's tick, or no longer. What people have agreed to stays. Raises NoSuchPartner."""
    _locked(session, campaign_id, partner_id).is_on = on
    audit.record(session, actor, f"partner.switched_{'on' if on else 'off'}", str(partner_id), now=now)


def make_link(session: Session, campaign_id: UUID, partner_id: UUID, *, actor: str, now: datetime) -> str:
    """Return the secret of a new link to a partner's numbers; the one before no longer opens. Raises NoSuchPartner."""
    row = _locked(session, campaign_id, partner_id)
    token = tokens.issue(LINK_PURPOSE, now, LINK_LIFETIME)
    row.link_digest, row.link_expires_at = token.digest, token.expires_at
    audit.record(session, actor, "partner.link_made", str(partner_id), now=now)
    return token.secret


def revoke_link(session: Session, campaign_id: UUID, partner_id: UUID, *, actor: str, now: datetime) -> None:
    """Shut the page with a partner's numbers; doing so twice is harmless. Raises NoSuchPartner."""
    row = _locked(session, campaign_id, partner_id)
    row.link_digest = row.link_expires_at = None
    audit.record(session, actor, "partner.link_revoked", str(partner_id), now=now)


def forget_links(session: Session, now: datetime) -> None:
    """Drop the digests of links that are too old to open anything."""
    old = Partner.link_expires_at <= now
    session.execute(update(Partner).where(old).values(link_digest=None, link_expires_at=None))


def _locked(session: Session, campaign_id: UUID, partner_id: UUID) -> Partner:
    where = (Partner.id == partner_id, Partner.campaign_id == campaign_id)
    row = session.scalars(select(Partner).where(*where).with_for_update()).first()
    if row is None:
        raise NoSuchPartner
    return row


def keep_words(session: Session, shown: Offer, mark: str, now: datetime) -> UUID | None:
    """Return the words that carry `mark`: those that are `shown`, or earlier ones that somebody still had open.

    The first who ticks under another name of the organisation has them kept. None where no words of this partner
    carry it.
    """
    if mark == shown.mark and shown.wording_id:
        return shown.wording_id
    if mark == shown.mark:  # held, so that of many who tick at once one has the words kept
        session.execute(select(Partner.id).where(Partner.id == shown.partner_id).with_for_update())
    kept = queries.marked(session, shown.partner_id, mark)
    if kept or mark != shown.mark:
        return kept
    return _add_words(session, shown.partner_id, shown.words, shown.disclosure, now)


def _save_words(session: Session, partner_id: UUID, organisation: str, fields: PartnerFields, now: datetime) -> None:
    """Add a numbered wording unless today's says the very same."""
    disclosure = rules.disclosure(organisation, fields.name)
    latest = session.scalars(
        select(PartnerWording)
        .where(PartnerWording.partner_id == partner_id)
        .order_by(PartnerWording.number.desc())
        .limit(1)
    ).first()
    if latest and (latest.words, latest.disclosure) == (fields.words, disclosure):
        return
    _add_words(session, partner_id, fields.words, disclosure, now)


def _add_words(session: Session, partner_id: UUID, words: str, disclosure: str, now: datetime) -> UUID:
    """Keep words under the next number of a partner, which the caller holds, and return their id."""
    theirs = PartnerWording.partner_id == partner_id
    highest = session.scalar(select(func.max(PartnerWording.number)).where(theirs)) or 0
    row = PartnerWording(
        id=row_id(now), partner_id=partner_id, number=highest + 1, words=words, disclosure=disclosure, created_at=now
    )
    session.add(row)
    session.flush()
    return row.id
