"""Use-cases: know a mailbox, issue a link for it, forget old ones."""

from datetime import datetime

from sqlalchemy import CursorResult, delete
from sqlalchemy.orm import Session

from campaigns.db.sealing import fingerprint
from campaigns.kernel import addresses, tokens
from campaigns.kernel.tokens import Token
from campaigns.mailboxes.models import MailboxLink
from campaigns.mailboxes.rules import LINK_LIFETIME, LINK_PURPOSE


def hash_of(email: str) -> bytes:
    """Return the keyed hash under which a mailbox is looked up. Raises InvalidAddress."""
    return fingerprint("e-mail", addresses.canonical(email))


def new_link(now: datetime) -> Token:
    """Return a new link's token. Its secret belongs in one mail to the mailbox and nowhere else; see `keep_link`."""
    return tokens.issue(LINK_PURPOSE, now, LINK_LIFETIME)


def keep_link(session: Session, email_hash: bytes, token: Token, *, asked: bool = False, now: datetime) -> None:
    """Let `token` open a mailbox's page; `asked` where somebody typed the address on the web."""
    link = MailboxLink(
        digest=token.digest, email_hash=email_hash, asked=asked, created_at=now, expires_at=token.expires_at
    )
    session.add(link)


def forget_links(session: Session, now: datetime) -> int:
    """Delete links that no longer open anything; return how many."""
    result = session.execute(delete(MailboxLink).where(MailboxLink.expires_at <= now))
    assert isinstance(result, CursorResult)
    return result.rowcount


def drop_links(session: Session, email_hash: bytes) -> None:
    """Delete every link to a mailbox."""
    session.execute(delete(MailboxLink).where(MailboxLink.email_hash == email_hash))
