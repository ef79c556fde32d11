"""Use-cases that sheets and tables share: enter rows as signatures, take them back, erase one.

They are rows of `signature` like any other, so that visibility, review, lists and erasure know them already.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from campaigns.abuse import checks as abuse
from campaigns.audit import operations as audit
from campaigns.campaign import queries as campaigns
from campaigns.campaign.models import Campaign
from campaigns.campaign.queries import CampaignFacts
from campaigns.db.sealing import fingerprint
from campaigns.deliveries import erasing as deliveries_erasing
from campaigns.deliveries import queries as deliveries
from campaigns.kernel.addresses import InvalidAddress
from campaigns.kernel.errors import NotFound, Refusal
from campaigns.kernel.ids import row_id
from campaigns.mailboxes.operations import drop_links, hash_of
from campaigns.outbox import erasing as outbox
from campaigns.outbox.operations import insert_ignoring
from campaigns.paper import erasing
from campaigns.paper.checks import Entry
from campaigns.review import erasing as review_erasing
from campaigns.signatures import changes
from campaigns.signatures.checks import add_change
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import Effect, Review, State, Visibility


class NoSuchRow(NotFound):
    """There is no signature in this row any more."""


class NamesDeleted(Refusal):
    """The names under this petition are deleted, as was promised. Nobody can be added any more."""


@dataclass(frozen=True, slots=True)
class Source:
    """What rows came on: the sheet's or the import's id, and the text and wording that its people signed."""

    paper_id: UUID
    campaign_id: UUID
    version_id: UUID
    consent_id: UUID


def held(session: Session, campaign: CampaignFacts, now: datetime) -> CampaignFacts:
    """Return a campaign as it stands once this unit of work holds it: whoever changes it came before, or comes after.

    To be asked before the text is frozen, which fixes whom the campaign asks.
    """
    session.execute(select(Campaign.id).where(Campaign.id == campaign.id).with_for_update())
    found = campaigns.find(session, campaign.id, now)
    assert found is not None  # no campaign is ever deleted
    return found


def are_names_deleted(session: Session, campaign_id: UUID) -> bool:
    """Tell whether a campaign's names are deleted or being deleted; the deleting waits for whoever has asked."""
    asked = select(Campaign.anonymising_since).where(Campaign.id == campaign_id).with_for_update(read=True)
    return session.scalars(asked).one() is not None


def refuse_deleted(session: Session, campaign_id: UUID) -> None:
    """Raise NamesDeleted where nothing can be added. Asked before anything else is locked."""
    if are_names_deleted(session, campaign_id):
        raise NamesDeleted


def enter(session: Session, source: Source, entries: Iterable[Entry], *, now: datetime) -> list[int]:
    """Add confirmed signatures; return the rows whose address has signed before, which stay as they stand.

    The unique key on the address decides, whoever signs or enters in the same moment. Who was taken back before and
    stayed only because a list holds them has not signed: they are entered anew, in the row that the list points to.
    """
    known, counting = [], 0
    for entry in entries:
        values = _values(source, entry, now)
        review = Review.CLEAR if insert_ignoring(session, Signature, values) else _enter_anew(session, values)
        counting += review is Review.CLEAR
        if review is None:
            known.append(entry.typed.row)
    add_change(session, source.campaign_id, Effect(counting, 0, counting))
    return known


def _enter_anew(session: Session, values: dict[str, Any]) -> Review | None:
    """Enter somebody where a row that was taken back is in the way; return what the review says of them then.

    None where a row in the way is no such row: they have signed, or withdrew themselves. What organizers thought of
    a row stays, so that a rejection is not undone by typing.
    """
    in_the_way = or_(_among(values, "campaign_id", "email_hash"), _among(values, "paper_id", "paper_row"))
    columns = (Signature.id, Signature.email_hash, Signature.email, Signature.review, Signature.state)
    wanted = select(*columns, Signature.is_claimed).where(in_the_way).order_by(Signature.id)
    rows = session.execute(wanted.with_for_update()).all()
    if not rows or any(row.is_claimed or row.state != State.WITHDRAWN for row in rows):
        return None
    # The address says whose row it is. Only where a row has none it is the place: the next one there corrects it.
    own = [row for row in rows if row.email_hash == values["email_hash"]] or [row for row in rows if not row.email]
    others = [row.id for row in rows if row not in own]
    session.execute(update(Signature).where(Signature.id.in_(others)).values(paper_id=None, paper_row=None))
    if not own:
        return Review.CLEAR if insert_ignoring(session, Signature, values) else None
    anew = {name: value for name, value in values.items() if name not in _KEPT_ANEW}
    session.execute(update(Signature).where(Signature.id == own[0].id).values(anew))
    return Review(own[0].review)


