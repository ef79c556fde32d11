"""Use-cases: ask for a list, freeze its rows, note its file."""

import secrets
from collections.abc import Container, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.campaign import queries as campaigns
from campaigns.campaign.models import Campaign
from campaigns.campaign.queries import CampaignFacts, Version
from campaigns.deliveries.models import Delivery, DeliveryRow
from campaigns.deliveries.rules import FORMAT, ListDigest, Row, State, as_told, frozen_row
from campaigns.kernel.errors import NotFound, Refusal
from campaigns.kernel.ids import public_id, row_id
from campaigns.kernel.ports import PrintedFile
from campaigns.outbox import operations as outbox
from campaigns.signatures import queries as signatures
from campaigns.signatures.rules import Audience, Frozen, shows_name
from campaigns.timeline import operations as timeline
from campaigns.timeline.rules import Kind

PRINT_JOB = "deliveries.print"
BATCH = 1000
SALT_BYTES = 16


class NothingToDeliver(Refusal):
    """Nobody has signed yet. A list needs at least one confirmed signature."""


class NamesDeleted(Refusal):
    """The names under this petition are deleted, as was promised. No more lists can be made of them."""


class ErasedMeanwhile(Refusal):
    """Somebody on this list erased themselves while it was printed. It is printed again without the name."""


class NoSuchDelivery(NotFound):
    """There is no list at this address."""


def request(
    session: Session,
    campaign: CampaignFacts,
    *,
    paper: str,
    answer_expected: date | None,
    actor: str,
    now: datetime,
    announcements: Sequence[UUID] | None = None,
) -> str:
    """Ask for a list of everybody who counts by the time a worker freezes it; return its public id.

    `paper` is "letter" or "a4". Only those are named whom a mail of `announcements` told; None: whoever asks has told
    them otherwise. Asking for the same once more before it is frozen returns the same list: a double click makes one.
    Raises NothingToDeliver, NamesDeleted.
    """
    if signatures.recount(session, campaign.id).total == 0:
        raise NothingToDeliver
    one = select(Campaign.anonymising_since).where(Campaign.id == campaign.id)
    if session.scalars(one.with_for_update()).one():  # one number at a time
        raise NamesDeleted
    asked = (Delivery.campaign_id == campaign.id, Delivery.paper == paper, Delivery.answer_expected == answer_expected)
    waiting = session.scalar(select(Delivery.public_id).where(*asked, Delivery.state == State.REQUESTED))
    if waiting:
        return waiting
    highest = session.scalar(select(func.max(Delivery.number)).where(Delivery.campaign_id == campaign.id)) or 0
    delivery = Delivery(
        id=row_id(now), public_id=public_id(), campaign_id=campaign.id, number=highest + 1, state=State.REQUESTED.value,
        paper=paper, answer_expected=answer_expected, requested_by=actor, requested_at=now, letter={},
        named=0, withheld=0, on_paper=0, named_on_paper=0,
    )  # fmt: skip
    session.add(delivery)
    outbox.enqueue(session, PRINT_JOB, str(delivery.id), print_payload(delivery.id, announcements), now=now)
    audit.record(session, actor, "delivery.requested", str(delivery.id), now=now, number=delivery.number)
    return delivery.public_id


def print_payload(delivery_id: UUID, announcements: Sequence[UUID] | None) -> dict[str, Any]:
    """Return what the printing job is told of a list; `announcements` as `request` takes them."""
    payload: dict[str, Any] = {"delivery": str(delivery_id)}
    if announcements is not None:
        payload["announcements"] = [str(announcement) for announcement in announcements]
    return payload


def freeze(
    session: Session,
    delivery_id: UUID,
    campaign: CampaignFacts,
    *,
    may_be_named: Container[UUID] | None = None,
    now: datetime,
) -> None:
    """Copy everybody who counts into the list and compute its digest; a frozen list stays as it is.

    Whoever is not in `may_be_named` is counted without a name; None: each who did not choose that is named.
    """
    delivery = _locked(session, delivery_id)
    if delivery.state != State.REQUESTED:
        return
    texts = _texts(session, campaign.id)
    delivery.letter = _letter(delivery, campaign, texts, now)
    digest = ListDigest(delivery.letter)
    counted = signatures.counted(session, campaign.id, campaign.questions)
    rows = _rows((as_told(signature, may_be_named) for signature in counted), texts)
    while batch := list(islice(rows, BATCH)):
        digest.add(batch)
        _tally(delivery, batch)
        session.execute(insert(DeliveryRow.__table__), [_values(delivery_id, row) for row in batch])  # type: ignore[arg-type]  # a mapped class's table is a Table
    delivery.digest, delivery.frozen_at, delivery.state = digest.hexdigest(), now, State.FROZEN.value


