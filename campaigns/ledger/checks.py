"""Proofs that the journal still keeps its laws. Nothing here trusts a constraint, a trigger or a checkpoint."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text, true
from sqlalchemy.orm import Session

from campaigns.db.base import Base
from campaigns.ledger import queries, rules, triggers
from campaigns.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerHead, LedgerPosting
from campaigns.ledger.rules import Record
from campaigns.ledger.triggers import Guard

BATCH = 2_000  # rows held in memory at a time

_Key = tuple[str, UUID | None, str | None, str]
_Totals = Counter[tuple[_Key, str]]  # by account, fund, meaning and currency; and debit or credit


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken law: which, where (an entry, a trigger, …), and what is wrong in a sentence."""

    law: str
    where: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.law}: {self.where}: {self.sentence}"


def verify(session: Session, known_heads: Mapping[int, str] | None = None) -> list[Finding]:
    """Return every law of the journal that is broken; empty where it is sound. Streams, and writes nothing.

    `known_heads` are heads that stand on paper (entry number → hash): only they can show a cut tail that was
    rewound, or a journal that was written anew. Entries posted meanwhile are left to the next run.
    """
    last = session.scalar(select(func.max(LedgerEntry.sequence))) or 0
    return [
        *guard_findings(session, triggers.GUARDS),
        *_head_findings(session),
        *_orphan_findings(session),
        *_source_findings(session),
        *_entry_findings(session, last),
        *_known_head_findings(session, known_heads or {}),
    ]


# Guards


def guard_findings(session: Session, guards: Mapping[str, Iterable[Guard]]) -> Iterator[Finding]:
    """Yield each of `guards` (by dialect) that the database no longer has as it was made."""
    dialect = session.get_bind().dialect.name
    found = _sqlite_guards(session) if dialect == triggers.SQLITE else _postgresql_guards(session)
    for guard in guards[dialect]:
        if guard.name not in found:
            yield Finding("guards", guard.name, f"the trigger on {guard.event} of {guard.table} is missing")
        elif found[guard.name] != _expected(dialect, guard):
            yield Finding("guards", guard.name, f"the trigger on {guard.event} of {guard.table} was changed")


def _expected(dialect: str, guard: Guard) -> tuple[Any, ...]:
    if dialect == triggers.SQLITE:
        return guard.table, triggers.sqlite_trigger(guard)
    return guard.table, triggers.postgresql_body(guard), triggers.postgresql_type(guard), "O"


