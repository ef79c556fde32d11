"""Use-cases around the confirmation mail: send it again, remind once, say that it was not me."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.campaign import queries as campaigns
from campaigns.campaign.models import Campaign, PetitionVersion
from campaigns.campaign.queries import CampaignFacts
from campaigns.campaign.rules import LATE_CONFIRMATION, takes_confirmations
from campaigns.db.sealing import fingerprint
from campaigns.kernel import addresses, tokens
from campaigns.outbox import operations as outbox
from campaigns.signatures import changes, queries, rules
from campaigns.signatures.models import Signature
from campaigns.signatures.operations import (
    CONFIRM_MAIL,
    STANDING,
    mail_facts,
    queue_already_signed,
    replace_standing,
)
from campaigns.signatures.rules import (
    CONFIRM_LIFETIME,
    CONFIRM_PURPOSE,
    REMINDED_AFTER,
    Act,
    Answer,
    Mails,
    State,
    one_mail_more,
)

REMINDER_MAIL = "signatures.reminder_mail"
_ASKED = (
    *STANDING, Signature.name, Signature.campaign_id, Signature.token_digest, PetitionVersion.headline,
)  # fmt: skip


def resend(session: Session, campaign: CampaignFacts, email: str, *, now: datetime) -> None:
    """Mail the link again where a signature waits; tell a mailbox that has signed. On the web all look the same.

    The mail goes to the address that signed, and no more often than rules.one_mail_more allows.
    """
    email_hash = fingerprint("e-mail", addresses.canonical(email))
    where = (Signature.campaign_id == campaign.id, Signature.email_hash == email_hash)
    signed = select(*_ASKED).join(PetitionVersion, PetitionVersion.id == Signature.version_id)
    found = session.execute(signed.where(*where)).first()
    match rules.answer(State(found.state), Act.RESEND) if found else None:
        case Answer.MAILED:
            _mail_again(session, campaign, found, now)
        case Answer.TOLD:
            queue_already_signed(session, campaign, found, now)


def _mail_again(session: Session, campaign: CampaignFacts, found: Any, now: datetime) -> None:
    mails = one_mail_more(Mails(found.mails, found.mails_since), now)
    if mails is None or not takes_confirmations(campaign.deadline, now):
        return
    token = tokens.issue(CONFIRM_PURPOSE, now, CONFIRM_LIFETIME)
    values = {"token_digest": token.digest, "mails": mails.number, "mails_since": mails.since}
    if replace_standing(session, found, values):
        subject = f"{found.id}:{token.digest.hex()[:16]}"
        outbox.enqueue(session, CONFIRM_MAIL, subject, _payload(campaign, found, token), now=now)


def remind(session: Session, now: datetime, limit: int) -> int:
    """Remind, once for each signature, those who have not confirmed in the stated time; return how many.

    The mark on the row and the mail stand or fall together, and the outbox takes one reminder for each link that
    waited: whoever signs over a row that was reminded is promised, and sent, one of their own.
    """
    waiting = session.execute(
        select(*_ASKED)
        .join(Campaign, Campaign.id == Signature.campaign_id)
        .join(PetitionVersion, PetitionVersion.id == Signature.version_id)
        .where(Signature.state == State.PENDING, Signature.reminded_at.is_(None))
        .where(Signature.created_at <= now - REMINDED_AFTER, Signature.token_expires_at > now)
        .where(Campaign.deadline.is_(None) | (Campaign.deadline > now - LATE_CONFIRMATION))
        .limit(limit)
    ).all()
    known = {found.campaign_id: campaigns.find(session, found.campaign_id, now) for found in waiting}
    for found in waiting:
        _remind(session, known[found.campaign_id], found, now)
    return len(waiting)


def _remind(session: Session, campaign: CampaignFacts | None, found: Any, now: datetime) -> None:
    token = tokens.issue(CONFIRM_PURPOSE, now, CONFIRM_LIFETIME)
    values = {"token_digest": token.digest, "reminded_at": now}
    if campaign and replace_standing(session, found, values):
        subject = f"{found.id}:{found.token_digest.hex()[:16]}"
        outbox.enqueue(session, REMINDER_MAIL, subject, _payload(campaign, found, token), now=now)


def _payload(campaign: CampaignFacts, found: Any, token: tokens.Token) -> dict[str, Any]:
    """What the mail is made of; it speaks of the text that was signed, not of one that was corrected since."""
    facts = mail_facts(campaign) | {"headline": found.headline}
    return {"to": found.email, "name": found.name, "secret": token.secret, "campaign": facts}


def disown(session: Session, secret: str, *, now: datetime) -> bool:
    """Undo what was done with somebody's address; return whether the link led to anything, undone before or not.

    Nothing stands behind a link that a later mail has replaced, that is too old or broken: what was signed may count.
    """
    found = queries.behind_link(session, secret, now)
    if found is not None:
        changes.disown(session, found.id, now=now)
    return found is not None
