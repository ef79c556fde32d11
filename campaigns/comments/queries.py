"""Reads of comments."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from campaigns.comments.rules import Reading, reading_of, stands_on_page
from campaigns.signatures.models import Signature
from campaigns.signatures.queries import place_of
from campaigns.signatures.rules import Audience, CommentState, Review, State, Visibility, shows_name


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote, with the name that everybody may read."""

    text: str
    name: str
    place: str


@dataclass(frozen=True, slots=True)
class DeskComment:
    """A comment as an organizer sees it; `name` is None where it is withheld."""

    reading: Reading
    text: str
    name: str | None
    place: str
    stands_on_page: bool
    confirmed_at: datetime


def latest_shown(session: Session, campaign_id: UUID, limit: int) -> list[Comment]:
    """Return the newest comments that an organizer has let stand, of those whose names everybody may read.

    Of all others not even the words are fetched.
    """
    readable = [visibility for visibility in Visibility if stands_on_page(visibility)]
    columns = (Signature.comment, Signature.name, Signature.town, Signature.country)
    rows = session.execute(
        _in_state(campaign_id, CommentState.SHOWN, *columns).where(Signature.visibility.in_(readable)).limit(limit)
    )
    return [Comment(row.comment, row.name, place_of(row.town, row.country)) for row in rows]


def desk_page(
    session: Session, campaign_id: UUID, state: CommentState, *, offset: int, limit: int
) -> list[DeskComment]:
    """Return one page of the comments in `state`, the newest first."""
    columns = (
        Signature.id, Signature.comment, Signature.name, Signature.town, Signature.country, Signature.visibility,
        Signature.confirmed_at,
    )  # fmt: skip
    rows = session.execute(_in_state(campaign_id, state, *columns).offset(offset).limit(limit))
    return [_desk_comment(row) for row in rows]


def _desk_comment(row: Any) -> DeskComment:
    visibility = Visibility(row.visibility)
    is_named = shows_name(visibility, Audience.ORGANIZER)
    return DeskComment(
        reading=reading_of(row.id, row.comment),
        text=row.comment,
        name=row.name if is_named else None,
        place=place_of(row.town, row.country) if is_named else row.country,
        stands_on_page=stands_on_page(visibility),
        confirmed_at=row.confirmed_at,
    )


def tallies(session: Session, campaign_id: UUID) -> dict[CommentState, int]:
    """Return how many comments are in each state. Counts rows, by their own small index."""
    rows = session.execute(
        select(Signature.comment_state, func.count())
        .where(Signature.campaign_id == campaign_id, Signature.comment_state.is_not(None), *_COUNTED)
        .group_by(Signature.comment_state)
    )
    return {CommentState(state): number for state, number in rows if state}


# A comment nobody confirmed may be anybody's.
_COUNTED = (Signature.state == State.CONFIRMED, Signature.review == Review.CLEAR)


def _in_state(campaign_id: UUID, state: CommentState, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .where(Signature.campaign_id == campaign_id, Signature.comment_state == state.value, *_COUNTED)
        .order_by(Signature.confirmed_at.desc(), Signature.id.desc())
    )
