"""Reads of all that is kept of the signatures under one address, for its owner alone."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.campaign.models import Campaign, ConsentWording, PetitionVersion
from campaigns.campaign.questions import Question, answered, load
from campaigns.signatures.models import Signature
from campaigns.signatures.queries import place_of
from campaigns.signatures.rules import CommentState, Review, State, Visibility


@dataclass(frozen=True, slots=True)
class OwnSignature:
    """All that is kept of a signature, for the one whose it is."""

    id: UUID
    campaign_slug: str
    headline: str
    target_name: str
    contact_email: str
    text_headline: str
    demands: list[list[str]]
    version: int
    consent: str
    email: str
    name: str
    town: str
    postcode: str
    country: str
    comment: str
    comment_state: CommentState | None
    answers: list[tuple[Question, str]]
    source: str
    on_paper: bool
    visibility: Visibility
    wants_updates: bool
    state: State
    review: Review
    created_at: datetime
    confirmed_at: datetime | None
    withdrawn_at: datetime | None  # the last time, also of one that was signed anew since

    @property
    def place(self) -> str:
        """Town and country as they stand beside a name."""
        return place_of(self.town, self.country)

    @property
    def is_emptied(self) -> bool:
        """Whether what was typed is deleted already."""
        return not self.name


def of_mailbox(session: Session, email_hash: bytes) -> list[OwnSignature]:
    """Return every signature under one address, the newest first. For its owner alone."""
    rows = session.execute(
        select(Signature, Campaign, PetitionVersion, ConsentWording.text)
        .join(Campaign, Campaign.id == Signature.campaign_id)
        .join(PetitionVersion, PetitionVersion.id == Signature.version_id)
        .join(ConsentWording, ConsentWording.id == Signature.consent_id)
        .where(Signature.email_hash == email_hash)
        .order_by(Signature.created_at.desc(), Signature.id.desc())
    )
    return [_own(*row) for row in rows]


def _own(row: Signature, campaign: Campaign, text: PetitionVersion, consent: str) -> OwnSignature:
    return OwnSignature(
        id=row.id,
        campaign_slug=campaign.slug,
        headline=campaign.headline,
        target_name=campaign.target_name,
        contact_email=campaign.contact_email,
        text_headline=text.headline,
        demands=text.demands,
        version=text.number,
        consent=consent,
        email=row.email,
        name=row.name,
        town=row.town,
        postcode=row.postcode,
        country=row.country,
        comment=row.comment or "",
        comment_state=CommentState(row.comment_state) if row.comment_state else None,
        answers=answered(load(campaign.questions), json.loads(row.answers or "{}")),
        source=row.source or "",
        on_paper=row.paper_id is not None,
        visibility=Visibility(row.visibility),
        wants_updates=row.wants_updates,
        state=State(row.state),
        review=Review(row.review),
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        withdrawn_at=row.withdrawn_at,
    )
