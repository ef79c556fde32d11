"""Reads of a petition's versions, and of who is told of a correction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.campaign import queries as campaigns
from campaigns.campaign.models import PetitionVersion
from campaigns.campaign.queries import Version
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import Review, State
from campaigns.versions.models import CorrectionNotice
from campaigns.versions.rules import Line, changes


@dataclass(frozen=True, slots=True)
class Correction:
    """A version with what it changed of the one before; the first changed nothing."""

    version: Version
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Told:
    """How far telling people of a version has come."""

    asked_at: datetime
    told: int
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who signed an earlier text, and its number."""

    id: UUID
    email_hash: bytes
    email: str
    name: str
    version: int


def corrections(session: Session, campaign_id: UUID) -> list[Correction]:
    """Return every version of a petition with what it changed, the newest first."""
    found = campaigns.versions(session, campaign_id)
    before = [version.text for version in found[1:]]
    changed = [changes(old, version.text) for version, old in zip(found, before, strict=False)]
    return [Correction(version, lines) for version, lines in zip(found, [*changed, []], strict=False)]


def signed(session: Session, campaign_id: UUID) -> dict[UUID, int]:
    """Return how many signatures that count stand under each version. Counts rows: for the desk, not for pages."""
    rows = session.execute(
        select(Signature.version_id, func.count())
        .where(Signature.campaign_id == campaign_id, Signature.state == State.CONFIRMED)
        .where(Signature.review == Review.CLEAR)
        .group_by(Signature.version_id)
    )
    return {row.version_id: row[1] for row in rows}


def notices(session: Session, campaign_id: UUID) -> dict[UUID, Told]:
    """Return how far telling has come, for each version that an organizer had people told of."""
    rows = session.scalars(select(CorrectionNotice).where(CorrectionNotice.campaign_id == campaign_id))
    return {row.version_id: Told(row.asked_at, row.told, row.done_at) for row in rows}


def campaign_of_notice(session: Session, notice_id: UUID) -> UUID:
    """Return whose signatories a notice tells."""
    return session.scalars(select(CorrectionNotice.campaign_id).where(CorrectionNotice.id == notice_id)).one()


def readers_after(session: Session, campaign_id: UUID, number: int, after: UUID | None, limit: int) -> list[Reader]:
    """Return the next confirmed signatories of texts before version `number`, in the order of their ids.

    Held ones too, because they may count tomorrow; not those who were rejected.
    """
    columns = (Signature.id, Signature.email_hash, Signature.email, Signature.name, PetitionVersion.number)
    query: Any = (
        select(*columns)
        .join(PetitionVersion, PetitionVersion.id == Signature.version_id)
        .where(Signature.campaign_id == campaign_id, Signature.state == State.CONFIRMED)
        .where(Signature.review != Review.REJECTED, PetitionVersion.number < number)
    )
    if after is not None:
        query = query.where(Signature.id > after)
    return [Reader(*row) for row in session.execute(query.order_by(Signature.id).limit(limit))]
