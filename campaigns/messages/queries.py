"""Reads of what givers let everybody read. Of a gift that was not paid, nothing stands anywhere."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from campaigns.comments.rules import Reading, reading_of
from campaigns.donations.models import Donation
from campaigns.donations.rules import KIND, MessageState
from campaigns.payments.models import Payment
from campaigns.payments.rules import State

SHOWN_ON_PAGE: Final = 6


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands on the page of one gift. `name` is None where it stands as somebody's."""

    text: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The same as an organizer reads it, who may not know more of the giver than everybody will."""

    reading: Reading
    shown: Shown
    given_at: datetime


def latest_shown(session: Session, campaign_id: UUID, limit: int) -> list[Shown]:
    """Return the newest that an organizer has let stand."""
    return [_shown(row) for row in session.execute(_in_state(campaign_id, MessageState.SHOWN).limit(limit))]


def desk_page(session: Session, campaign_id: UUID, state: MessageState, *, offset: int, limit: int) -> list[Waiting]:
    """Return one page of what is in `state`, the newest first."""
    rows = session.execute(_in_state(campaign_id, state).offset(offset).limit(limit))
    return [Waiting(reading_of(row.id, words_of(row)), _shown(row), row.created_at) for row in rows]


def tallies(session: Session, campaign_id: UUID) -> dict[MessageState, int]:
    """Return how many there are in each state."""
    rows = session.execute(
        select(Donation.message_state, func.count())
        .join(Payment, _PAID)
        .where(Donation.campaign_id == campaign_id, Donation.message_state.is_not(None))
        .group_by(Donation.message_state)
    )
    return {MessageState(state): number for state, number in rows if state}


def words_of(row: Any) -> str:
    """Return all that would stand on the page, as one text: a mark of it says that somebody has read it."""
    shown = _shown(row)
    return f"{shown.name or ''}\n{shown.text}"


def _shown(row: Any) -> Shown:
    return Shown(row.message or "", row.name if row.show_name else None)


_PAID = (Payment.subject_id == Donation.id) & (Payment.kind == KIND) & (Payment.state == State.PAID)


def _in_state(campaign_id: UUID, state: MessageState) -> Select[Any]:
    columns: tuple[Any, ...] = (
        Donation.id, Donation.message, Donation.name, Donation.show_name, Donation.created_at,
    )  # fmt: skip
    return (
        select(*columns)
        .join(Payment, _PAID)
        .where(Donation.campaign_id == campaign_id, Donation.message_state == state.value)
        .order_by(Donation.created_at.desc(), Donation.id.desc())
    )
