"""Use-cases: let go of what is known about members, but for what the law keeps (docs/retention.md)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import CursorResult, Exists, exists, select, update
from sqlalchemy.orm import Session

from campaigns.membership import rules
from campaigns.membership.models import Dues, Member
from campaigns.receipts import operations as receipts
from campaigns.receipts.models import Receipt
from campaigns.recurring import operations as recurring
from campaigns.recurring import queries as standing

_EMPTIED = {"email": "", "email_hash": None, "name": ""}


def erase(session: Session, email_hash: bytes, *, now: datetime) -> int:
    """End the memberships under an address and take them out of the list; return how many keep what a receipt needs."""
    ids = list(session.scalars(select(Member.id).where(Member.email_hash == email_hash)))
    recurring.let_go(session, rules.KIND, ids, now=now)
    session.execute(update(Member).where(Member.id.in_(ids)).values(erased_at=now))
    paid = set(session.scalars(select(Dues.member_id).where(Dues.member_id.in_(ids))))
    _empty(session, [member_id for member_id in ids if member_id not in paid])
    return len(paid)


def empty_old(session: Session, now: datetime, limit: int) -> int:
    """Empty who never joined, and members who left and whose receipts need no longer be kept; return how many."""
    never = Member.id.in_(standing.over_before(rules.KIND, now - rules.NEVER_JOINED_KEPT)) & ~_has_paid()
    long_ago = Member.id.in_(standing.over_before(rules.KIND, now - rules.RECEIPT_KEPT))
    due = (Member.email_hash.is_not(None), never | long_ago)
    return _empty(session, list(session.scalars(select(Member.id).where(*due).limit(limit))))


def empty_receipts(session: Session, now: datetime, limit: int) -> int:
    """Drop what the receipts of dues say that were paid too long ago, member or not; return how many months."""
    said = exists().where(
        Receipt.subject_kind == rules.DUES, Receipt.subject_id == Dues.id, Receipt.content.is_not(None)
    )
    due = select(Dues.id).where(Dues.created_at < now - rules.RECEIPT_KEPT, said).limit(limit)
    ids = list(session.scalars(due))
    receipts.empty(session, rules.DUES, ids)
    return len(ids)


def _has_paid() -> Exists:
    return exists().where(Dues.member_id == Member.id)


def _empty(session: Session, ids: Sequence[UUID]) -> int:
    result = session.execute(update(Member).where(Member.id.in_(ids)).values(_EMPTIED))
    assert isinstance(result, CursorResult)
    return result.rowcount
