"""Reads about abuse."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from campaigns.abuse.models import Pressure, SharedNetwork


@dataclass(frozen=True, slots=True)
class SharedFacts:
    """A network that is vouched for, as the desk shows it."""

    id: UUID
    label: str
    added_at: datetime


def is_under_pressure(session: Session, subject: str, now: datetime) -> bool:
    """Return whether proof of work is asked for at `subject` now."""
    until = session.execute(_until(), {"subject": subject}).scalar()
    return until is not None and until > now


@cache
def _until() -> Select[Any]:
    return select(Pressure.until).where(Pressure.subject == bindparam("subject"))


def pressures(session: Session, now: datetime) -> dict[str, datetime]:
    """Return every subject under pressure with the moment it ends."""
    rows = session.execute(select(Pressure.subject, Pressure.until).where(Pressure.until > now))
    return {row.subject: row.until for row in rows}


def shared_networks(session: Session) -> list[SharedFacts]:
    """Return every network that is vouched for, the newest first."""
    rows = session.scalars(select(SharedNetwork).order_by(SharedNetwork.added_at.desc(), SharedNetwork.id.desc()))
    return [SharedFacts(row.id, row.label, row.added_at) for row in rows]


def shared_keys(session: Session) -> list[bytes]:
    """Return the key of every network that is vouched for."""
    return list(session.scalars(select(SharedNetwork.key)))
