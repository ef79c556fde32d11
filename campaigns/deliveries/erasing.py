"""Use-case: take a person out of the lists that are kept here. What was handed over is in other hands."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.deliveries.models import Delivery, DeliveryRow
from campaigns.outbox import operations as outbox

REMOVE_JOB = "deliveries.remove_file"


# What goes of a row; number, position, version and hash stay.
EMPTIED: dict[str, None] = dict.fromkeys(("signature_id", "name", "place", "details", "salt"))


def let_go(session: Session, signature_id: UUID, *, now: datetime) -> bool:
    """Empty a signature's rows on frozen lists and have the files that name it removed; return whether one did.

    Number, position and hash stay, so that totals and digest still agree with what was handed over. The salt goes,
    and with it the last way to find out whose hash it was.
    """
    mine = DeliveryRow.signature_id == signature_id
    named = select(DeliveryRow.delivery_id).where(mine, DeliveryRow.number.is_not(None))
    lists = session.scalars(
        select(Delivery).where(Delivery.id.in_(named)).order_by(Delivery.id).with_for_update(),
        execution_options={"populate_existing": True},
    ).all()
    for delivery in lists:
        remove_file(session, delivery, now)
    session.flush()
    session.execute(update(DeliveryRow).where(mine).values(EMPTIED))
    return bool(lists)


def remove_file(session: Session, delivery: Delivery, now: datetime) -> None:
    """Take a list's file away: nobody can download it from now on; a job deletes the bytes.

    Printing that is under way starts over.
    """
    delivery.erased += 1
    payload = {"key": delivery.file_key}
    outbox.enqueue(session, REMOVE_JOB, f"{delivery.id}:{delivery.erased}", payload, now=now)
    if delivery.file_key:
        delivery.file_key, delivery.file_removed_at = None, now
