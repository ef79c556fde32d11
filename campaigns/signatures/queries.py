"""Reads of signatures. A query for an audience does not even fetch the names it may not see."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from campaigns.campaign.models import Campaign, PetitionVersion
from campaigns.campaign.rules import Demand
from campaigns.kernel import tokens
from campaigns.signatures.models import Signature, SignatureCount
from campaigns.signatures.rules import (
    CONFIRM_PURPOSE,
    Audience,
    Frozen,
    Review,
    State,
    Visibility,
    link_works,
    shows_name,
    visible_to,
)


@dataclass(frozen=True, slots=True)
class Signatory:
    """A signature as its own signatory sees it, with the text that was signed."""

    id: UUID
    campaign_id: UUID
    campaign_slug: str
    deadline: datetime | None
    headline: str
    demands: tuple[Demand, ...]
    name: str
    place: str
    visibility: Visibility
    state: State
    is_held: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many count, and how many of them stand on the page by name."""

    total: int
    public: int

    @property
    def withheld(self) -> int:
        """Those whose names are not on the page."""
        return self.total - self.public


@dataclass(frozen=True, slots=True)
class Signer:
    """A name that may be shown, with its place."""

    name: str
    place: str


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A signature as an organizer sees it; `name` is None where it is withheld."""

    name: str | None
    place: str
    visibility: Visibility
    state: State
    review: Review
    created_at: datetime
    confirmed_at: datetime | None


def place_of(town: str, country: str) -> str:
    """Return how a place is written beside a name."""
    return f"{town}, {country}" if town else country


def by_token(session: Session, secret: str, now: datetime) -> Signatory | None:
    """Return the signature that a confirmation link stands for, or None where it is unknown or too late."""
    row = session.execute(_by_token(), {"digest": tokens.digest(CONFIRM_PURPOSE, secret), "moment": now}).first()
    found = _signatory(row) if row else None
    return found if found and link_works(found.state, found.deadline, now) else None


@cache
def _by_token() -> Select[Any]:
    """Built once, and of columns instead of objects: confirming is as busy a door as signing."""
    signature, campaign, text = Signature.__table__.c, Campaign.__table__.c, PetitionVersion.__table__.c
    return (
        select(
            signature.id, signature.campaign_id, signature.name, signature.town, signature.country,
            signature.visibility, signature.state, signature.review,
            campaign.slug, campaign.deadline, text.headline, text.demands,
        )
        .join_from(Signature.__table__, Campaign.__table__, campaign.id == signature.campaign_id)
        .join(PetitionVersion.__table__, text.id == signature.version_id)
        .where(signature.token_digest == bindparam("digest"), signature.token_expires_at > bindparam("moment"))
    )  # fmt: skip


def _signatory(row: Any) -> Signatory:
    return Signatory(
        id=row.id,
        campaign_id=row.campaign_id,
        campaign_slug=row.slug,
        deadline=row.deadline,
        headline=row.headline,
        demands=tuple(Demand(*pair) for pair in row.demands),
        name=row.name,
        place=place_of(row.town, row.country),
        visibility=Visibility(row.visibility),
        state=State(row.state),
        is_held=Review(row.review) is not Review.CLEAR,
    )


def count_of(session: Session, campaign_id: UUID) -> Count:
    """Return a campaign's count as the counting job last left it."""
    row = session.execute(
        select(SignatureCount.total, SignatureCount.public).where(SignatureCount.campaign_id == campaign_id)
    ).first()
    return Count(row.total, row.public) if row else Count(0, 0)


def counts(session: Session) -> dict[UUID, Count]:
    """Return every campaign's count."""
    rows = session.execute(select(SignatureCount.campaign_id, SignatureCount.total, SignatureCount.public))
    return {row.campaign_id: Count(row.total, row.public) for row in rows}


def latest_signers(session: Session, campaign_id: UUID, audience: Audience, limit: int) -> list[Signer]:
    """Return the newest counted names that `audience` may read."""
    rows = session.execute(
        _counted(campaign_id, Signature.name, Signature.town, Signature.country)
        .where(Signature.visibility.in_(visible_to(audience)))
        .order_by(Signature.confirmed_at.desc(), Signature.id.desc())
        .limit(limit)
    )
    return [Signer(row.name, place_of(row.town, row.country)) for row in rows]


def desk_page(session: Session, campaign_id: UUID, *, offset: int, limit: int) -> list[DeskRow]:
    """Return one page of a campaign's signatures for its organizer, the newest first."""
    rows = session.scalars(
        select(Signature)
        .where(Signature.campaign_id == campaign_id)
        .order_by(Signature.created_at.desc(), Signature.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [_desk_row(row) for row in rows]


def _desk_row(row: Signature) -> DeskRow:
    visibility = Visibility(row.visibility)
    shown = shows_name(visibility, Audience.ORGANIZER)
    return DeskRow(
        name=row.name if shown else None,
        place=place_of(row.town, row.country) if shown else row.country,
        visibility=visibility,
        state=State(row.state),
        review=Review(row.review),
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
    )


def tallies(session: Session, campaign_id: UUID) -> dict[tuple[State, Visibility], int]:
    """Return how many signatures stand in each state and visibility. Counts rows: for the desk, not for pages."""
    rows = session.execute(
        select(Signature.state, Signature.visibility, func.count())
        .where(Signature.campaign_id == campaign_id)
        .group_by(Signature.state, Signature.visibility)
    )
    return {(State(state), Visibility(visibility)): number for state, visibility, number in rows}


def counted(session: Session, campaign_id: UUID) -> Iterator[Frozen]:
    """Yield every signature that counts, in the order of confirmation, for freezing a list."""
    columns = (
        Signature.id, Signature.version_id, Signature.visibility, Signature.name, Signature.town, Signature.country,
        Signature.confirmed_at,
    )  # fmt: skip
    rows = session.execute(
        _counted(campaign_id, *columns).order_by(Signature.confirmed_at, Signature.id),
        execution_options={"yield_per": 1000},
    )
    for row in rows:
        yield Frozen(
            row.id,
            row.version_id,
            Visibility(row.visibility),
            row.name,
            place_of(row.town, row.country),
            row.confirmed_at,
        )


def _counted(campaign_id: UUID, *columns: Any) -> Select[Any]:
    return select(*columns).where(
        Signature.campaign_id == campaign_id, Signature.state == State.CONFIRMED, Signature.review == Review.CLEAR
    )


def recount(session: Session, campaign_id: UUID) -> Count:
    """Return the count by counting rows: for repair and for tests."""
    row = session.execute(
        _counted(campaign_id, func.count(), func.count().filter(Signature.visibility == Visibility.PUBLIC))
    ).one()
    return Count(row[0], row[1])


def repairs(session: Session) -> int:
    """Return how often a count was found wrong and repaired, over all campaigns."""
    return session.scalar(select(func.coalesce(func.sum(SignatureCount.repairs), 0))) or 0


def how_many_held(session: Session) -> int:
    """Return how many confirmed signatures wait for a person's decision."""
    held = (Signature.review == Review.HELD.value, Signature.state == State.CONFIRMED.value)
    return session.scalar(select(func.count()).where(*held)) or 0
