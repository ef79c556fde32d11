"""Each law of the journal is broken once, behind the database's back, and verify must say so."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, text

from campaigns.ledger import checks, queries, rules, triggers
from campaigns.ledger.checks import Finding
from campaigns.ledger.triggers import Guard
from tests.ledger.make import Books, everything, gift, line, run


@pytest.fixture
def journal(books: Books) -> Books:
    """Twelve entries about two funds, with a checkpoint after the fourth."""
    drafts = everything(books.fund(), books.fund(), books.donation_line())
    books.post(*drafts[:4])
    books.checkpoint()
    books.post(*drafts[4:])
    return books


def verify(books: Books, known_heads: dict[int, str] | None = None) -> list[Finding]:
    with books.reading() as session:
        return checks.verify(session, known_heads)


def tamper(engine: Engine, *statements: str) -> None:
    """Change rows as somebody would who owns the database: no triggers, no constraints, and no traces left."""
    dialect = engine.dialect.name
    with engine.connect() as connection:
        if dialect == triggers.SQLITE:
            cursor = connection.connection.cursor()
            cursor.execute("PRAGMA foreign_keys=OFF")
            cursor.execute("PRAGMA ignore_check_constraints=ON")
        with connection.begin():
            unlock = triggers.drop(dialect) if dialect == triggers.SQLITE else _without_constraints(connection)
            lock = triggers.create(dialect)[:-1] if dialect == triggers.SQLITE else []
            for statement in [*unlock, *statements, *lock]:
                connection.execute(text(statement))
        connection.invalidate()  # the next one starts with its own settings


def _without_constraints(connection: Any) -> list[str]:
    rows = connection.execute(
        text(
            "SELECT conrelid::regclass, conname FROM pg_constraint"
            " WHERE contype IN ('c', 'f') AND conrelid::regclass::text LIKE 'ledger%'"
        )
    )
    return ["SET LOCAL session_replication_role = replica"] + [f"ALTER TABLE {t} DROP CONSTRAINT {c}" for t, c in rows]


def test_a_sound_journal_has_no_findings(journal: Books) -> None:
    with journal.reading() as session:
        head = queries.head(session)
    assert verify(journal, {head.sequence: head.hash}) == []


def test_what_is_posted_meanwhile_is_no_finding(journal: Books) -> None:
    fund_id = journal.fund()
    with ThreadPoolExecutor(1) as pool:
        posting = pool.submit(
            lambda: [journal.post(gift(line(fund_id, n))) and journal.checkpoint() for n in range(1, 40)]
        )
        findings = [verify(journal)]
        while not posting.done():
            findings.append(verify(journal))
        assert posting.result()[-1] == 12 + 39
    assert findings == [[]] * len(findings)


ELSEWHERE = "'2020-01-01 00:00:00'"
# Each field of an entry and of a posting, changed alone.
FIELDS = [
    ("ledger_entry", "source_key", "'bt:other'"),
    ("ledger_entry", "kind", "'received'"),
    ("ledger_entry", "currency", "'EUR'"),
    ("ledger_entry", "occurred_at", ELSEWHERE),
    ("ledger_entry", "recorded_at", ELSEWHERE),
    ("ledger_entry", "description", "'something else'"),
    ("ledger_entry", "prev_hash", f"'{'9' * 64}'"),
    ("ledger_entry", "hash", f"'{'9' * 64}'"),
    ("ledger_posting", "position", "position + 7"),
    ("ledger_posting", "account", "'bank'"),
    ("ledger_posting", "fund_id", "(SELECT id FROM fund WHERE id <> fund_id LIMIT 1)"),
    ("ledger_posting", "meaning", "'paid_out'"),
    ("ledger_posting", "amount", "amount + 1"),
    ("ledger_posting", "currency", "'EUR'"),
    ("ledger_posting", "donation_line_id", "NULL"),
]


@pytest.mark.parametrize(("table", "column", "value"), FIELDS)
def test_no_field_can_be_changed_unnoticed(journal: Books, table: str, column: str, value: str) -> None:
    which = "sequence = 3" if table == "ledger_entry" else "sequence = 3 AND position = 1"
    tamper(journal.engine, f"UPDATE {table} SET {column} = {value} WHERE {which}")
    assert ("chain", "entry 3") in {(finding.law, finding.where) for finding in verify(journal)}


def test_every_field_is_tried() -> None:
    columns = {(table, column.name) for table in ("ledger_entry", "ledger_posting") for column in _columns(table)}
    assert {(table, column) for table, column, _ in FIELDS} == columns


def _columns(table: str) -> Sequence[Any]:
    from campaigns.db import Base

    return [column for column in Base.metadata.tables[table].columns if column.name != "sequence"]


STRAY = "INSERT INTO ledger_posting (sequence, position, account, amount, currency) VALUES ({}, 9, 'bank', {}, 'USD')"
COPY = (
    "INSERT INTO ledger_checkpoint (id, sequence, recorded_at, account, currency, debit, credit)"
    " SELECT 99, sequence, recorded_at, 'bank', currency, 5, 5 FROM ledger_checkpoint WHERE account = 'stripe:balance'"
)
TWICE = (
    "UPDATE ledger_entry SET source_key = (SELECT source_key FROM ledger_entry WHERE sequence = 2) WHERE sequence = 5"
)
CUT = ("DELETE FROM ledger_posting WHERE sequence = {0}", "DELETE FROM ledger_entry WHERE sequence = {0}")
REWIND = ("UPDATE ledger_head SET sequence = 11, hash = (SELECT hash FROM ledger_entry WHERE sequence = 11)",)
ON_FUND = "account = 'fund' AND sequence = 1"


@pytest.mark.parametrize(
    ("found", "statements"),
    [
        pytest.param(
            Finding("entries", "entry 3", "fewer than two postings"),
            ("DELETE FROM ledger_posting WHERE sequence = 3 AND position = 1",),
            id="a posting is gone",
        ),
        pytest.param(
            Finding("entries", "entry 3", "fewer than two postings"),
            ("DELETE FROM ledger_posting WHERE sequence = 3",),
            id="all postings are gone",
        ),
        pytest.param(
            Finding("entries", "entry 3", "the postings do not sum to zero"),
            (STRAY.format(3, 1),),
            id="a posting more",
        ),
        pytest.param(
            Finding("entries", "entry 3", "a posting of nothing"), (STRAY.format(3, 0),), id="a posting of nothing"
        ),
        pytest.param(
            Finding("entries", "entry 3", "a posting in EUR, not USD"),
            ("UPDATE ledger_posting SET currency = 'EUR' WHERE sequence = 3 AND position = 0",),
            id="another currency",
        ),
        pytest.param(
            Finding("entries", "entry 1", "an unknown account: purse"),
            ("UPDATE ledger_posting SET account = 'purse' WHERE sequence = 1 AND position = 0",),
            id="an unknown account",
        ),
        pytest.param(
            Finding("entries", "entry 1", "an unknown meaning: lost"),
            (f"UPDATE ledger_posting SET meaning = 'lost' WHERE {ON_FUND}",),
            id="an unknown meaning",
        ),
        pytest.param(
            Finding("entries", "entry 1", "a fund exactly on the fund's account"),
            (f"UPDATE ledger_posting SET fund_id = NULL WHERE {ON_FUND}",),
            id="a fund's money that belongs to no fund",
        ),
        pytest.param(
            Finding("entries", "entry 1", "a meaning exactly on the fund's account"),
            (f"UPDATE ledger_posting SET meaning = NULL WHERE {ON_FUND}",),
            id="a fund's money without a meaning",
        ),
        pytest.param(
            Finding("entries", "entry 1", "an earmark line off the fund's account"),
            (
                f"UPDATE ledger_posting SET donation_line_id = fund_id WHERE {ON_FUND}",
                f"UPDATE ledger_posting SET account = 'bank', fund_id = NULL, meaning = NULL WHERE {ON_FUND}",
            ),
            id="an earmark on the bank's account",
        ),
        pytest.param(
            Finding("chain", "entry 1", "its hash does not fit its content"),
            ("UPDATE ledger_posting SET amount = amount * 2 WHERE sequence = 1",),
            id="a balanced lie",
        ),
        pytest.param(
            Finding("chain", "entry 6", "it follows entry 4, so entries are missing"),
            tuple(part.format(5) for part in CUT),
            id="an entry cut out of the middle",
        ),
        pytest.param(
            Finding("chain", "entry 2", "it follows entry 0, so entries are missing"),
            tuple(part.format(1) for part in CUT),
            id="the first entry cut off",
        ),
        pytest.param(
            Finding("head", "entry 12", "the head is not the last entry, 11"),
            tuple(part.format(12) for part in CUT),
            id="the last entry cut off",
        ),
        pytest.param(
            Finding("head", "entry 11", "the head is not the last entry, 12"),
            REWIND,
            id="the head turned back",
        ),
        pytest.param(
            Finding("head", "entry 12", "the head is not the last entry, 12"),
            (f"UPDATE ledger_head SET hash = '{'9' * 64}'",),
            id="the head's hash changed",
        ),
        pytest.param(
            Finding("head", "head", "the head is missing, so no entry can be posted"),
            ("DELETE FROM ledger_head",),
            id="the head gone",
        ),
        pytest.param(
            Finding("head", "entry 12", "the head is not the last entry, 0"),
            ("DELETE FROM ledger_posting", "DELETE FROM ledger_entry"),
            id="everything gone but the head",
        ),
        pytest.param(
            Finding("orphans", "entry 5", "a posting belongs to this entry, which does not exist"),
            ("DELETE FROM ledger_entry WHERE sequence = 5",),
            id="postings whose entry is gone",
        ),
        pytest.param(
            Finding("orphans", "entry 40", "a posting belongs to this entry, which does not exist"),
            (STRAY.format(40, 5),),
            id="a posting for an entry to come",
        ),
        pytest.param(
            Finding("orphans", "entry 40", "a checkpoint belongs to this entry, which does not exist"),
            ("UPDATE ledger_checkpoint SET sequence = 40",),
            id="a checkpoint of the future",
        ),
        pytest.param(
            Finding("sources", "<source of entry 2>", "this source is booked more than once"),
            ("DROP INDEX ix_ledger_entry_source_key", TWICE),
            id="a source booked twice",
        ),
        *(
            pytest.param(
                Finding("checkpoints", "entry 4", "the checkpoint is not the sum of what came before"),
                (statement,),
                id=name,
            )
            for name, statement in {
                "a debit in a checkpoint": "UPDATE ledger_checkpoint SET debit = debit + 1 WHERE account = 'suspense'"
                " OR account = 'stripe:balance'",
                "a credit in a checkpoint": "UPDATE ledger_checkpoint SET credit = credit + 1 WHERE meaning = 'given'",
                "a fund in a checkpoint": "UPDATE ledger_checkpoint SET fund_id ="
                " (SELECT id FROM fund WHERE id <> fund_id LIMIT 1) WHERE meaning = 'given'",
                "a row less in a checkpoint": "DELETE FROM ledger_checkpoint WHERE meaning = 'fee'",
                "a row more in a checkpoint": COPY,
            }.items()
        ),
    ],
)
def test_a_broken_law_is_found(journal: Books, found: Finding, statements: tuple[str, ...]) -> None:
    with journal.engine.connect() as connection:
        source = connection.scalar(text("SELECT source_key FROM ledger_entry WHERE sequence = 2"))
    tamper(journal.engine, *statements)
    wanted = Finding(found.law, found.where.replace("<source of entry 2>", str(source)), found.sentence)
    assert wanted in verify(journal)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("found", "statement"),
    [
        (
            Finding("entries", "entry 3", "an amount in parts of a minor unit"),
            "UPDATE ledger_posting SET amount = 0.5 WHERE sequence = 3 AND position = 0",
        ),
        (
            Finding("entries", "after entry 2", "a row cannot be read: "),
            "UPDATE ledger_entry SET occurred_at = 'yesterday' WHERE sequence = 3",
        ),
        (
            Finding("entries", "after entry 2", "a row cannot be read: "),
            "UPDATE ledger_posting SET fund_id = 'kitchen' WHERE sequence = 3 AND fund_id IS NOT NULL",
        ),
    ],
)
def test_what_only_sqlite_would_store_is_found(journal: Books, found: Finding, statement: str) -> None:
    tamper(journal.engine, statement)
    findings = verify(journal)
    assert any(
        (each.law, each.where) == (found.law, found.where) and each.sentence.startswith(found.sentence)
        for each in findings
    ), findings


def test_an_entry_written_anew_with_a_hash_that_fits_no_longer_fits_the_next(journal: Books) -> None:
    with journal.engine.connect() as connection:
        source = connection.scalar(text("SELECT source_key FROM ledger_entry WHERE sequence = 3"))
    with journal.reading() as session:
        found = queries.record(session, str(source))
    assert found is not None
    forged = rules.chain_hash(replace(found[0], description="nothing to see"))
    tamper(
        journal.engine,
        f"UPDATE ledger_entry SET description = 'nothing to see', hash = '{forged}' WHERE sequence = 3",
    )
    assert verify(journal) == [Finding("chain", "entry 4", "it does not hold the hash of the entry before it")]


def test_a_tail_that_was_cut_off_and_rewound_shows_only_against_a_head_on_paper(journal: Books) -> None:
    with journal.reading() as session:
        on_paper = queries.head(session)
    tamper(journal.engine, *(part.format(12) for part in CUT), *REWIND)
    assert verify(journal) == []
    assert verify(journal, {on_paper.sequence: on_paper.hash}) == [
        Finding("known heads", "entry 12", "the head that was made known here is gone")
    ]


# Guards

_SQLITE = [("sqlite", guard) for guard in triggers.GUARDS["sqlite"]]
_POSTGRESQL = [("postgresql", guard) for guard in triggers.GUARDS["postgresql"]]
_GUARDS = [
    pytest.param(dialect, guard, id=f"{dialect}-{guard.name}", marks=[pytest.mark.postgresql] * (dialect != "sqlite"))
    for dialect, guard in _SQLITE + _POSTGRESQL
]


def _drop(guard: Guard, dialect: str) -> str:
    return f"DROP TRIGGER {guard.name}" + (f" ON {guard.table}" if dialect == "postgresql" else "")


@pytest.mark.parametrize(("engine", "guard"), _GUARDS, indirect=["engine"])
def test_a_guard_that_is_missing_is_found(engine: Engine, guard: Guard) -> None:
    run(engine, _drop(guard, engine.dialect.name))
    sentence = f"the trigger on {guard.event} of {guard.table} is missing"
    assert verify(Books(engine)) == [Finding("guards", guard.name, sentence)]


def _blunted(guard: Guard) -> dict[str, list[str]]:
    """The same name on a trigger that refuses nothing."""
    at = f"{guard.name} BEFORE {guard.event} ON {guard.table}"
    as_row = f"CREATE TRIGGER {at} FOR EACH ROW"
    function = f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS"
    drop = _drop(guard, "postgresql")
    return {
        "sqlite": [_drop(guard, "sqlite"), f"CREATE TRIGGER {at} BEGIN SELECT 1; END"],
        "body": [f"{function} $$BEGIN RETURN NEW; END$$"],
        "disabled": [f"ALTER TABLE {guard.table} DISABLE TRIGGER {guard.name}"],
        "replica": [f"ALTER TABLE {guard.table} ENABLE REPLICA TRIGGER {guard.name}"],
        "when": [drop, f"{as_row} WHEN (1 = 2) EXECUTE FUNCTION {guard.name}()"],
        "after": [drop, f"{as_row} EXECUTE FUNCTION {guard.name}()".replace("BEFORE", "AFTER")],
    }


@pytest.mark.parametrize("guard", [guard for _, guard in _SQLITE], ids=lambda guard: str(guard.name))
def test_a_guard_that_was_blunted_is_found(engine: Engine, guard: Guard) -> None:
    ways = _blunted(guard)
    names = ["sqlite"] if engine.dialect.name == "sqlite" else [name for name in ways if name != "sqlite"]
    for name in names:
        run(engine, *ways[name])
        assert [(each.law, each.where) for each in verify(Books(engine))] == [("guards", guard.name)], name
        run(engine, *triggers.drop(engine.dialect.name), *triggers.create(engine.dialect.name))
    assert verify(Books(engine)) == []
