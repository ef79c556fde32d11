"""Reads at the gate."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from campaigns.gate.models import PaymentBrake, PaymentTry
from campaigns.gate.rules import DAY_WINDOW, SHORT_WINDOW, Brake, Crowd, How, Level, Tries

_NONE = Tries(0, 0)


def crowd(
    session: Session, subject: str, address_key: bytes, network_keys: Sequence[bytes], now: datetime, *, is_shared: bool
) -> Crowd:
    """Return what came before a visit. `network_keys`: its network of today and yesterday; `is_shared`: vouched for."""
    waited = (PaymentTry.subject == subject, PaymentTry.how == How.WAITED, PaymentTry.made_at > now - SHORT_WINDOW)
    return Crowd(
        _tries(session, PaymentTry.address_key == address_key, now),
        _tries(session, PaymentTry.network_key.in_(network_keys), now) if network_keys else _NONE,
        _tries(session, PaymentTry.subject == subject, now),
        session.scalar(select(func.count()).select_from(PaymentTry).where(*waited)) or 0,
        is_shared,
    )


def _tries(session: Session, mine: ColumnElement[bool], now: datetime) -> Tries:
    lately = func.count().filter(PaymentTry.made_at > now - SHORT_WINDOW)
    row = session.execute(select(lately, func.count()).where(mine, PaymentTry.made_at > now - DAY_WINDOW)).one()
    return Tries(int(row[0]), int(row[1]))


def brake(session: Session, subject: str, *, locked: bool = False) -> Brake | None:
    """Return a subject's brake, or None where it was never looked at; `locked` until the unit of work ends."""
    query: Any = select(PaymentBrake.level, PaymentBrake.since, PaymentBrake.until)
    query = query.where(PaymentBrake.subject == subject)
    row = session.execute(query.with_for_update() if locked else query).first()
    return Brake(Level(row.level), row.since, row.until) if row else None