_KEPT_ANEW = frozenset({"id", "review", "held_because"})


def _among(values: dict[str, Any], *names: str) -> ColumnElement[bool]:
    """Return what finds the row that has these values under a unique key."""
    return and_(*(getattr(Signature, name) == values[name] for name in names))


def _values(source: Source, entry: Entry, now: datetime) -> dict[str, Any]:
    """Who left no address gets a key of its own: another kind of keyed hash, which no mailbox can have."""
    signature_id, typed = row_id(now), entry.typed
    visibility = Visibility.DELIVERED if typed.is_listed else Visibility.COUNTED
    domain = typed.email.rpartition("@")[2]
    return {
        "id": signature_id, "campaign_id": source.campaign_id, "version_id": source.version_id,
        "consent_id": source.consent_id, "paper_id": source.paper_id, "paper_row": typed.row, "is_claimed": False,
        "email_hash": entry.email_hash or fingerprint("paper", str(signature_id)),
        "email": typed.email, "name": typed.name, "town": typed.town, "postcode": typed.postcode,
        "country": typed.country, "visibility": visibility.value, "wants_updates": False,
        "state": State.CONFIRMED.value, "review": Review.CLEAR.value, "held_because": "",
        "created_at": now, "confirmed_at": now, "judged_at": now, "mails": 0,
        "domain_key": abuse.domain_key(domain) if domain else None,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class TakenBack:
    """How many one batch of an undoing took back, and whether it was the last."""

    done: int
    is_last: bool


def take_back(session: Session, paper_id: UUID, *, batch: int, now: datetime) -> TakenBack:
    """Undo the next `batch` rows of a sheet or an import.

    They are deleted, so that a corrected table can be imported anew. Who stands on a frozen list is withdrawn instead:
    the list keeps its row, and its owner can find it. Who was changed by their own signatory, or withdrew, stays.
    """
    mine = (Signature.paper_id == paper_id, Signature.is_claimed.is_(False), Signature.state == State.CONFIRMED.value)
    rows = session.execute(
        select(*changes.LOCKED).where(*mine).order_by(Signature.paper_row).limit(batch).with_for_update()
    ).all()
    ids = {row.id for row in rows}
    listed = deliveries.listed(session, ids)
    withdrawn = {"state": State.WITHDRAWN.value, "withdrawn_at": now}
    session.execute(update(Signature).where(Signature.id.in_(listed)).values(withdrawn))
    session.execute(delete(Signature).where(Signature.id.in_(ids - listed)))
    effect = sum((changes.taken_away(row) for row in rows if changes.does_count(row)), Effect(0, 0))
    if rows:
        add_change(session, rows[0].campaign_id, effect)
    return TakenBack(len(rows), len(rows) < batch)


def how_many_stay(session: Session, paper_id: UUID) -> int:
    """Return how many signatures of a sheet or an import are still confirmed."""
    mine = (Signature.paper_id == paper_id, Signature.state == State.CONFIRMED.value)
    return session.scalar(select(func.count()).where(*mine)) or 0


def erase_row(session: Session, campaign_id: UUID, paper_id: UUID, row: int, *, actor: str, now: datetime) -> None:
    """Erase the person in a row for good, as they would on a page of their own. Raises NoSuchRow."""
    where = (Signature.campaign_id == campaign_id, Signature.paper_id == paper_id, Signature.paper_row == row)
    found = session.execute(select(Signature.id, Signature.email, Signature.email_hash).where(*where)).first()
    if found is None:
        raise NoSuchRow
    email_hash = hash_of(found.email) if found.email else None
    review_erasing.forget_person(session, found.email_hash, [found.id], now=now)
    if email_hash:
        erasing.blank_rows(session, email_hash)  # before the signature: an import holds its table first, too
    changes.hold(session, [found.id])  # a list that is frozen at this moment is complete, or does not hold them at all
    deliveries_erasing.let_go(session, found.id, now=now)
    erasing.let_go(session, [found.id])
    changes.erase(session, found.id)
    if email_hash:
        outbox.forget_mails(session, lambda to: _is(to, email_hash), now=now)
        drop_links(session, email_hash)
    audit.record(session, actor, "paper.erased", str(paper_id), now=now, row=row)


def _is(address: str, email_hash: bytes) -> bool:
    try:
        return hash_of(address) == email_hash
    except InvalidAddress:
        return False
