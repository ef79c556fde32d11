"""Reads of signatures. A query for an audience does not even fetch the names it may not see."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from campaigns.campaign.models import Campaign, PetitionVersion
from campaigns.campaign.questions import Question, asked, printed
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
    review: Review
    source: str
    opt_in_id: UUID | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many count: all of them, how many of them stand on the page by name, and how many signed on paper."""

    total: int
    public: int
    paper: int = 0

    @property
    def online(self) -> int:
        """Those who signed on this site."""
        return self.total - self.paper

    @property
    def withheld(self) -> int:
        """Those whose names are not on the page."""
        return self.total - self.public


@dataclass(frozen=True, slots=True)
class ShownName:
    """A name that may be shown, with its place."""

    name: str
    place: str


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A signature as an organizer sees it; `name` is None, and `answers` are empty, where the name is withheld."""

    name: str | None
    place: str
    visibility: Visibility
    state: State
    review: Review
    created_at: datetime
    confirmed_at: datetime | None
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """How many came with one code."""

    code: str
    confirmed: int
    pending: int


def place_of(town: str, country: str) -> str:
    """Return how a place is written beside a name."""
    return f"{town}, {country}" if town else country


def by_token(session: Session, secret: str, now: datetime) -> Signatory | None:
    """Return the signature that a confirmation link stands for, or None where it is unknown or too late."""
    found = behind_link(session, secret, now)
    return found if found and link_works(found.state, found.deadline, now) else None


def behind_link(session: Session, secret: str, now: datetime) -> Signatory | None:
    """Return the signature that a confirmation link was mailed for, whether or not it can still be confirmed."""
    row = session.execute(_by_token(), {"digest": tokens.digest(CONFIRM_PURPOSE, secret), "moment": now}).first()
    return _signatory(row) if row else None


@cache
def _by_token() -> Select[Any]:
    """Built once, and of columns instead of objects: confirming is as busy a door as signing."""
    signature, campaign, text = Signature.__table__.c, Campaign.__table__.c, PetitionVersion.__table__.c
    return (
        select(
            signature.id, signature.campaign_id, signature.name, signature.town, signature.country,
            signature.visibility, signature.state, signature.review, signature.source,
            signature.opt_in_id,
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
        review=Review(row.review),
        source=row.source or "",
        opt_in_id=row.opt_in_id,
    )


def is_of_mailbox(session: Session, signature_id: UUID, email_hash: bytes) -> bool:
    """Return whether a signature stands under an address."""
    where = (Signature.id == signature_id, Signature.email_hash == email_hash)
    return session.execute(select(Signature.id).where(*where)).first() is not None


def mailbox_of(session: Session, signature_id: UUID) -> tuple[bytes, str]:
    """Return the keyed hash and the address of a signature that exists."""
    row = session.execute(select(Signature.email_hash, Signature.email).where(Signature.id == signature_id)).one()
    return row.email_hash, row.email


def count_of(session: Session, campaign_id: UUID) -> Count:
    """Return a campaign's count as the counting job last left it."""
    row = session.execute(select(*_NUMBERS).where(SignatureCount.campaign_id == campaign_id)).first()
    return Count(*row) if row else Count(0, 0)


_NUMBERS = (SignatureCount.total, SignatureCount.public, SignatureCount.paper)


def counts(session: Session) -> dict[UUID, Count]:
    """Return every campaign's count."""
    rows = session.execute(select(SignatureCount.campaign_id, *_NUMBERS))
    return {campaign_id: Count(*numbers) for campaign_id, *numbers in rows}


def latest_names(session: Session, campaign_id: UUID, audience: Audience, limit: int) -> list[ShownName]:
    """Return the newest counted names that `audience` may read."""
    rows = session.execute(
        that_count(campaign_id, Signature.name, Signature.town, Signature.country)
        .where(Signature.visibility.in_(visible_to(audience)))
        .order_by(Signature.confirmed_at.desc(), Signature.id.desc())
        .limit(limit)
    )
    return [ShownName(row.name, place_of(row.town, row.country)) for row in rows]


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
        answers=json.loads(row.answers) if row.answers and shown else {},
    )


