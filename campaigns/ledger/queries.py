"""Every figure is a sum over the same postings: the last checkpoint and what came after it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    RowMapping,
    ScalarSelect,
    Select,
    Subquery,
    case,
    cast,
    func,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from campaigns.kernel.money import Money
from campaigns.ledger import rules
from campaigns.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerHead, LedgerPosting
from campaigns.ledger.rules import Account, Figures, Meaning, Posting, Record

PAGE = 50
KEYS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Head:
    """Number and hash of the last entry: whoever keeps a copy can prove that nothing before it was changed."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class Balance:
    """All that was ever debited to and credited to one account, in one currency."""

    account: str
    debit: Money
    credit: Money

    @property
    def balance(self) -> Money:
        """Return debits less credits: for a place where money lies, what lies there."""
        return self.debit - self.credit


@dataclass(frozen=True, slots=True)
class Collected:
    """Card gifts: `expected` is recognised and still on its way, `settled` has reached the provider's balance."""

    expected: Money
    settled: Money


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One posting behind a figure. `amount` counts like the figure: a gift, a fee or a refund is positive."""

    sequence: int
    position: int
    source_key: str
    kind: str
    occurred_at: datetime
    description: str
    amount: Money
    donation_line_id: UUID | None


def head(session: Session) -> Head:
    """Return the head of the journal; entry 0 with the genesis hash where it is empty."""
    row = session.execute(select(LedgerHead.sequence, LedgerHead.hash)).one()
    return Head(row.sequence, row.hash)


# Figures


def figures(session: Session, fund_ids: Collection[UUID] | None = None) -> list[Figures]:
    """Return the figures of `fund_ids` (all funds where None), one for each fund and currency that ever moved."""
    sums: dict[tuple[UUID, str], dict[str, int]] = defaultdict(dict)
    for row in session.execute(_fund_sums(fund_ids)):
        sums[row.fund_id, row.currency][row.meaning] = row.total
    return [rules.figures(fund_id, currency, by_meaning) for (fund_id, currency), by_meaning in sums.items()]


def figures_of(session: Session, fund_id: UUID, currency: str) -> Figures:
    """Return one fund's figures in `currency`, all zero where nothing moved yet."""
    found = (found for found in figures(session, [fund_id]) if found.given.currency == currency)
    return next(found, rules.figures(fund_id, currency, {}))


def _fund_sums(fund_ids: Collection[UUID] | None) -> Select[Any]:
    sums = _sums(fund_ids)
    keys = (sums.c.fund_id, sums.c.currency, sums.c.meaning)
    total = cast(func.sum(sums.c.debit - sums.c.credit), BigInteger)
    return select(*keys, total.label("total")).where(sums.c.account == Account.FUND).group_by(*keys).order_by(*keys)


def balances(session: Session) -> list[Balance]:
    """Return what every account, all funds as one, was ever debited and credited, for each currency."""
    sums = _sums()
    debit, credit = (cast(func.sum(column), BigInteger) for column in (sums.c.debit, sums.c.credit))
    keys = (sums.c.account, sums.c.currency)
    rows = session.execute(select(*keys, debit.label("debit"), credit.label("credit")).group_by(*keys).order_by(*keys))
    return [Balance(row.account, Money(row.debit, row.currency), Money(row.credit, row.currency)) for row in rows]


def collected(session: Session) -> list[Collected]:
    """Return, for each currency, how much of the card gifts is still expected and how much has settled."""
    uncollected = (balance for balance in balances(session) if balance.account == Account.UNCOLLECTED)
    return [Collected(expected=balance.balance, settled=balance.credit) for balance in uncollected]


def _sums(fund_ids: Collection[UUID] | None = None) -> Subquery:
    """The one view of the truth: debits and credits of the last checkpoint, and of every later posting."""
    latest = latest_checkpoint()
    held = select(*_sum_columns(LedgerCheckpoint), LedgerCheckpoint.debit, LedgerCheckpoint.credit)
    later = select(*_sum_columns(LedgerPosting), *debit_and_credit())
    held = held.where(LedgerCheckpoint.sequence == latest)
    later = later.where(LedgerPosting.sequence > latest)
    if fund_ids is not None:
        held = held.where(LedgerCheckpoint.fund_id.in_(fund_ids))
        # Naming every meaning lets the index on (fund, meaning, sequence) start at the checkpoint.
        later = later.where(LedgerPosting.fund_id.in_(fund_ids), LedgerPosting.meaning.in_(list(Meaning)))
    return union_all(held, later).subquery("sums")


def latest_checkpoint() -> ScalarSelect[int]:
    """Return, as SQL, the number of the entry at which the last checkpoint was taken, or 0."""
    return select(func.coalesce(func.max(LedgerCheckpoint.sequence), 0)).scalar_subquery()


def _sum_columns(table: type[LedgerCheckpoint] | type[LedgerPosting]) -> tuple[Any, ...]:
    return table.account, table.fund_id, table.meaning, table.currency


def debit_and_credit() -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Return, as SQL, a posting's amount as debit and as credit; neither is negative."""
    amount = LedgerPosting.amount
    return case((amount > 0, amount), else_=0).label("debit"), case((amount < 0, -amount), else_=0).label("credit")


def sums_by_key(session: Session) -> list[RowMapping]:
    """Return debit and credit for each account, fund, meaning and currency as of now."""
    sums = _sums()
    keys = (sums.c.account, sums.c.fund_id, sums.c.meaning, sums.c.currency)
    debit, credit = (cast(func.sum(column), BigInteger) for column in (sums.c.debit, sums.c.credit))
    query = select(*keys, debit.label("debit"), credit.label("credit")).group_by(*keys)
    return list(session.execute(query).mappings())


