"""Use-cases: let go of what paper keeps beside its signatures: photos, and tables that wait to be imported."""

import json
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import CursorResult, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from campaigns.kernel.addresses import InvalidAddress
from campaigns.mailboxes.operations import hash_of
from campaigns.paper.models import PaperImport, PaperPhoto, PaperSheet
from campaigns.paper.rules import PHOTO_KEPT, PHOTO_WAITS, TABLE_WAITS, WAITING, Phase
from campaigns.signatures.models import Signature


def let_go(session: Session, signature_ids: Collection[UUID]) -> None:
    """Delete the photos of the sheets that these people signed. To be called before their signatures go."""
    sheets = select(Signature.paper_id).where(Signature.id.in_(signature_ids), Signature.paper_id.is_not(None))
    session.execute(delete(PaperPhoto).where(PaperPhoto.sheet_id.in_(sheets)))


def blank_rows(session: Session, email_hash: bytes) -> None:
    """Empty the rows of an address in tables that wait or are being imported; the others keep their numbers."""
    waiting = select(PaperImport).where(PaperImport.content.is_not(None)).order_by(PaperImport.id).with_for_update()
    for table in session.scalars(waiting, execution_options={"populate_existing": True}):
        rows = json.loads(table.content or "[]")
        kept = [[] if any(_is(cell, email_hash) for cell in row) else row for row in rows]
        if kept != rows:
            table.content = json.dumps(kept, ensure_ascii=False)


def _is(cell: str, email_hash: bytes) -> bool:
    try:
        return "@" in cell and hash_of(cell) == email_hash
    except InvalidAddress:
        return False


def forget_people(session: Session, campaign_id: UUID) -> None:
    """Delete a campaign's photos and what its tables say: the names of its people are deleted."""
    sheets = select(PaperSheet.id).where(PaperSheet.campaign_id == campaign_id)
    session.execute(delete(PaperPhoto).where(PaperPhoto.sheet_id.in_(sheets)))
    tables = (PaperImport.campaign_id == campaign_id, PaperImport.content.is_not(None))
    session.execute(update(PaperImport).where(*tables).values(content=None, state=Phase.CANCELLED.value))


def forget_photos(session: Session, now: datetime) -> int:
    """Delete the photos of sheets entered some time ago, and of those that nobody entered; return how many."""
    entered = PaperSheet.entered_at < now - PHOTO_KEPT
    never = and_(PaperSheet.entered_at.is_(None), PaperPhoto.uploaded_at < now - PHOTO_WAITS)
    old = select(PaperPhoto.sheet_id).join(PaperSheet, PaperSheet.id == PaperPhoto.sheet_id).where(or_(entered, never))
    result = session.execute(delete(PaperPhoto).where(PaperPhoto.sheet_id.in_(old)))
    assert isinstance(result, CursorResult)
    return result.rowcount


def give_up_tables(session: Session, now: datetime) -> int:
    """Cancel imports that nobody started in time, and drop what their tables said; return how many.

    One that is under way for so long is stuck: its job was given up. What it has entered stays, and can be undone.
    """
    late = (PaperImport.state.in_(WAITING | {Phase.RUNNING}), PaperImport.asked_at < now - TABLE_WAITS)
    values = {"state": Phase.CANCELLED.value, "content": None, "ended_at": now}
    result = session.execute(update(PaperImport).where(*late).values(values))
    assert isinstance(result, CursorResult)
    return result.rowcount
