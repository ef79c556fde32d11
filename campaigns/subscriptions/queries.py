"""Reads of subscriptions, and the one answer to who gets news of a campaign."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select, union_all
from sqlalchemy.orm import Session

from campaigns.campaign.models import Campaign
from campaigns.kernel import tokens
from campaigns.signatures import rules as signing
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import Review
from campaigns.subscriptions.models import Subscription
from campaigns.subscriptions.rules import CONFIRM_PURPOSE, State

Wanting = Select[UUID, bytes, str]  # a row's id, its mailbox's keyed hash, its address


@dataclass(frozen=True, slots=True)
class Recipient:
    """One mailbox that gets news of a campaign. `id` is of the row that says so."""

    id: UUID
    email_hash: bytes
    email: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands behind the link of a mail that asked to confirm."""

    campaign_id: UUID
    campaign_slug: str
    headline: str
    organisation: str
    state: State


@dataclass(frozen=True, slots=True)
class OwnNews:
    """News that goes, or may go, to one address: for its owner alone."""

    campaign_id: UUID
    campaign_slug: str
    headline: str
    email: str
    state: State
    created_at: datetime
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many want news of a campaign. `mailboxes` counts nobody twice."""

    subscribers: int
    waiting: int
    signatories: int
    mailboxes: int


def recipients(session: Session, campaign_id: UUID, after: UUID | None, limit: int) -> list[Recipient]:
    """Return the next of those who get news of a campaign, in the order of their ids; nobody twice.

    They are whose signature counts and wants news, and who has confirmed a subscription; where both stand under one
    mailbox, the signature speaks. Whoever stopped, by any way, has neither (operations.stop).
    """
    every = union_all(_by_signature(campaign_id), _by_subscription(campaign_id)).subquery()
    query = select(every.c.id, every.c.email_hash, every.c.email).order_by(every.c.id).limit(limit)
    rows = session.execute(query if after is None else query.where(every.c.id > after))
    return [Recipient(row.id, row.email_hash, row.email) for row in rows]


def _by_signature(campaign_id: UUID) -> Wanting:
    return select(Signature.id, Signature.email_hash, Signature.email).where(*_wants_updates(campaign_id))


def _by_subscription(campaign_id: UUID) -> Wanting:
    speaks = exists().where(*_wants_updates(campaign_id), Signature.email_hash == Subscription.email_hash)
    return select(Subscription.id, Subscription.email_hash, Subscription.email).where(
        Subscription.campaign_id == campaign_id, Subscription.state == State.CONFIRMED, ~speaks
    )


def _wants_updates(campaign_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        Signature.campaign_id == campaign_id,
        Signature.wants_updates.is_(True),
        Signature.state == signing.State.CONFIRMED,
        Signature.review == Review.CLEAR,
    )


def numbers(session: Session, campaign_id: UUID) -> Numbers:
    """Count for the desk."""
    row = session.execute(
        select(
            func.count().filter(Subscription.state == State.CONFIRMED),
            func.count().filter(Subscription.state == State.PENDING),
        ).where(Subscription.campaign_id == campaign_id)
    ).one()
    signatories = _how_many(session, _by_signature(campaign_id))
    return Numbers(row[0], row[1], signatories, signatories + _how_many(session, _by_subscription(campaign_id)))


def _how_many(session: Session, rows: Wanting) -> int:
    return session.scalar(rows.with_only_columns(func.count(), maintain_column_froms=True)) or 0


def behind_link(session: Session, secret: str, now: datetime) -> Asked | None:
    """Return what a mailed link asks to confirm, or has confirmed; None where it is unknown or too old."""
    row = session.execute(
        select(
            Subscription.campaign_id, Campaign.slug, Campaign.headline, Campaign.organisation, Subscription.state
        )
        .join(Campaign, Campaign.id == Subscription.campaign_id)
        .where(Subscription.token_digest == tokens.digest(CONFIRM_PURPOSE, secret))
        .where(Subscription.token_expires_at > now)
    ).first()  # fmt: skip
    return Asked(row.campaign_id, row.slug, row.headline, row.organisation, State(row.state)) if row else None


def of_mailbox(session: Session, email_hash: bytes) -> list[OwnNews]:
    """Return every subscription under an address, the newest first. For its owner alone."""
    rows = session.execute(
        select(Subscription, Campaign.slug, Campaign.headline)
        .join(Campaign, Campaign.id == Subscription.campaign_id)
        .where(Subscription.email_hash == email_hash)
        .order_by(Subscription.created_at.desc(), Subscription.id.desc())
    )
    return [
        OwnNews(
            row.campaign_id, slug, headline, row.email, State(row.state), row.created_at, row.confirmed_at
        )
        for row, slug, headline in rows
    ]  # fmt: skip
