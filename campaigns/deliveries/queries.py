"""Reads of deliveries."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.campaign.models import Campaign
from campaigns.campaign.queries import CampaignFacts
from campaigns.campaign.rules import CLOSED
from campaigns.deliveries.models import Announcement, Delivery, DeliveryRow
from campaigns.deliveries.rules import ANNOUNCED_FOR, Announced, State, anonymised_from, may_be_id, together
from campaigns.kernel.ports import ListedName
from campaigns.outbox import queries as outbox
from campaigns.signatures import queries as signatures
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import Audience, visible_to

ANNOUNCE_MAIL = "deliveries.announce_mail"


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """A delivery as pages and print need it."""

    id: UUID
    public_id: str
    campaign_id: UUID
    campaign_slug: str
    campaign_headline: str
    number: int
    state: State
    paper: str
    answer_expected: date | None
    created_at: datetime
    frozen_at: datetime | None
    ready_at: datetime | None
    letter: dict[str, Any]
    named: int
    withheld: int
    on_paper: int
    named_on_paper: int
    digest: str
    file_key: str | None
    file_sha256: str | None
    pages: int | None
    unprintable: str
    erased: int
    file_removed_at: datetime | None

    @property
    def total(self) -> int:
        """Everybody who is on the list, by name or not."""
        return self.named + self.withheld + self.on_paper

    @property
    def delivered_at(self) -> datetime:
        """The moment its rows were frozen; until then, when it was asked for."""
        return self.frozen_at or self.created_at


def find(session: Session, public_id: str) -> DeliveryFacts | None:
    """Return the delivery at an unguessable address, or None."""
    found = _deliveries(session, Delivery.public_id == public_id) if may_be_id(public_id) else []
    return found[0] if found else None


def get(session: Session, delivery_id: UUID) -> DeliveryFacts:
    """Return a delivery that exists."""
    return _deliveries(session, Delivery.id == delivery_id)[0]


def of_campaign(session: Session, campaign_id: UUID) -> list[DeliveryFacts]:
    """Return a campaign's deliveries, the newest first."""
    return _deliveries(session, Delivery.campaign_id == campaign_id)


def file_keys(session: Session) -> list[str]:
    """Return the key of every finished list's file."""
    keys = session.scalars(select(Delivery.file_key).where(Delivery.file_key.is_not(None)).order_by(Delivery.file_key))
    return [key for key in keys if key]


def named_rows(session: Session, delivery_id: UUID) -> Iterator[ListedName]:
    """Yield the names on a list in the order of their numbers; who was erased leaves a gap."""
    row = DeliveryRow
    rows = session.execute(
        select(row.number, row.name, row.place, row.details, row.version)
        .where(DeliveryRow.delivery_id == delivery_id, DeliveryRow.name.is_not(None))
        .order_by(DeliveryRow.position),
        execution_options={"yield_per": 1000},
    )
    for number, name, place, details, version in rows:
        yield ListedName(number or 0, name or "", place or "", details or "", version or 0)


def signed_versions(session: Session, delivery_id: UUID) -> dict[int, int]:
    """Return how many on a list signed each version of the text; nothing for lists that do not say."""
    rows = session.execute(
        select(DeliveryRow.version, func.count())
        .where(DeliveryRow.delivery_id == delivery_id, DeliveryRow.version.is_not(None))
        .group_by(DeliveryRow.version)
    )
    return {number: people for number, people in rows if number}


def announced(session: Session, campaign_id: UUID, now: datetime) -> Announced | None:
    """Return what the announcements of a campaign that still hold say together, or None.

    One is not done while one of its mails waits to be sent: queued, it tells nobody. A mail that was given up holds
    nothing up, and whom it was for is not named.
    """
    found = [Announced((row.id,), *row[1:]) for row in session.execute(_holding(campaign_id, now))]
    return together([_as_sent(session, each) for each in found])


def earlier(session: Session, announcement: Announcement) -> list[UUID]:
    """Return the announcements that held when `announcement` was made: whom they told it does not tell again."""
    before = _holding(announcement.campaign_id, announcement.announced_at).where(Announcement.id != announcement.id)
    return [row.id for row in session.execute(before) if row.announced_at <= announcement.announced_at]


def _holding(campaign_id: UUID, now: datetime) -> Any:
    row = Announcement
    return (
        select(row.id, row.announced_at, row.freeze_from, row.done_at, row.told)
        .where(row.campaign_id == campaign_id, row.freeze_from > now - ANNOUNCED_FOR)
        .order_by(row.announced_at, row.id)
    )


