"""Use-case: erase a person. What stays, for whom and why, is in docs/retention.md and on the page."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.audit import operations as audit
from campaigns.deliveries import erasing as deliveries
from campaigns.donations import erasing as donations
from campaigns.donations import monthly
from campaigns.kernel.addresses import InvalidAddress
from campaigns.mailboxes import operations as mailboxes
from campaigns.membership import erasing as membership
from campaigns.outbox import erasing as outbox
from campaigns.paper import erasing as paper
from campaigns.review import erasing as review
from campaigns.signatures import changes
from campaigns.subscriptions import operations as subscriptions
from campaigns.supporters import operations


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure met: lists that held the name, gifts of which the law keeps something."""

    was_listed: bool
    keeps_gifts: bool


def erase(session: Session, secret: str, *, now: datetime) -> Erased:
    """Erase all that stands under the mailbox of `secret`, in one unit of work. Raises LinkTooOld."""
    supporter = operations.opened(session, secret, now)
    ids = [each.signature.id for each in supporter.signed]
    review.forget_person(session, supporter.email_hash, ids, now=now)
    paper.blank_rows(session, supporter.email_hash)  # before the signatures: an import holds its table first, too
    changes.hold(session, ids)  # a list that is frozen at this moment is complete, or does not hold them at all
    lists = sum(deliveries.let_go(session, signature_id, now=now) for signature_id in ids)
    paper.let_go(session, ids)
    for signature_id in ids:
        changes.erase(session, signature_id)
    subscriptions.drop(session, supporter.email_hash)
    kept = donations.erase(session, supporter.email_hash)
    monthly.erase(session, supporter.email_hash, now=now)
    kept += membership.erase(session, supporter.email_hash, now=now)
    outbox.forget_mails(session, lambda to: _is(to, supporter.email_hash), now=now)
    mailboxes.drop_links(session, supporter.email_hash)
    audit.record(session, "supporter", "supporter.erased", "", now=now, signatures=len(ids), gifts_kept=kept)
    return Erased(bool(lists), bool(kept))


def _is(address: str, email_hash: bytes) -> bool:
    try:
        return mailboxes.hash_of(address) == email_hash
    except InvalidAddress:
        return False
