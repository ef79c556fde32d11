"""Each law of the receipts is broken once, behind the database's back, and verify must say so."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from campaigns.receipts import checks, triggers
from tests.make import World
from tests.receipts.make import keep


@pytest.fixture
def issued(world: World) -> World:
    """Three receipts of two gifts: 1 valid, 2 void, 3 in its place."""
    subject = uuid4()
    keep(world, 3000)
    keep(world, 3000, subject)
    keep(world, 1000, subject)
    return world


def tamper(world: World, *statements: str) -> None:
    """Change rows as somebody would who owns the database: no triggers, no constraints, and no traces left."""
    dialect = world.engine.dialect.name
    with world.engine.connect() as connection:
        if dialect == triggers.SQLITE:
            cursor = connection.connection.cursor()
            cursor.execute("PRAGMA foreign_keys=OFF")
            cursor.execute("PRAGMA ignore_check_constraints=ON")
        with connection.begin():
            unlock = (
                triggers.drop(dialect) if dialect == triggers.SQLITE else ["SET session_replication_role = replica"]
            )
            lock = triggers.create(dialect) if dialect == triggers.SQLITE else []
            for statement in [*unlock, *statements, *lock]:
                connection.execute(text(statement))
        connection.invalidate()


def found(world: World) -> list[str]:
    with world.reading() as session:
        return [str(finding) for finding in checks.verify(session)]


NO_REASON = ("ALTER TABLE receipt DROP CONSTRAINT ck_receipt_void_has_a_reason",)
BREAKS: list[tuple[str, tuple[str, ...]]] = [
    ("receipt numbers: 2026-00003: it follows number 1", ("DELETE FROM receipt WHERE number = 2",)),
    ("receipt numbers: 2026-00002: it follows number 0", ("DELETE FROM receipt WHERE number = 1",)),
    ("receipt numbers: series 2026: it does not go on", ("DELETE FROM receipt WHERE number = 3",)),
    ("receipt numbers: series 2026: it does not go on", ("UPDATE receipt_series SET next_number = 9",)),
    ("receipt numbers: series 2026: its receipts are gone", ("DELETE FROM receipt",)),
    (
        "valid receipts: gift of a test",
        ("DROP INDEX uq_receipt_valid", "UPDATE receipt SET voided_at = NULL, void_reason = NULL, replaced_by = NULL"),
    ),
    (
        "void receipts: 2026-00002: what replaces it is no receipt of the same gift",
        ("UPDATE receipt SET replaced_by = (SELECT id FROM receipt WHERE number = 1) WHERE number = 2",),
    ),
]


def test_sound_receipts_have_no_findings(issued: World) -> None:
    assert found(issued) == []


@pytest.mark.parametrize(("law", "statements"), BREAKS)
def test_a_broken_law_is_found(issued: World, law: str, statements: tuple[str, ...]) -> None:
    tamper(issued, *statements)
    assert any(law in sentence for sentence in found(issued)), found(issued)


def test_a_void_receipt_without_a_reason_is_found(issued: World) -> None:
    drops = NO_REASON if issued.engine.dialect.name == "postgresql" else ()
    tamper(issued, *drops, "UPDATE receipt SET void_reason = NULL WHERE number = 2")
    assert "void receipts: 2026-00002: it is void without a reason" in found(issued)


def test_each_guard_that_is_missing_is_found(issued: World) -> None:
    dialect = issued.engine.dialect.name
    with issued.engine.begin() as connection:
        for statement in triggers.drop(dialect):
            connection.execute(text(statement))
    assert len(found(issued)) == len(triggers.GUARDS[dialect])
    assert all("is missing" in sentence for sentence in found(issued))


def test_a_guard_that_was_rewritten_is_found(issued: World) -> None:
    dialect = issued.engine.dialect.name
    guard = triggers.GUARDS[dialect][1]
    with issued.engine.begin() as connection:
        if dialect == triggers.SQLITE:
            connection.execute(text(f"DROP TRIGGER {guard.name}"))
            connection.execute(text(f"CREATE TRIGGER {guard.name} BEFORE UPDATE ON receipt BEGIN SELECT 1; END"))
        else:
            connection.execute(text(f"ALTER TABLE receipt DISABLE TRIGGER {guard.name}"))
    assert found(issued) == [f"guards: {guard.name}: the trigger on UPDATE of receipt was changed"]
