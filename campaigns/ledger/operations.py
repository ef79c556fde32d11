"""The only way into the journal."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from campaigns.db.base import Base
from campaigns.ledger import queries, rules
from campaigns.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerHead, LedgerPosting
from campaigns.ledger.queries import Head
from campaigns.ledger.rules import Draft, Record

CHECKPOINT_EVERY = 1_000  # entries; a figure adds up at most about this many one by one
_ENTRY_FIELDS = [field.name for field in fields(Record) if field.name != "postings"]


class EntryConflict(Exception):
    """A source is booked already, and with other money than the draft's: somebody has to look at it."""

    def __init__(self, source_key: str, sequence: int) -> None:
        super().__init__(f"{source_key} is booked as entry {sequence}, with other content")
        self.source_key = source_key
        self.sequence = sequence


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry in the journal. `is_new` is false where an earlier call had booked it."""

    sequence: int
    hash: str
    is_new: bool


def post(session: Session, draft: Draft, now: datetime) -> Posted:
    """Add `draft` to the journal, once for each source key however often it is called.

    Holds the head's lock until the unit of work ends, so take other locks before. Raises EntryConflict where
    the source key is booked with other money, and IntegrityError where a fund or donation line does not exist.
    """
    session.flush()  # the donation lines that the postings point to
    return _booked(session, draft) or _book(session, draft, now)


def hold(session: Session) -> None:
    """Take the head's lock without posting, until the unit of work ends.

    Whoever locks something further because of the books takes this first: so all do it in one order.
    """
    _take_head(session)


def _book(session: Session, draft: Draft, now: datetime) -> Posted:
    head = _take_head(session)
    # Whoever held the head while we waited may have booked it.
    return _booked(session, draft) or _append(session, draft, head, now)


def _booked(session: Session, draft: Draft) -> Posted | None:
    found = queries.record(session, draft.source_key)
    if found is None:
        return None
    record, its_hash = found
    if not record.says_the_same_as(draft):
        raise EntryConflict(draft.source_key, record.sequence)
    return Posted(record.sequence, its_hash, is_new=False)


def _take_head(session: Session) -> Head:
    """Lock the head row (SQLite's BEGIN IMMEDIATE has locked it already, and knows no FOR UPDATE)."""
    row = session.execute(select(LedgerHead.sequence, LedgerHead.hash).with_for_update()).one()
    return Head(row.sequence, row.hash)


def _append(session: Session, draft: Draft, head: Head, now: datetime) -> Posted:
    record = Record(
        head.sequence + 1,
        draft.source_key,
        draft.kind,
        draft.currency,
        draft.occurred_at,
        now,
        draft.description,
        head.hash,
        tuple(enumerate(draft.postings)),
    )
    posted = Posted(record.sequence, rules.chain_hash(record), is_new=True)
    _insert(session, record, posted)
    return posted


def _insert(session: Session, record: Record, posted: Posted) -> None:
    """Postings first, then the entry whose trigger weighs them, then the head. The mapper would order them else."""
    postings = [{"sequence": record.sequence, "position": at, **asdict(posting)} for at, posting in record.postings]
    entry = {field: getattr(record, field) for field in _ENTRY_FIELDS}
    session.execute(insert(_table(LedgerPosting)), postings)
    session.execute(insert(_table(LedgerEntry)), entry | {"hash": posted.hash})
    session.execute(update(_table(LedgerHead)).values(sequence=posted.sequence, hash=posted.hash))


def checkpoint(session: Session, now: datetime, at_least: int = CHECKPOINT_EVERY) -> int | None:
    """Freeze the sums at the head where `at_least` entries (one or more) came since the last checkpoint.

    Returns the number of the entry it was taken at, or None where it is too early for another.
    """
    head = _take_head(session)
    if head.sequence - (session.scalar(select(queries.latest_checkpoint())) or 0) < max(at_least, 1):
        return None
    sums = queries.sums_by_key(session)
    session.execute(
        insert(_table(LedgerCheckpoint)), [{"sequence": head.sequence, "recorded_at": now, **row} for row in sums]
    )
    return head.sequence


def _table(mapped: type[Base]) -> Table:
    assert isinstance(mapped.__table__, Table)
    return mapped.__table__