def tallies(session: Session, campaign_id: UUID) -> dict[tuple[State, Visibility], int]:
    """Return how many signatures stand in each state and visibility. Counts rows: for the desk, not for pages."""
    rows = session.execute(
        select(Signature.state, Signature.visibility, func.count())
        .where(Signature.campaign_id == campaign_id)
        .group_by(Signature.state, Signature.visibility)
    )
    return {(State(state), Visibility(visibility)): number for state, visibility, number in rows}


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whose name would stand on the next list, for the mail that asks once more."""

    id: UUID
    email_hash: bytes
    email: str
    name: str


def named_after(session: Session, campaign_id: UUID, after: UUID | None, limit: int) -> list[Named]:
    """Return the next of those whom a list would name, in the order of their ids."""
    columns = (Signature.id, Signature.email_hash, Signature.email, Signature.name)
    query = that_count(campaign_id, *columns).where(Signature.visibility.in_(visible_to(Audience.TARGET)))
    if after is not None:
        query = query.where(Signature.id > after)
    return [Named(*row) for row in session.execute(query.order_by(Signature.id).limit(limit))]


def sources(session: Session, campaign_id: UUID) -> list[Source]:
    """Return how many came with each code, the most confirmed first. Counts rows, by their own small index."""
    confirmed, pending = (func.count().filter(Signature.state == state) for state in (State.CONFIRMED, State.PENDING))
    rows = session.execute(
        select(Signature.source, confirmed, pending)
        .where(Signature.campaign_id == campaign_id, Signature.source.is_not(None))
        .group_by(Signature.source)
        .order_by(confirmed.desc(), Signature.source)
    )
    return [Source(code or "", *numbers) for code, *numbers in rows]


def counted(session: Session, campaign_id: UUID, questions: Sequence[Question] = ()) -> Iterator[Frozen]:
    """Yield every signature that counts, in the order of confirmation, for freezing a list.

    `questions` are the campaign's: of a signatory whose name the target may read, the delivered answers come along.
    """
    delivered = any(question.is_delivered for question in asked(questions))
    columns = (
        Signature.id, Signature.version_id, Signature.visibility, Signature.name, Signature.town, Signature.country,
        Signature.confirmed_at, Signature.paper_id, *((Signature.answers,) if delivered else ()),
    )  # fmt: skip
    rows = session.execute(
        that_count(campaign_id, *columns).order_by(Signature.confirmed_at, Signature.id),
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
            _details(row, questions) if delivered else "",
            row.paper_id is not None,
        )


def _details(row: Any, questions: Sequence[Question]) -> str:
    if row.answers is None or not shows_name(Visibility(row.visibility), Audience.TARGET):
        return ""
    return printed(questions, json.loads(row.answers))


def that_count(campaign_id: UUID, *columns: Any) -> Select[Any]:
    """Return the query for `columns` of every signature that counts."""
    return select(*columns).where(
        Signature.campaign_id == campaign_id, Signature.state == State.CONFIRMED, Signature.review == Review.CLEAR
    )


def recount(session: Session, campaign_id: UUID) -> Count:
    """Return the count by counting rows: for repair and for tests."""
    public, paper = Signature.visibility == Visibility.PUBLIC, Signature.paper_id.is_not(None)
    numbers = (func.count(), func.count().filter(public), func.count().filter(paper))
    return Count(*session.execute(that_count(campaign_id, *numbers)).one())


def repairs(session: Session) -> int:
    """Return how often a count was found wrong and repaired, over all campaigns."""
    return session.scalar(select(func.coalesce(func.sum(SignatureCount.repairs), 0))) or 0


def how_many_held(session: Session) -> int:
    """Return how many confirmed signatures wait for a person's decision."""
    held = (Signature.review == Review.HELD.value, Signature.state == State.CONFIRMED.value)
    return session.scalar(select(func.count()).where(*held)) or 0
