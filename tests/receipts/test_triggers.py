"""What the database itself refuses about receipts, whoever asks."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.make import World
from tests.receipts.make import keep

COLUMNS = "id, series, number, subject_kind, subject_id, amount_minor, currency, content, issued_at"
MOMENT = "'2026-05-09 15:00:00'"


def receipt(number: int, *, verb: str = "INSERT", content: str = "'x'", **more: str) -> str:
    """A second receipt in the series that holds number 1 already."""
    names = ", ".join([COLUMNS, *more])
    values = [f"'{uuid4().hex}'", "'2026'", str(number), "'k'", f"'{uuid4().hex}'", "500", "'USD'", content, MOMENT]
    return f"{verb} INTO receipt ({names}) VALUES ({', '.join([*values, *more.values()])})"


REVIVED = "UPDATE receipt SET voided_at = NULL, void_reason = NULL, replaced_by = NULL WHERE number = 2"
VOIDED = {"voided_at": MOMENT, "void_reason": "'refunded'"}
# Number 1 is valid, number 2 is void, number 3 is valid and void number 2's subject's.
ATTACKS: list[tuple[str, str]] = [
    ("DELETE of receipt", "DELETE FROM receipt WHERE number = 2"),
    ("DELETE of receipt_series", "DELETE FROM receipt_series"),
    *(
        ("what a receipt says is frozen", f"UPDATE receipt SET {change} WHERE number = 1")
        for change in (
            "amount_minor = amount_minor + 1", "number = 9", "currency = 'EUR'", "subject_kind = 'other'",
            f"subject_id = '{uuid4().hex}'", f"issued_at = {MOMENT}", f"id = '{uuid4().hex}'",
        )
    ),
    ("what a receipt says is emptied or stays", "UPDATE receipt SET content = 'y' WHERE number = 1"),
    ("a void receipt stays void", REVIVED),
    ("a receipt is voided once", f"UPDATE receipt SET voided_at = {MOMENT} WHERE number = 2"),
    ("a receipt is voided once", "UPDATE receipt SET void_reason = 'disputed' WHERE number = 2"),
    ("a receipt is voided once", "UPDATE receipt SET replaced_by = NULL WHERE number = 2"),
    ("a receipt takes the next number of its series", receipt(5)),
    ("a receipt takes the next number of its series", receipt(1)),
    ("a receipt is issued whole and valid", receipt(4, **VOIDED)),
    ("a receipt is issued whole and valid", receipt(4, content="NULL")),
    ("a series steps by one number", "UPDATE receipt_series SET next_number = 9"),
    ("a series steps by one number", "UPDATE receipt_series SET next_number = 1"),
    ("a series steps by one number", "UPDATE receipt_series SET name = '2025'"),
    ("a number is used before the next", "UPDATE receipt_series SET next_number = next_number + 1"),
    ("a series begins with 1", "INSERT INTO receipt_series (name, next_number) VALUES ('2030', 2)"),
]  # fmt: skip
SQLITE_ATTACKS = [
    ("DELETE of receipt_series", "REPLACE INTO receipt_series (name, next_number) VALUES ('2026', 1)"),
    ("a receipt takes the next number of its series", receipt(1, verb="REPLACE")),
]
POSTGRESQL_ATTACKS = [(f"TRUNCATE of {table}", f"TRUNCATE {table} CASCADE") for table in ("receipt", "receipt_series")]


def issued(world: World) -> None:
    keep(world, 3000)
    subject = uuid4()
    keep(world, 3000, subject)
    keep(world, 1000, subject)


def assert_refused(world: World, law: str, statement: str) -> None:
    with world.engine.connect() as connection:
        before = connection.execute(text("SELECT * FROM receipt ORDER BY number")).all()
        connection.rollback()
        with pytest.raises(IntegrityError, match=law):
            connection.execute(text(statement))
        connection.rollback()
        assert connection.execute(text("SELECT * FROM receipt ORDER BY number")).all() == before


def test_the_database_refuses_every_attack(world: World) -> None:
    issued(world)
    dialect = world.engine.dialect.name
    for law, statement in ATTACKS + (SQLITE_ATTACKS if dialect == "sqlite" else POSTGRESQL_ATTACKS):
        assert_refused(world, law, statement)


def test_one_subject_has_one_valid_receipt_at_most(world: World) -> None:
    issued(world)
    copy = (
        f"INSERT INTO receipt ({COLUMNS}) SELECT '{uuid4().hex}', series, 4, subject_kind, subject_id, amount_minor,"
        " currency, content, issued_at FROM receipt WHERE number = 1"
    )
    if world.engine.dialect.name == "postgresql":
        copy = copy.replace("SELECT '", "SELECT CAST('").replace("', series", "' AS uuid), series")
    assert_refused(world, "(?i)unique|uq_receipt_valid", copy)


def test_voiding_without_a_reason_is_refused(world: World) -> None:
    issued(world)
    assert_refused(world, "(?i)void_has_a_reason", f"UPDATE receipt SET voided_at = {MOMENT} WHERE number = 1")