def _tally(delivery: Delivery, batch: Sequence[Row]) -> None:
    """Add up a batch: each person once, by name, or withheld online, or withheld on paper."""
    named, paper = (sum(row.number is not None for row in batch), sum(row.on_paper for row in batch))
    named_on_paper = sum(row.on_paper and row.number is not None for row in batch)
    delivery.named += named
    delivery.named_on_paper += named_on_paper
    delivery.on_paper += paper - named_on_paper
    delivery.withheld += len(batch) - named - (paper - named_on_paper)


def _locked(session: Session, delivery_id: UUID) -> Delivery:
    """Return the delivery as it is once this worker holds it, not as the session may have read it before."""
    wanted = select(Delivery).where(Delivery.id == delivery_id).with_for_update()
    return session.scalars(wanted, execution_options={"populate_existing": True}).one()


def _texts(session: Session, campaign_id: UUID) -> list[Version]:
    """Return every version of the text, the newest first. Until the list is frozen nobody makes another.

    Signing goes on: it needs no more than that the campaign's key stays.
    """
    session.execute(select(Campaign.id).where(Campaign.id == campaign_id).with_for_update(key_share=True))
    return campaigns.versions(session, campaign_id)


def _rows(counted: Iterator[Frozen], texts: Sequence[Version]) -> Iterator[Row]:
    number, numbers = 0, {text.id: text.number for text in texts}
    for position, signature in enumerate(counted, 1):
        number += shows_name(signature.visibility, Audience.TARGET)
        version = numbers[signature.version_id]
        yield frozen_row(position, number, signature, secrets.token_hex(SALT_BYTES), version)


def _values(delivery_id: UUID, row: Row) -> dict[str, Any]:
    return {
        "delivery_id": delivery_id,
        "position": row.position,
        "signature_id": row.signature_id,
        "number": row.number,
        "name": row.name,
        "place": row.place,
        "salt": row.salt,
        "withheld_hash": row.withheld_hash,
        "named_hash": row.named_hash,
        "details": row.details,
        "version": row.version,
    }


def _letter(delivery: Delivery, campaign: CampaignFacts, texts: Sequence[Version], now: datetime) -> dict[str, Any]:
    """What page one says, frozen with the rows and covered by the digest. `texts`: all versions, the newest first."""
    current, *earlier = texts
    return {
        "format": FORMAT,
        "list": delivery.number,
        "id": delivery.public_id,
        "campaign": campaign.slug,
        **_written(current),
        "earlier": [_written(text) for text in earlier],
        "target": campaign.target_name,
        "target_address": campaign.target_address,
        "organisation": campaign.organisation,
        "contact": campaign.contact_email,
        "frozen_at": now.isoformat(timespec="seconds"),
        "answer_expected": delivery.answer_expected.isoformat() if delivery.answer_expected else "",
    }


def _written(version: Version) -> dict[str, Any]:
    return {
        "petition_version": version.number,
        "headline": version.text.headline,
        "demands": [[demand.title, demand.detail] for demand in version.text.demands],
    }


def note_file(
    session: Session, delivery_id: UUID, key: str, printed: PrintedFile, *, erased: int, now: datetime
) -> None:
    """Note the finished PDF; a list that has one keeps it.

    `erased` is how many had erased themselves when the printing began. Raises ErasedMeanwhile where it is more now.
    """
    delivery = _locked(session, delivery_id)
    if delivery.state != State.FROZEN:
        return
    if delivery.erased != erased:
        raise ErasedMeanwhile
    delivery.file_key, delivery.file_sha256, delivery.pages = key, printed.sha256, printed.pages
    delivery.unprintable = "".join(printed.unprintable) or None
    delivery.state, delivery.ready_at = State.READY.value, now
    _tell_timeline(session, delivery, now)
    audit.record(session, "system", "delivery.printed", str(delivery_id), now=now, pages=printed.pages)


def _tell_timeline(session: Session, delivery: Delivery, now: datetime) -> None:
    zone = session.scalars(select(Campaign.zone).where(Campaign.id == delivery.campaign_id)).one()
    total = delivery.named + delivery.withheld + delivery.on_paper
    facts: dict[str, int | str] = {"list": delivery.number, "total": total, "named": delivery.named}
    day = timeline.day_of(now, zone)
    subject = str(delivery.number)
    timeline.note(session, delivery.campaign_id, Kind.LIST, subject=subject, day=day, now=now, facts=facts)