def _as_sent(session: Session, announced: Announced) -> Announced:
    waits = any(outbox.is_waiting(session, ANNOUNCE_MAIL, f"{one}:") for one in announced.ids)
    return replace(announced, done_at=None) if waits else announced


def named_ids(session: Session, campaign_id: UUID) -> set[UUID]:
    """Return each signature that counts and whose name the target may read."""
    shown = Signature.visibility.in_(visible_to(Audience.TARGET))
    return set(session.scalars(signatures.that_count(campaign_id, Signature.id).where(shown)))


def without_address(session: Session, campaign_id: UUID) -> set[UUID]:
    """Return each signature that counts and has no e-mail address, as only paper allows."""
    on_paper = signatures.that_count(campaign_id, Signature.id, Signature.email).where(Signature.paper_id.is_not(None))
    return {row.id for row in session.execute(on_paper) if not row.email}


def campaign_of_announcement(session: Session, announcement_id: UUID) -> UUID:
    """Return whose signatories an announcement tells."""
    return session.scalars(select(Announcement.campaign_id).where(Announcement.id == announcement_id)).one()


def anonymised_on(session: Session, campaign: CampaignFacts) -> datetime | None:
    """Return when what was typed under a petition is deleted, or was; None while nothing says when.

    Nothing does while it is open, while no list is made, and while one is being made.
    """
    if campaign.anonymising_since is not None or campaign.deadline is None or campaign.state != CLOSED:
        return campaign.anonymising_since
    return anonymised_from(campaign.deadline, last_list_at(session, campaign.id), campaign.anonymise_after_days)


def last_list_at(session: Session, campaign_id: UUID) -> datetime | None:
    """Return when the names of a campaign's last list were frozen; None where there is none, or one is being made."""
    rows = session.execute(select(Delivery.state, Delivery.frozen_at).where(Delivery.campaign_id == campaign_id)).all()
    made = [row.frozen_at for row in rows if row.state == State.READY and row.frozen_at]
    return max(made) if made and len(made) == len(rows) else None


@dataclass(frozen=True, slots=True)
class OnList:
    """Where a signature stands on a frozen list, as it was frozen; `row` and all after it are None where withheld."""

    public_id: str
    list_number: int
    frozen_at: datetime | None
    is_handed_out: bool
    row: int | None
    name: str | None
    place: str | None
    details: str | None
    version: int | None


def lists_with(session: Session, signature_id: UUID) -> list[OnList]:
    """Return the lists that a signature stands on, the newest first. For its owner alone."""
    rows = session.execute(
        select(DeliveryRow, Delivery.public_id, Delivery.number, Delivery.frozen_at, Delivery.ready_at)
        .join(Delivery, Delivery.id == DeliveryRow.delivery_id)
        .where(DeliveryRow.signature_id == signature_id)
        .order_by(Delivery.number.desc())
    )
    return [
        OnList(public_id, number, frozen, ready is not None, row.number, row.name, row.place, row.details, row.version)
        for row, public_id, number, frozen, ready in rows
    ]


def listed(session: Session, signature_ids: Collection[UUID]) -> set[UUID]:
    """Return those of `signature_ids` that stand on a frozen list."""
    rows = session.scalars(select(DeliveryRow.signature_id).where(DeliveryRow.signature_id.in_(signature_ids)))
    return {signature_id for signature_id in rows if signature_id}


def _deliveries(session: Session, *where: Any) -> list[DeliveryFacts]:
    rows = session.execute(
        select(Delivery, Campaign.slug, Campaign.headline)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(*where)
        .order_by(Delivery.number.desc())
    )
    return [_facts(*row) for row in rows]


def _facts(row: Delivery, slug: str, headline: str) -> DeliveryFacts:
    return DeliveryFacts(
        id=row.id,
        public_id=row.public_id,
        campaign_id=row.campaign_id,
        campaign_slug=slug,
        campaign_headline=headline,
        number=row.number,
        state=State(row.state),
        paper=row.paper,
        answer_expected=row.answer_expected,
        created_at=row.requested_at,
        frozen_at=row.frozen_at,
        ready_at=row.ready_at,
        letter=row.letter,
        named=row.named,
        withheld=row.withheld,
        on_paper=row.on_paper,
        named_on_paper=row.named_on_paper,
        digest=row.digest or "",
        file_key=row.file_key,
        file_sha256=row.file_sha256,
        pages=row.pages,
        unprintable=row.unprintable or "",
        erased=row.erased,
        file_removed_at=row.file_removed_at,
    )