# Entries


def behind(
    session: Session,
    fund_id: UUID,
    meaning: Meaning,
    *,
    before: tuple[int, int] | None = None,
    limit: int = PAGE,
) -> list[FigureLine]:
    """Return up to `limit` postings behind a fund's figure, newest first.

    For the next page pass `before`, the `(sequence, position)` of the last line of this one.
    """
    place = tuple_(LedgerPosting.sequence, LedgerPosting.position)
    query = (
        select(LedgerPosting, LedgerEntry)
        .join(LedgerEntry, LedgerEntry.sequence == LedgerPosting.sequence)
        .where(LedgerPosting.fund_id == fund_id, LedgerPosting.meaning == meaning)
        .order_by(LedgerPosting.sequence.desc(), LedgerPosting.position.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(place < before)
    return [_figure_line(posting, entry) for posting, entry in session.execute(query)]


def _figure_line(posting: LedgerPosting, entry: LedgerEntry) -> FigureLine:
    sign = rules.SIGNS[Meaning(str(posting.meaning))]
    return FigureLine(
        posting.sequence,
        posting.position,
        entry.source_key,
        entry.kind,
        entry.occurred_at,
        entry.description,
        Money(sign * posting.amount, posting.currency),
        posting.donation_line_id,
    )


def record(session: Session, source_key: str) -> tuple[Record, str] | None:
    """Return the entry booked for `source_key`, with its hash, or None.

    Ask here before drafting an entry again: who bears a fee, or what was left to refund, may have changed since.
    """
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.source_key == source_key)).one_or_none()
    if entry is None:
        return None
    where = LedgerPosting.sequence == entry.sequence
    postings = session.scalars(select(LedgerPosting).where(where).order_by(LedgerPosting.position))
    return as_record(entry, postings), entry.hash


def as_record(entry: Any, postings: Iterable[Any]) -> Record:
    """Return rows of the two tables (or mapped objects) as the record they stand for. Nothing is judged."""
    return Record(
        entry.sequence,
        entry.source_key,
        entry.kind,
        entry.currency,
        entry.occurred_at,
        entry.recorded_at,
        entry.description,
        entry.prev_hash,
        tuple((row.position, _posting(row)) for row in postings),
    )


def _posting(row: Any) -> Posting:
    return Posting(row.account, row.amount, row.currency, row.fund_id, row.meaning, row.donation_line_id)


def booked(session: Session, source_keys: Collection[str]) -> set[str]:
    """Return which of these sources are booked."""
    query = select(LedgerEntry.source_key)
    return {key for keys in _in_parts(source_keys) for key in session.scalars(query.where(keys))}


def moved(session: Session, source_keys: Collection[str], meaning: Meaning) -> dict[str, int]:
    """Return for each of these sources that is booked what its entry took from funds under `meaning` (minor units)."""
    return _sums_of(session, source_keys, LedgerPosting.meaning == meaning)


def on_account(session: Session, source_keys: Collection[str], account: Account) -> dict[str, int]:
    """Return for each of these sources that is booked what its entry put on `account` (minor units)."""
    return _sums_of(session, source_keys, LedgerPosting.account == account)


def _sums_of(session: Session, source_keys: Collection[str], counts: ColumnElement[bool]) -> dict[str, int]:
    amount = case((counts, LedgerPosting.amount), else_=0)
    query = (
        select(LedgerEntry.source_key, cast(func.sum(amount), BigInteger).label("total"))
        .join(LedgerPosting, LedgerPosting.sequence == LedgerEntry.sequence)
        .group_by(LedgerEntry.source_key)
    )
    rows = (row for keys in _in_parts(source_keys) for row in session.execute(query.where(keys)))
    return {row.source_key: row.total for row in rows}


def _in_parts(source_keys: Collection[str]) -> Iterator[ColumnElement[bool]]:
    """Yield conditions that together ask for all of these: a statement takes so many values and no more."""
    keys = list(source_keys)
    for start in range(0, len(keys), KEYS_AT_ONCE):
        yield LedgerEntry.source_key.in_(keys[start : start + KEYS_AT_ONCE])


@dataclass(frozen=True, slots=True)
class Unexplained:
    """An entry that nobody can explain yet: its balance transaction, what it moved, and the provider's word for it."""

    movement_id: str
    amount: Money
    word: str
    occurred_at: datetime


def in_suspense(session: Session, *, limit: int) -> list[Unexplained]:
    """Return the newest entries that stand in suspense."""
    total = cast(-func.sum(LedgerPosting.amount), BigInteger).label("total")
    keys = (LedgerEntry.sequence, LedgerEntry.source_key, LedgerEntry.currency, LedgerEntry.description)
    rows = session.execute(
        select(*keys, LedgerEntry.occurred_at, total)
        .join(LedgerPosting, LedgerPosting.sequence == LedgerEntry.sequence)
        .where(LedgerPosting.account == Account.SUSPENSE)
        .group_by(*keys, LedgerEntry.occurred_at)
        .order_by(LedgerEntry.sequence.desc())
        .limit(limit)
    )
    return [
        Unexplained(
            row.source_key.removeprefix("bt:"), Money(row.total, row.currency), row.description, row.occurred_at
        )
        for row in rows
    ]
