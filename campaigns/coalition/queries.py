"""Reads of what partners brought. Codes are the partners' own, so all of it is found by the source of signatures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from campaigns.partners.models import Partner, PartnerWording
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import Review, State

_COUNTS = and_(Signature.state == State.CONFIRMED, Signature.review == Review.CLEAR)
# An opt-in counts when its signature does, until it is taken back.
_AGREES = and_(_COUNTS, Signature.opt_in_id.is_not(None), Signature.opt_in_ended_at.is_(None))


@dataclass(frozen=True, slots=True)
class Tally:
    """What came by one code: signatures that count, those waiting for their mail, and who agreed to hear more."""

    signed: int = 0
    waiting: int = 0
    agreed: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """What one day (UTC) brought."""

    day: date
    signed: int
    agreed: int


@dataclass(frozen=True, slots=True)
class Agreeing:
    """Somebody whom a partner may write to, in the words they agreed to."""

    name: str
    email: str
    agreed_at: datetime
    words: str
    disclosure: str


@dataclass(frozen=True, slots=True)
class OptIn:
    """What somebody agreed that a partner may have, in the words that stood beside the tick. For its owner alone."""

    partner_name: str
    words: str
    disclosure: str
    ended_at: datetime | None


def tallies(session: Session, campaign_id: UUID) -> dict[str, Tally]:
    """Return what came by each partner's code, in exact numbers for the desk."""
    rows = session.execute(
        select(Signature.source, *_tally())
        .join(Partner, (Partner.campaign_id == Signature.campaign_id) & (Partner.code == Signature.source))
        .where(Signature.campaign_id == campaign_id, Signature.source.is_not(None))
        .group_by(Signature.source)
    )
    return {code: Tally(*numbers) for code, *numbers in rows}


def tally_until(session: Session, campaign_id: UUID, code: str, until: datetime) -> Tally:
    """Return what came by one code before a moment."""
    row = session.execute(
        select(*_tally(Signature.confirmed_at < until, Signature.created_at < until)).where(*_of(campaign_id, code))
    ).one()
    return Tally(*row)


def _tally(confirmed: Any = True, created: Any = True) -> list[Any]:
    filters = (and_(_COUNTS, confirmed), and_(Signature.state == State.PENDING, created), and_(_AGREES, confirmed))
    return [func.count().filter(each) for each in filters]


def by_day(session: Session, campaign_id: UUID, code: str, days: Sequence[date]) -> list[Day]:
    """Return what each of a few days brought by one code; a day is UTC's, by when people confirmed."""
    within = [_within(day) for day in days]
    columns = [func.count().filter(and_(each, _COUNTS)) for each in within]
    columns += [func.count().filter(and_(each, _AGREES)) for each in within]
    row = tuple(session.execute(select(*columns).where(*_of(campaign_id, code))).one())
    return [Day(day, *pair) for day, *pair in zip(days, row[: len(days)], row[len(days) :], strict=True)]


def _within(day: date) -> ColumnElement[bool]:
    start = datetime.combine(day, time(), UTC)
    return and_(Signature.confirmed_at >= start, Signature.confirmed_at < start + timedelta(days=1))


def _of(campaign_id: UUID, code: str) -> tuple[ColumnElement[bool], ...]:
    return Signature.campaign_id == campaign_id, Signature.source == code


def agreeing(session: Session, campaign_id: UUID, partner_id: UUID) -> list[Agreeing]:
    """Return who may be named to a partner, by their own consent and whoever may else see their name."""
    rows = session.execute(
        select(
            Signature.name, Signature.email, Signature.confirmed_at, PartnerWording.words, PartnerWording.disclosure
        )
        .join(PartnerWording, PartnerWording.id == Signature.opt_in_id)
        .where(Signature.campaign_id == campaign_id, PartnerWording.partner_id == partner_id, _AGREES)
        .order_by(Signature.confirmed_at, Signature.id)
    )  # fmt: skip
    return [_agreeing(row) for row in rows]


def _agreeing(row: Any) -> Agreeing:
    return Agreeing(row.name, row.email, row.confirmed_at, row.words, row.disclosure)


def opt_ins_of(session: Session, email_hash: bytes) -> dict[UUID, OptIn]:
    """Return what stands under an address, by signature. For its owner alone."""
    rows = session.execute(
        select(
            Signature.id, Partner.name, PartnerWording.words, PartnerWording.disclosure, Signature.opt_in_ended_at
        )
        .join(PartnerWording, PartnerWording.id == Signature.opt_in_id)
        .join(Partner, Partner.id == PartnerWording.partner_id)
        .where(Signature.email_hash == email_hash)
    )  # fmt: skip
    return {row.id: OptIn(row.name, row.words, row.disclosure, row.opt_in_ended_at) for row in rows}
