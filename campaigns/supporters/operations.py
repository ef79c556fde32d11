"""Use-cases of a supporter's own page. Whoever holds the link acts for the mailbox it was sent to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from campaigns.kernel.errors import NotFound, Refusal
from campaigns.mailboxes import operations as mailboxes
from campaigns.mailboxes import queries as links
from campaigns.mailboxes.rules import counted_since, may_ask
from campaigns.outbox import operations as outbox
from campaigns.recurring import operations as recurring
from campaigns.signatures import changes
from campaigns.signatures import queries as signatures
from campaigns.signatures.rules import Answer, Visibility
from campaigns.subscriptions import operations as subscriptions
from campaigns.supporters import queries
from campaigns.supporters.queries import Supporter

OWN_PAGE_MAIL = "supporters.own_page_mail"


class LinkTooOld(NotFound):
    """This link is no longer valid. Ask for a new one."""


class NotYours(NotFound):
    """There is no such thing under your address."""


class CannotChange(Refusal):
    """Only a confirmed signature can be changed. Please open your page again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFields:
    """What a signatory may change, cleaned by the form."""

    name: str
    visibility: Visibility
    comment: str


def ask(session: Session, email: str, *, now: datetime) -> None:
    """Mail the link where anything stands under `email`, at most a few times a day. On the web all look the same."""
    email_hash = mailboxes.hash_of(email)
    supporter = queries.of_mailbox(session, email_hash, now, now)
    if supporter.is_known:
        _mail_link(session, email_hash, supporter.email or email, now)


def ask_by_confirmation(session: Session, secret: str, *, now: datetime) -> None:
    """Mail the link to the mailbox that a confirmation link was sent to. An unknown link does nothing."""
    found = signatures.behind_link(session, secret, now)
    if found is not None:
        email_hash, email = signatures.mailbox_of(session, found.id)
        _mail_link(session, email_hash, email, now)


def _mail_link(session: Session, email_hash: bytes, to: str, now: datetime) -> None:
    if not may_ask(links.asked_since(session, email_hash, counted_since(now))):
        return
    link = mailboxes.new_link(now)
    mailboxes.keep_link(session, email_hash, link, asked=True, now=now)
    outbox.enqueue(session, OWN_PAGE_MAIL, link.digest.hex(), {"to": to, "secret": link.secret}, now=now)


def change(session: Session, secret: str, signature_id: UUID, fields: ChangedFields, *, now: datetime) -> None:
    """Correct the name, change the visibility and the comment. Raises LinkTooOld, NotYours, CannotChange."""
    _own(session, secret, signature_id, now)
    answers = {
        changes.correct_name(session, signature_id, fields.name),
        changes.change_visibility(session, signature_id, fields.visibility),
        changes.change_comment(session, signature_id, fields.comment),
    }
    if answers != {Answer.CHANGED}:
        raise CannotChange


def withdraw(session: Session, secret: str, signature_id: UUID, *, now: datetime) -> Answer:
    """Take a signature back; doing so twice is harmless. Raises LinkTooOld, NotYours."""
    _own(session, secret, signature_id, now)
    return changes.withdraw(session, signature_id, now=now)


def stop_mails(session: Session, secret: str, *, now: datetime) -> None:
    """Send no more news to this address. Raises LinkTooOld."""
    email_hash = opened(session, secret, now).email_hash
    changes.stop_mails(session, email_hash)
    subscriptions.drop(session, email_hash)


def stop_news(session: Session, secret: str, campaign_id: UUID, *, now: datetime) -> None:
    """Send no more news of one campaign to this address; twice is harmless. Raises LinkTooOld."""
    subscriptions.stop(session, campaign_id, _mailbox(session, secret, now))


def stop_partner(session: Session, secret: str, signature_id: UUID, *, now: datetime) -> None:
    """Take back that a partner may have name and address; twice is harmless. Raises LinkTooOld, NotYours."""
    _own(session, secret, signature_id, now)
    changes.stop_partner(session, signature_id, now=now)


def open_monthly(session: Session, secret: str, subscription_id: UUID, *, now: datetime) -> str:
    """Return the secret of a link to a monthly payment of this mailbox. Raises LinkTooOld, NotYours."""
    supporter = opened(session, secret, now)
    theirs = [own.monthly.id for own in supporter.monthly] + [own.monthly.id for own in supporter.memberships]
    if subscription_id not in theirs:
        raise NotYours
    return recurring.new_link(session, subscription_id, now=now)


def opened(session: Session, secret: str, now: datetime) -> Supporter:
    """Return whose page `secret` opens. Raises LinkTooOld."""
    supporter = queries.behind_link(session, secret, now)
    if supporter is None:
        raise LinkTooOld
    return supporter


def _own(session: Session, secret: str, signature_id: UUID, now: datetime) -> None:
    if not signatures.is_of_mailbox(session, signature_id, _mailbox(session, secret, now)):
        raise NotYours


def _mailbox(session: Session, secret: str, now: datetime) -> bytes:
    mailbox = links.opened_by(session, secret, now)
    if mailbox is None:
        raise LinkTooOld
    return mailbox.email_hash
