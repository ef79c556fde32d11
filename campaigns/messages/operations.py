"""Use-case: let what givers wrote stand on the page, or not."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.comments.rules import Reading, reading_of
from campaigns.donations.models import Donation
from campaigns.donations.rules import MessageState
from campaigns.messages.queries import words_of


def review(
    session: Session,
    campaign_id: UUID,
    readings: Sequence[Reading],
    state: MessageState,
    *,
    actor: str,
    now: datetime,
) -> int:
    """Show or hide what was read; return how many changed. What is erased meanwhile stays so."""
    read = {reading.row_id: reading for reading in readings}
    rows = session.execute(
        select(Donation.id, Donation.message, Donation.name, Donation.show_name)
        .where(
            Donation.campaign_id == campaign_id,
            Donation.id.in_(read),
            Donation.message_state.is_not(None),
            Donation.message_state != state.value,
        )
        .with_for_update()
    )
    changed = [row.id for row in rows if reading_of(row.id, words_of(row)) == read[row.id]]
    if changed:
        session.execute(update(Donation).where(Donation.id.in_(changed)).values(message_state=state.value))
        audit.record(session, actor, f"messages.{state.value}", str(campaign_id), now=now, number=len(changed))
    return len(changed)
