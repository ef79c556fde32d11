"""Use-cases: tell signatories that a list will be made, so that each can still hide their name."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.campaign.models import Campaign
from campaigns.campaign.queries import CampaignFacts
from campaigns.deliveries import queries
from campaigns.deliveries.models import Announcement
from campaigns.deliveries.rules import Announced, Freezing, freezing
from campaigns.kernel.errors import Refusal
from campaigns.kernel.ids import row_id
from campaigns.mailboxes import operations as mailboxes
from campaigns.outbox import operations as outbox
from campaigns.outbox import queries as sent
from campaigns.signatures import queries as signatures
from campaigns.signatures.queries import Named

ANNOUNCE_JOB = "deliveries.announce"
BATCH = 200


class NotAnnounced(Refusal):
    """Tell the signatories first: each gets a mail and can still hide their name."""


class StillTelling(Refusal):
    """Some mails to the signatories have not left yet. Try again in a few minutes, or once mail is no longer paused."""


class TooEarly(Refusal):
    """The signatories were promised more time to hide their names. The list can be made when it has passed."""


_REFUSALS = {
    Freezing.NOT_ANNOUNCED: NotAnnounced,
    Freezing.STILL_TELLING: StillTelling,
    Freezing.TOO_EARLY: TooEarly,
}


def announce(session: Session, campaign: CampaignFacts, *, hours: int, actor: str, now: datetime) -> None:
    """Promise that no list is made for `hours`, and have each named signatory told.

    Those whom an announcement that still holds has told are not told again; where all were, or are being told, nothing
    is promised anew.
    """
    session.execute(select(Campaign.id).where(Campaign.id == campaign.id).with_for_update())  # one at a time
    standing = queries.announced(session, campaign.id, now)
    if standing and (standing.done_at is None or not how_many_untold(session, campaign.id, standing)):
        return
    announcement = Announcement(
        id=row_id(now), campaign_id=campaign.id, announced_at=now, freeze_from=now + timedelta(hours=hours), told=0
    )
    session.add(announcement)
    outbox.enqueue(session, ANNOUNCE_JOB, str(announcement.id), {"announcement": str(announcement.id)}, now=now)
    audit.record(session, actor, "delivery.announced", str(announcement.id), now=now, hours=hours)


def under_which(session: Session, campaign: CampaignFacts, *, now: datetime) -> list[UUID]:
    """Return the announcements under which a list may be made now; none for a list that would name nobody.

    Raises NotAnnounced, StillTelling or TooEarly where a list may not be made yet.
    """
    announced = queries.announced(session, campaign.id, now)
    verdict = freezing(announced, now)
    if announced and verdict is Freezing.ALLOWED:
        return list(announced.ids)
    if signatures.named_after(session, campaign.id, None, 1):
        raise _REFUSALS[verdict]
    return []


def told(session: Session, campaign_id: UUID, announcements: Iterable[UUID]) -> set[UUID]:
    """Return who may be named: whose mail of one of `announcements` has left, and who left no address for one.

    That a mail was queued tells nobody. So this asks what became of each, and not how far the telling has come: the
    order of ids says nothing of who confirmed, or was released from review, after it.
    """
    people = queries.without_address(session, campaign_id)
    for announcement_id in announcements:
        people.update(map(UUID, sent.done(session, queries.ANNOUNCE_MAIL, f"{announcement_id}:")))
    return people


def how_many_untold(session: Session, campaign_id: UUID, announced: Announced) -> int:
    """Return how many let the target read their name and would only be counted, because no mail told them."""
    return len(queries.named_ids(session, campaign_id) - told(session, campaign_id, announced.ids))


def tell_some(session: Session, announcement_id: UUID, campaign: CampaignFacts, *, now: datetime) -> bool:
    """Queue the mails of the next batch; return whether more may be left.

    Batch and place in the row of signatories stand or fall together, and the outbox takes one mail for each
    (announcement, signature): broken off anywhere, it goes on without telling anybody twice.
    """
    row = session.scalars(select(Announcement).where(Announcement.id == announcement_id).with_for_update()).one()
    people = [] if row.done_at else signatures.named_after(session, campaign.id, row.told_up_to, BATCH)
    knowing = _told_before(session, row, people)
    for person in people:
        if person.email and person.id not in knowing:  # who signed on paper may have left none: the sheet told them
            row.told += _tell(session, announcement_id, campaign, person, row.freeze_from, now)
        row.told_up_to = person.id
    if len(people) < BATCH:
        row.done_at = row.done_at or now
    return len(people) == BATCH


def _told_before(session: Session, row: Announcement, people: Sequence[Named]) -> set[UUID]:
    """Return those of a batch whom the mail of an announcement that held already has told."""
    ids = {f"{one}:{person.id}": person.id for one in queries.earlier(session, row) for person in people}
    return {ids[subject] for subject in sent.done_among(session, queries.ANNOUNCE_MAIL, ids)}


def _tell(
    session: Session,
    announcement_id: UUID,
    campaign: CampaignFacts,
    person: Named,
    freeze_from: datetime,
    now: datetime,
) -> bool:
    link = mailboxes.new_link(now)
    payload = {
        "to": person.email,
        "name": person.name,
        "own_page": link.secret,
        "freeze_from": freeze_from.isoformat(),
        "kept_days": campaign.anonymise_after_days,
        "campaign": {
            "headline": campaign.headline, "target": campaign.target_name, "zone": campaign.zone,
            "organisation": campaign.organisation, "contact": campaign.contact_email,
        },
    }  # fmt: skip
    if not outbox.enqueue(session, queries.ANNOUNCE_MAIL, f"{announcement_id}:{person.id}", payload, now=now):
        return False
    mailboxes.keep_link(session, person.email_hash, link, now=now)
    return True
