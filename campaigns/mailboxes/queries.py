"""Reads: whose mailbox a link was sent to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.kernel import tokens
from campaigns.mailboxes.models import MailboxLink
from campaigns.mailboxes.rules import LINK_PURPOSE


@dataclass(frozen=True, slots=True)
class Opened:
    """What a valid link opens: a mailbox by its keyed hash, until a moment."""

    email_hash: bytes
    expires_at: datetime


def opened_by(session: Session, secret: str, now: datetime) -> Opened | None:
    """Return the mailbox that `secret` was mailed to, or None where it is unknown or too old."""
    row = session.execute(
        select(MailboxLink.email_hash, MailboxLink.expires_at).where(
            MailboxLink.digest == tokens.digest(LINK_PURPOSE, secret), MailboxLink.expires_at > now
        )
    ).first()
    return Opened(row.email_hash, row.expires_at) if row else None


def asked_since(session: Session, email_hash: bytes, since: datetime) -> int:
    """Return how many links somebody asked for on the web since a moment."""
    return (
        session.scalar(
            select(func.count()).where(
                MailboxLink.email_hash == email_hash, MailboxLink.asked.is_(True), MailboxLink.created_at > since
            )
        )
        or 0
    )
