"""What the database itself refuses about receipts, on SQLite and PostgreSQL alike: made and read like the ledger's."""

from campaigns.ledger import triggers
from campaigns.ledger.triggers import POSTGRESQL, SQLITE, Guard, frozen

REALM = "receipts"
_NUMBERS = "FROM receipt_series WHERE receipt_series.name = NEW.series AND receipt_series.next_number = NEW.number"
_USED = "FROM receipt WHERE receipt.series = OLD.name AND receipt.number = OLD.next_number"
_FIXED = ("id", "series", "number", "subject_kind", "subject_id", "amount_minor", "currency", "issued_at")
_VOIDED_ANEW = "NEW.voided_at <> OLD.voided_at OR NEW.void_reason <> OLD.void_reason"
_CHANGED = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in _FIXED)
_OTHER_SUCCESSOR = "(NEW.replaced_by IS NULL) <> (OLD.replaced_by IS NULL) OR NEW.replaced_by <> OLD.replaced_by"

_ISSUED = Guard(
    "receipt_takes_the_next_number",
    "receipt",
    "INSERT",
    (
        ("a receipt takes the next number of its series", f"NOT EXISTS (SELECT 1 {_NUMBERS})"),
        ("a receipt is issued whole and valid", "NEW.voided_at IS NOT NULL OR NEW.content IS NULL"),
        ("a receipt is issued once", "EXISTS (SELECT 1 FROM receipt WHERE receipt.id = NEW.id)"),
    ),
    REALM,
)
_CHANGE = Guard(
    "receipt_frozen",
    "receipt",
    "UPDATE",
    (
        ("what a receipt says is frozen", _CHANGED),
        (
            "what a receipt says is emptied or stays",
            "NEW.content IS NOT NULL AND (OLD.content IS NULL OR NEW.content <> OLD.content)",
        ),
        ("a void receipt stays void", "OLD.voided_at IS NOT NULL AND NEW.voided_at IS NULL"),
        ("a receipt is voided once", f"OLD.voided_at IS NOT NULL AND ({_VOIDED_ANEW} OR {_OTHER_SUCCESSOR})"),
    ),
    REALM,
)
_SERIES_BEGINS = Guard(
    "receipt_series_begins",
    "receipt_series",
    "INSERT",
    # Not that it begins once: writers that meet ask again, and are answered "there it is" (ON CONFLICT DO NOTHING).
    (("a series begins with 1", "NEW.next_number <> 1"),),
    REALM,
)
_SERIES_STEPS = Guard(
    "receipt_series_steps",
    "receipt_series",
    "UPDATE",
    (
        ("a series steps by one number", "NEW.name <> OLD.name OR NEW.next_number <> OLD.next_number + 1"),
        ("a number is used before the next", f"NOT EXISTS (SELECT 1 {_USED})"),
    ),
    REALM,
)
_ROW_GUARDS = (
    _ISSUED,
    _CHANGE,
    frozen("receipt", "DELETE", REALM),
    _SERIES_BEGINS,
    _SERIES_STEPS,
    frozen("receipt_series", "DELETE", REALM),
)
GUARDS: dict[str, tuple[Guard, ...]] = {
    SQLITE: _ROW_GUARDS,
    POSTGRESQL: (*_ROW_GUARDS, *(frozen(table, "TRUNCATE", REALM) for table in ("receipt", "receipt_series"))),
}


def create(dialect_name: str) -> list[str]:
    """Return the statements that put every guard in place. KeyError for an unknown dialect."""
    return triggers.created(dialect_name, GUARDS[dialect_name])


def drop(dialect_name: str) -> list[str]:
    """Return the statements that take every guard away. KeyError for an unknown dialect."""
    return triggers.dropped(dialect_name, GUARDS[dialect_name])
