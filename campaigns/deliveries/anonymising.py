"""Use-case: delete what was typed, a stated time after the last list of a closed petition.

Begun for a petition, it is not taken back: from that moment it can neither be opened again nor delivered once more,
so a batch may follow whenever a worker comes by. What the treasurers must keep of givers stands apart and stays.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.campaign.models import Campaign
from campaigns.campaign.rules import PUBLISHED
from campaigns.deliveries import queries
from campaigns.deliveries.erasing import EMPTIED, remove_file
from campaigns.deliveries.models import Delivery, DeliveryRow
from campaigns.deliveries.rules import anonymised_from
from campaigns.signatures import changes
from campaigns.signatures.models import Signature
from campaigns.timeline import operations as timeline
from campaigns.timeline.rules import Kind

Forget = Callable[[Session, UUID], None]


def anonymise_some(session: Session, now: datetime, limit: int, *, others: Sequence[Forget] = ()) -> int:
    """Delete what was typed into the next signatures of a petition whose time has come.

    `others` forget what features that this one does not know keep of a campaign's people; they get its id.
    Return `limit` while more may be left, less when nothing is. A batch, its lists' rows and the place in the row of
    signatures stand or fall together: broken off anywhere, it goes on where it was.
    """
    campaign = _under_way(session) or _begin(session, now)
    if campaign is None:
        return 0
    ids = _next(session, campaign, limit)
    changes.anonymise(session, ids)
    session.execute(update(DeliveryRow).where(DeliveryRow.signature_id.in_(ids)).values(EMPTIED))
    if len(ids) == limit:
        campaign.anonymised_up_to = ids[-1]
    else:
        _finish(session, campaign, others, now)
    return limit  # another petition may wait


def _under_way(session: Session) -> Campaign | None:
    begun = (Campaign.anonymising_since.is_not(None), Campaign.anonymised_at.is_(None))
    return session.scalars(select(Campaign).where(*begun).order_by(Campaign.id).limit(1).with_for_update()).first()


def _begin(session: Session, now: datetime) -> Campaign | None:
    """Begin with the next petition whose time has come. Asked once more when it is locked: somebody may reopen it."""
    closed = (Campaign.state == PUBLISHED, Campaign.anonymising_since.is_(None), Campaign.deadline <= now)
    for campaign_id in session.scalars(select(Campaign.id).where(*closed).order_by(Campaign.id)).all():
        if not _is_due(session, session.get_one(Campaign, campaign_id), now):
            continue
        locked = select(Campaign).where(Campaign.id == campaign_id).with_for_update()
        campaign = session.scalars(locked, execution_options={"populate_existing": True}).one()
        if campaign.anonymising_since is None and _is_due(session, campaign, now):
            _let_go_of_lists(session, campaign, now)
            return campaign
    return None


def _is_due(session: Session, campaign: Campaign, now: datetime) -> bool:
    if campaign.deadline is None:
        return False
    last = queries.last_list_at(session, campaign.id)
    due = anonymised_from(campaign.deadline, last, campaign.anonymise_after_days)
    return due is not None and due <= now


def _let_go_of_lists(session: Session, campaign: Campaign, now: datetime) -> None:
    """From here on it is decided: the files go first, because they name everybody."""
    campaign.anonymising_since = now
    timeline.note(session, campaign.id, Kind.ANONYMISED, day=timeline.day_of(now, campaign.zone), now=now)
    audit.record(session, "system", "campaign.anonymising", str(campaign.id), now=now)
    for delivery in session.scalars(select(Delivery).where(Delivery.campaign_id == campaign.id).with_for_update()):
        remove_file(session, delivery, now)


def _next(session: Session, campaign: Campaign, limit: int) -> list[UUID]:
    wanted: Any = select(Signature.id).where(Signature.campaign_id == campaign.id)
    if campaign.anonymised_up_to is not None:
        wanted = wanted.where(Signature.id > campaign.anonymised_up_to)
    return list(session.scalars(wanted.order_by(Signature.id).limit(limit)))


def _finish(session: Session, campaign: Campaign, others: Sequence[Forget], now: datetime) -> None:
    """What stands on a list without a signature behind it is emptied too."""
    lists = select(Delivery.id).where(Delivery.campaign_id == campaign.id)
    named = (DeliveryRow.delivery_id.in_(lists), DeliveryRow.name.is_not(None) | DeliveryRow.salt.is_not(None))
    session.execute(update(DeliveryRow).where(*named).values(EMPTIED))
    for forget in others:
        forget(session, campaign.id)
    campaign.anonymised_at = now
    audit.record(session, "system", "campaign.anonymised", str(campaign.id), now=now)
