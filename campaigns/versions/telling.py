"""Use-cases: tell those who signed an earlier text what it says now, so that each can still withdraw."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.campaign import queries as campaigns
from campaigns.campaign.operations import row_of
from campaigns.campaign.queries import CampaignFacts, Version
from campaigns.campaign.rules import Text
from campaigns.kernel.errors import Refusal
from campaigns.kernel.ids import row_id
from campaigns.mailboxes import operations as mailboxes
from campaigns.outbox import operations as outbox
from campaigns.outbox.operations import insert_ignoring
from campaigns.versions import queries
from campaigns.versions.models import CorrectionNotice
from campaigns.versions.queries import Reader

TELL_JOB = "versions.tell"
CORRECTION_MAIL = "versions.correction_mail"
BATCH = 200


class NothingToTell(Refusal):
    """The text is as it was first signed. There is nothing to tell."""


class OtherText(Refusal):
    """The text was changed once more since you opened the page. Read what stands now, then decide."""


class NamesDeleted(Refusal):
    """The names under this petition are deleted. There is nobody left to tell."""


def tell(session: Session, slug: str, number: int, *, actor: str, now: datetime) -> bool:
    """Have every confirmed signatory of a text before version `number` told of it; return whether that begins now.

    Asked again when all were told, it begins anew: a link that was under way confirms an earlier text still. Nobody
    is told twice. Raises NoSuchCampaign, NothingToTell, OtherText, NamesDeleted.
    """
    campaign = row_of(session, slug)
    if campaign.anonymising_since:
        raise NamesDeleted
    newest = campaigns.versions(session, campaign.id)[:1]
    if not newest or newest[0].number == 1:
        raise NothingToTell
    if newest[0].number != number:
        raise OtherText
    notice_id = row_id(now)
    values = {"id": notice_id, "campaign_id": campaign.id, "version_id": newest[0].id, "asked_at": now, "told": 0}
    if not insert_ignoring(session, CorrectionNotice, values):
        again = _begin_again(session, newest[0].id)
        if again is None:
            return False
        notice_id = again
    outbox.enqueue(session, TELL_JOB, f"{notice_id}:{now.isoformat()}", {"notice": str(notice_id)}, now=now)
    audit.record(session, actor, "correction.told", str(campaign.id), now=now, version=number)
    return True


def _begin_again(session: Session, version_id: UUID) -> UUID | None:
    """Return the notice of a version, set back to its first signatory; None while its job is still at work."""
    theirs = select(CorrectionNotice).where(CorrectionNotice.version_id == version_id).with_for_update()
    row = session.scalars(theirs, execution_options={"populate_existing": True}).one()
    if row.done_at is None:
        return None
    row.told_up_to = row.done_at = None
    return row.id


def tell_some(session: Session, notice_id: UUID, campaign: CampaignFacts, *, now: datetime) -> bool:
    """Queue the mails of the next batch; return whether more may be left.

    Batch and place in the row of signatories stand or fall together, and the outbox takes one mail for each
    (version, signature): broken off anywhere, it goes on without telling anybody twice.
    """
    row = session.scalars(select(CorrectionNotice).where(CorrectionNotice.id == notice_id).with_for_update()).one()
    texts = {version.id: version for version in campaigns.versions(session, campaign.id)}
    new, by_number = texts[row.version_id], {version.number: version for version in texts.values()}
    people = [] if row.done_at else queries.readers_after(session, campaign.id, new.number, row.told_up_to, BATCH)
    for person in people:
        row.told += _tell(session, campaign, person, by_number[person.version], new, now)
        row.told_up_to = person.id
    if len(people) < BATCH:
        row.done_at = row.done_at or now
    return len(people) == BATCH


def _tell(session: Session, campaign: CampaignFacts, person: Reader, old: Version, new: Version, now: datetime) -> bool:
    subject = f"{new.id}:{person.id}"
    # No address: signed on paper, and left none. Queued: told when an organizer asked before.
    if not person.email or outbox.is_queued(session, CORRECTION_MAIL, subject):
        return False
    link = mailboxes.new_link(now)
    payload = {
        "to": person.email,
        "name": person.name,
        "own_page": link.secret,
        "old": _written(old.text),
        "new": _written(new.text),
        "campaign": {
            "headline": campaign.headline, "slug": campaign.slug, "target": campaign.target_name,
            "organisation": campaign.organisation, "contact": campaign.contact_email,
        },
    }  # fmt: skip
    if not outbox.enqueue(session, CORRECTION_MAIL, subject, payload, now=now):
        return False
    mailboxes.keep_link(session, person.email_hash, link, now=now)
    return True


def _written(text: Text) -> dict[str, Any]:
    return {"headline": text.headline, "demands": [[demand.title, demand.detail] for demand in text.demands]}