def _sqlite_guards(session: Session) -> dict[str, tuple[Any, ...]]:
    rows = session.execute(text("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return {name: tuple(rest) for name, *rest in rows}


def _postgresql_guards(session: Session) -> dict[str, tuple[Any, ...]]:
    """`tgenabled` is O (as made) unless somebody switched the trigger off; a WHEN clause would be a hole."""
    rows = session.execute(
        text(
            "SELECT tgname, relname, prosrc, tgtype, tgenabled FROM pg_trigger"
            " JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE NOT tgisinternal AND tgqual IS NULL AND pg_table_is_visible(pg_class.oid)"
        )
    )
    return {name: (table, body, kind, _plain(enabled)) for name, table, body, kind, enabled in rows}


def _plain(char: str | bytes) -> str:
    """PostgreSQL's one-byte "char" reaches us as bytes or text, by driver version."""
    return char.decode() if isinstance(char, bytes) else char


# Head, orphans, sources


def _head_findings(session: Session) -> Iterator[Finding]:
    """One statement, so that head and last entry are read at the same instant."""
    columns = (LedgerEntry.sequence.label("last_sequence"), LedgerEntry.hash.label("last_hash"))
    last = select(*columns).order_by(LedgerEntry.sequence.desc()).limit(1).subquery()
    row = session.execute(select(LedgerHead.sequence, LedgerHead.hash, last).outerjoin(last, true())).first()
    if row is None:
        yield Finding("head", "head", "the head is missing, so no entry can be posted")
    elif (row.sequence, row.hash) != (row.last_sequence or 0, row.last_hash or rules.GENESIS):
        yield Finding("head", f"entry {row.sequence}", f"the head is not the last entry, {row.last_sequence or 0}")


def _orphan_findings(session: Session) -> Iterator[Finding]:
    for table, thing in ((LedgerPosting, "posting"), (LedgerCheckpoint, "checkpoint")):
        query = select(table.sequence).outerjoin(LedgerEntry, LedgerEntry.sequence == table.sequence)
        for sequence in session.scalars(query.where(LedgerEntry.sequence.is_(None)).distinct()):
            yield Finding("orphans", f"entry {sequence}", f"a {thing} belongs to this entry, which does not exist")


def _source_findings(session: Session) -> Iterator[Finding]:
    repeated = select(LedgerEntry.source_key).group_by(LedgerEntry.source_key).having(func.count() > 1)
    for source_key in session.scalars(repeated):
        yield Finding("sources", source_key, "this source is booked more than once")


def _known_head_findings(session: Session, known_heads: Mapping[int, str]) -> Iterator[Finding]:
    query = select(LedgerEntry.sequence, LedgerEntry.hash).where(LedgerEntry.sequence.in_(known_heads))
    found = {row.sequence: row.hash for row in session.execute(query)}
    for sequence, its_hash in known_heads.items():
        if found.get(sequence) != its_hash:
            yield Finding("known heads", f"entry {sequence}", "the head that was made known here is gone")


# Entries, chain, checkpoints


@dataclass(slots=True)
class _Walk:
    """Where a walk along the chain stands, and the sums of all postings so far."""

    sequence: int = 0
    hash: str = rules.GENESIS
    totals: _Totals = field(default_factory=Counter)

    def step(self, record: Record, its_hash: str) -> Iterator[Finding]:
        where = f"entry {record.sequence}"
        for sentence in rules.faults(record.currency, [posting for _, posting in record.postings]):
            yield Finding("entries", where, sentence)
        for sentence in self._chain_faults(record, its_hash):
            yield Finding("chain", where, sentence)
        self.sequence, self.hash = record.sequence, its_hash
        for _, posting in record.postings:
            key = (posting.account, posting.fund_id, posting.meaning, posting.currency)
            self.totals[key, "debit" if posting.amount > 0 else "credit"] += abs(posting.amount)

    def _chain_faults(self, record: Record, its_hash: str) -> Iterator[str]:
        if record.sequence != self.sequence + 1:
            yield f"it follows entry {self.sequence}, so entries are missing"
        if record.prev_hash != self.hash:
            yield "it does not hold the hash of the entry before it"
        if rules.chain_hash(record) != its_hash:
            yield "its hash does not fit its content"


def _entry_findings(session: Session, last: int) -> Iterator[Finding]:
    walk = _Walk()
    try:
        yield from _walk_findings(session, last, walk)
    except (ValueError, TypeError) as error:  # a time or an id that is none
        yield Finding("entries", f"after entry {walk.sequence}", f"a row cannot be read: {error}")


def _walk_findings(session: Session, last: int, walk: _Walk) -> Iterator[Finding]:
    postings = _alongside(_rows(session, LedgerPosting, last))
    checkpoints = _alongside(_rows(session, LedgerCheckpoint, last))
    for entry in _rows(session, LedgerEntry, last):
        yield from walk.step(queries.as_record(entry, postings(entry.sequence)), entry.hash)
        frozen = checkpoints(entry.sequence)
        if frozen and _frozen_totals(frozen) != walk.totals:
            yield Finding("checkpoints", f"entry {entry.sequence}", "the checkpoint is not the sum of what came before")


def _rows(session: Session, table: type[Base], last: int) -> Iterable[Row[Any]]:
    """Stream a table's rows up to entry `last`, in the journal's order."""
    columns = table.__table__.columns
    order = [columns[name] for name in ("sequence", "position") if name in columns]
    query = select(*columns).where(columns.sequence <= last).order_by(*order)
    return session.execute(query.execution_options(yield_per=BATCH))


def _alongside(rows: Iterable[Row[Any]]) -> Callable[[int], list[Row[Any]]]:
    """Return a function that gives the rows of one entry after the other; entries are asked for in order."""
    groups = groupby(rows, key=lambda row: int(row.sequence))
    waiting = next(groups, None)

    def of(sequence: int) -> list[Row[Any]]:
        nonlocal waiting
        while waiting and waiting[0] < sequence:
            waiting = next(groups, None)
        return list(waiting[1]) if waiting and waiting[0] == sequence else []

    return of


def _frozen_totals(rows: Iterable[Row[Any]]) -> _Totals:
    totals: _Totals = Counter()
    for row in rows:
        key = (row.account, row.fund_id, row.meaning, row.currency)
        totals.update({(key, "debit"): row.debit, (key, "credit"): row.credit})
    return totals
