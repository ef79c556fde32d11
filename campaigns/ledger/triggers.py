"""What the database itself refuses, on SQLite and PostgreSQL alike.

Migrations run the statements of `create` and `drop`; `checks.verify` reads GUARDS to notice one that is missing,
switched off or rewritten. The laws are written once, in SQL that both databases understand.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.ledger.rules import GENESIS

POSTGRESQL = "postgresql"
SQLITE = "sqlite"

_ENTRIES = "FROM ledger_entry WHERE ledger_entry.sequence = NEW.sequence"
_POSTINGS = "FROM ledger_posting WHERE ledger_posting.sequence = NEW.sequence"
_HEAD = "FROM ledger_head WHERE ledger_head.sequence"


@dataclass(frozen=True, slots=True)
class Guard:
    """One trigger: before `event` on `table`, each condition that is true is a refusal with its message."""

    name: str
    table: str
    event: str
    refusals: tuple[tuple[str, str], ...]
    realm: str = "ledger"  # how each message begins


def frozen(table: str, event: str, realm: str = "ledger") -> Guard:
    """Return the guard that refuses `event` on `table` altogether."""
    return Guard(f"{table}_no_{event.lower()}", table, event, ((f"{event} of {table}", "1 = 1"),), realm)


_ENTRY = Guard(
    "ledger_entry_sound",
    "ledger_entry",
    "INSERT",
    (
        ("an entry has two postings or more", f"(SELECT count(*) {_POSTINGS}) < 2"),
        ("the postings of an entry sum to zero", f"(SELECT sum(amount) {_POSTINGS}) <> 0"),
        ("an entry has one currency", f"EXISTS (SELECT 1 {_POSTINGS} AND ledger_posting.currency <> NEW.currency)"),
        ("an entry follows the head", f"NOT EXISTS (SELECT 1 {_HEAD} + 1 = NEW.sequence AND hash = NEW.prev_hash)"),
        # A UNIQUE constraint says so too, but REPLACE on SQLite would answer it by deleting the older entry.
        ("a source is booked once", "EXISTS (SELECT 1 FROM ledger_entry WHERE source_key = NEW.source_key)"),
    ),
)
_POSTING = Guard(
    "ledger_posting_before_entry",
    "ledger_posting",
    "INSERT",
    (
        ("a posting comes before its entry", f"EXISTS (SELECT 1 {_ENTRIES})"),
        ("a position is taken once", f"EXISTS (SELECT 1 {_POSTINGS} AND ledger_posting.position = NEW.position)"),
        # SQLite would store 0.5 in a column of whole numbers.
        ("an amount is a whole number", "CAST(NEW.amount AS BIGINT) <> NEW.amount"),
    ),
)
_HEAD_STEP = Guard(
    "ledger_head_steps",
    "ledger_head",
    "UPDATE",
    (
        ("the head steps by one entry", "NEW.id <> OLD.id OR NEW.sequence <> OLD.sequence + 1"),
        ("the head is the last entry", f"NOT EXISTS (SELECT 1 {_ENTRIES} AND ledger_entry.hash = NEW.hash)"),
    ),
)
_HEAD_SINGLE = Guard(
    "ledger_head_single",
    "ledger_head",
    "INSERT",
    (("there is one head", "EXISTS (SELECT 1 FROM ledger_head)"),),
)
_CHECKPOINT = Guard(
    "ledger_checkpoint_at_head",
    "ledger_checkpoint",
    "INSERT",
    (
        ("a checkpoint is taken at the head", f"NOT EXISTS (SELECT 1 {_HEAD} = NEW.sequence)"),
        ("a checkpoint is taken once", "EXISTS (SELECT 1 FROM ledger_checkpoint WHERE id = NEW.id)"),
    ),
)
_ROW_GUARDS = (
    _ENTRY,
    frozen("ledger_entry", "UPDATE"),
    frozen("ledger_entry", "DELETE"),
    _POSTING,
    frozen("ledger_posting", "UPDATE"),
    frozen("ledger_posting", "DELETE"),
    _HEAD_SINGLE,
    _HEAD_STEP,
    frozen("ledger_head", "DELETE"),
    _CHECKPOINT,
    frozen("ledger_checkpoint", "UPDATE"),
    frozen("ledger_checkpoint", "DELETE"),
)
_TABLES = ("ledger_entry", "ledger_posting", "ledger_head", "ledger_checkpoint")
GUARDS: dict[str, tuple[Guard, ...]] = {
    SQLITE: _ROW_GUARDS,  # it has no TRUNCATE
    POSTGRESQL: (*_ROW_GUARDS, *(frozen(table, "TRUNCATE") for table in _TABLES)),
}


def create(dialect_name: str) -> list[str]:
    """Return the statements that put every guard in place and give an empty journal its head.

    `dialect_name` is sqlite or postgresql; KeyError for any other.
    """
    return [*created(dialect_name, GUARDS[dialect_name]), _head_row()]


def drop(dialect_name: str) -> list[str]:
    """Return the statements that take every guard away. KeyError for an unknown dialect."""
    return dropped(dialect_name, GUARDS[dialect_name])


def created(dialect_name: str, guards: Iterable[Guard]) -> list[str]:
    """Return the statements that put `guards` in place."""
    if dialect_name == SQLITE:
        return list(map(sqlite_trigger, guards))
    return [statement for guard in guards for statement in _postgresql(guard)]


def dropped(dialect_name: str, guards: Iterable[Guard]) -> list[str]:
    """Return the statements that take `guards` away."""
    if dialect_name == SQLITE:
        return [f"DROP TRIGGER {guard.name}" for guard in guards]
    return [
        statement
        for guard in guards
        for statement in (f"DROP TRIGGER {guard.name} ON {guard.table}", f"DROP FUNCTION {guard.name}()")
    ]


def _head_row() -> str:
    head = f"SELECT 1, 0, '{GENESIS}' WHERE NOT EXISTS (SELECT 1 FROM ledger_head)"  # noqa: S608 (constants)
    return f"INSERT INTO ledger_head (id, sequence, hash) {head}"


def sqlite_trigger(guard: Guard) -> str:
    """Return the statement that makes `guard` on SQLite, which also keeps it word for word."""
    body = " ".join(
        f"SELECT RAISE(ABORT, '{guard.realm}: {message}') WHERE {when};" for message, when in guard.refusals
    )
    return f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} BEGIN {body} END"


def postgresql_body(guard: Guard) -> str:
    """Return the body of the function behind `guard` on PostgreSQL, which also keeps it word for word.

    The error class 23000 makes drivers report a broken constraint, as they do for SQLite's RAISE.
    """
    refusals = " ".join(
        f"IF {when} THEN RAISE EXCEPTION USING MESSAGE = '{guard.realm}: {message}', ERRCODE = '23000'; END IF;"
        for message, when in guard.refusals
    )
    return f"BEGIN {refusals} RETURN NEW; END"


def _postgresql(guard: Guard) -> tuple[str, str]:
    returns = f"{guard.name}() RETURNS trigger LANGUAGE plpgsql"
    before = f"{guard.name} BEFORE {guard.event} ON {guard.table}"
    each = "STATEMENT" if guard.event == "TRUNCATE" else "ROW"
    return (
        f"CREATE FUNCTION {returns} AS $body${postgresql_body(guard)}$body$",
        f"CREATE TRIGGER {before} FOR EACH {each} EXECUTE FUNCTION {guard.name}()",
    )


def postgresql_type(guard: Guard) -> int:
    """Return what PostgreSQL keeps as `pg_trigger.tgtype` (bits: row 1, before 2, then the event)."""
    event = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}[guard.event]
    return event | 2 | (0 if guard.event == "TRUNCATE" else 1)
