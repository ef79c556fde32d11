"""Use-case: let comments stand on the page, or not."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.comments.rules import Reading, reading_of
from campaigns.signatures.models import Signature
from campaigns.signatures.rules import CommentState


def review(
    session: Session,
    campaign_id: UUID,
    readings: Sequence[Reading],
    state: CommentState,
    *,
    actor: str,
    now: datetime,
) -> int:
    """Show or hide the comments that were read; return how many changed.

    What its author has written anew in the meantime stays as it is: nobody has read it yet.
    """
    read = {reading.row_id: reading for reading in readings}
    rows = session.execute(
        select(Signature.id, Signature.comment)
        .where(
            Signature.campaign_id == campaign_id,
            Signature.id.in_(read),
            Signature.comment_state.is_not(None),
            Signature.comment_state != state.value,
        )
        .with_for_update()
    )
    changed = [row.id for row in rows if reading_of(row.id, row.comment) == read[row.id]]
    if changed:
        session.execute(update(Signature).where(Signature.id.in_(changed)).values(comment_state=state.value))
        audit.record(session, actor, f"comments.{state.value}", str(campaign_id), now=now, number=len(changed))
    return len(changed)
