"""What the database itself refuses, whoever asks and however."""

from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from campaigns.ledger import checks, queries, rules, triggers
from tests.ledger.make import Books, gift, line, run

FUND_PLACE = "<fund>"
H1, H9 = "<head>", "9" * 64
MOMENT = "'2026-05-01 10:00:00'"


def _posting(sequence: int, position: int, account: str, amount: str, currency: str = "USD", fund: str = "NULL") -> str:
    meaning = "NULL" if fund == "NULL" else "'given'"
    columns = "sequence, position, account, amount, currency, fund_id, meaning"
    values = f"{sequence}, {position}, '{account}', {amount}, '{currency}', {fund}, {meaning}"
    return f"INSERT INTO ledger_posting ({columns}) VALUES ({values})"


def _entry(sequence: int, *, prev: str = H1, key: str = "request:2", verb: str = "INSERT") -> str:
    columns = "sequence, source_key, kind, currency, occurred_at, recorded_at, description, prev_hash, hash"
    values = f"{sequence}, '{key}', 'deposited', 'USD', {MOMENT}, {MOMENT}, '', '{prev}', '{H9}'"
    return f"{verb} INTO ledger_entry ({columns}) VALUES ({values})"


def _checkpoint(sequence: int, verb: str = "INSERT", number: int = 9) -> str:
    columns = "id, sequence, recorded_at, account, currency, debit, credit"
    return f"{verb} INTO ledger_checkpoint ({columns}) VALUES ({number}, {sequence}, {MOMENT}, 'bank', 'USD', 5, 5)"


HEAD_AGAIN = "INTO ledger_head (id, sequence, hash) VALUES (1, 0, '')"
PAIR = (_posting(2, 0, "bank", "5"), _posting(2, 1, "suspense", "-5"))
FROZEN = ("ledger_entry", "ledger_posting", "ledger_checkpoint")

# The journal holds entry 1 (a gift) and a checkpoint; each attack runs in one transaction.
ATTACKS: list[tuple[str, tuple[str, ...]]] = [
    ("UPDATE of ledger_entry", ("UPDATE ledger_entry SET description = 'nothing'",)),
    ("UPDATE of ledger_posting", ("UPDATE ledger_posting SET amount = amount * 2",)),
    ("UPDATE of ledger_checkpoint", ("UPDATE ledger_checkpoint SET debit = debit + 1",)),
    *((f"DELETE of {table}", (f"DELETE FROM {table}",)) for table in (*FROZEN, "ledger_head")),
    ("an entry has two postings or more", (_entry(2),)),
    ("an entry has two postings or more", (PAIR[0], _entry(2))),
    ("the postings of an entry sum to zero", (PAIR[0], _posting(2, 1, "suspense", "-4"), _entry(2))),
    (
        "an entry has one currency",
        (_posting(2, 0, "bank", "5", "EUR"), _posting(2, 1, "suspense", "-5", "EUR"), _entry(2)),
    ),
    ("an entry follows the head", (_posting(3, 0, "bank", "5"), _posting(3, 1, "suspense", "-5"), _entry(3))),
    ("an entry follows the head", (*PAIR, _entry(2, prev=H9))),
    ("a source is booked once", (*PAIR, _entry(2, key="charge:ch_1"))),
    ("a posting comes before its entry", (_posting(1, 2, "bank", "5"),)),
    ("a position is taken once", (PAIR[0], PAIR[0])),
    ("the head steps by one entry", ("UPDATE ledger_head SET sequence = 0",)),
    ("the head steps by one entry", ("UPDATE ledger_head SET sequence = 3",)),
    ("the head steps by one entry", (f"UPDATE ledger_head SET hash = '{H9}'",)),
    ("the head is the last entry", (f"UPDATE ledger_head SET sequence = 2, hash = '{H9}'",)),
    ("the head is the last entry", (*PAIR, _entry(2), "UPDATE ledger_head SET sequence = 2")),
    ("there is one head", ("INSERT INTO ledger_head (id, sequence, hash) VALUES (2, 0, '')",)),
    ("there is one head", (f"INSERT {HEAD_AGAIN}",)),
    ("a checkpoint is taken at the head", (_checkpoint(0),)),
    ("a checkpoint is taken once", (_checkpoint(1, number=1),)),
]
SQLITE_ATTACKS: list[tuple[str, tuple[str, ...]]] = [
    ("an amount is a whole number", (_posting(2, 0, "bank", "0.5"),)),
    ("an amount is a whole number", (_posting(2, 0, "bank", "'many'"),)),
    # REPLACE deletes the row in its way, and fires no trigger for that unless recursive_triggers is on.
    ("an entry follows the head", (_entry(1, verb="INSERT OR REPLACE"),)),
    ("a source is booked once", (*PAIR, _entry(2, key="charge:ch_1", verb="REPLACE"))),
    ("a posting comes before its entry", (_posting(1, 0, "bank", "5").replace("INSERT", "REPLACE"),)),
    ("there is one head", (f"REPLACE {HEAD_AGAIN}",)),
    ("a checkpoint is taken once", (_checkpoint(1, "REPLACE", 1),)),
]
POSTGRESQL_ATTACKS: list[tuple[str, tuple[str, ...]]] = [
    (f"TRUNCATE of {table}", (f"TRUNCATE {table} CASCADE",))
    for table in ("ledger_entry", "ledger_posting", "ledger_head", "ledger_checkpoint")
]


@pytest.fixture
def attacked(books: Books) -> Books:
    books.post(gift(line(books.fund(), 3000), charge="ch_1"))
    books.checkpoint()
    return books


def _attack(books: Books, statements: tuple[str, ...], *pragmas: str) -> None:
    with books.reading() as session:
        head = queries.head(session)
    with books.engine.connect() as connection:
        for pragma in pragmas:
            connection.connection.cursor().execute(pragma)
        with connection.begin():
            for statement in statements:
                connection.execute(text(statement.replace(H1, head.hash)))


@pytest.mark.parametrize(("law", "statements"), ATTACKS)
def test_the_database_refuses(attacked: Books, law: str, statements: tuple[str, ...]) -> None:
    with pytest.raises(IntegrityError, match=f"ledger: {law}"):
        _attack(attacked, statements)
    with attacked.reading() as session:
        assert checks.verify(session) == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("law", "statements"), SQLITE_ATTACKS)
def test_sqlite_refuses_whatever_the_connection_is_set_to(
    attacked: Books, law: str, statements: tuple[str, ...]
) -> None:
    with pytest.raises(IntegrityError, match=f"ledger: {law}"):
        _attack(attacked, statements, "PRAGMA recursive_triggers=OFF", "PRAGMA foreign_keys=OFF")


@pytest.mark.postgresql
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("law", "statements"), POSTGRESQL_ATTACKS)
def test_postgresql_refuses_to_empty_a_table(attacked: Books, law: str, statements: tuple[str, ...]) -> None:
    with pytest.raises(IntegrityError, match="ledger: TRUNCATE of"):
        _attack(attacked, statements)


def test_every_refusal_is_put_to_the_test() -> None:
    tried = {law for law, _ in [*ATTACKS, *SQLITE_ATTACKS, *POSTGRESQL_ATTACKS]}
    assert tried == {law for guards in triggers.GUARDS.values() for guard in guards for law, _ in guard.refusals}


@pytest.mark.parametrize(
    ("constraint", "statement"),
    [
        ("moves_something", _posting(2, 0, "bank", "0")),
        ("known_account", _posting(2, 0, "purse", "5")),
        ("known_meaning", _posting(2, 0, "fund", "5", fund=FUND_PLACE).replace("'given'", "'lost'")),
        ("fund_on_its_account", _posting(2, 0, "fund", "5").replace("NULL)", "'given')")),
        ("fund_on_its_account", _posting(2, 0, "bank", "5", fund=FUND_PLACE).replace("'given'", "NULL")),
        ("meaning_on_its_account", _posting(2, 0, "fund", "5", fund=FUND_PLACE).replace("'given'", "NULL")),
        ("meaning_on_its_account", _posting(2, 0, "bank", "5").replace("NULL)", "'given')")),
        ("one_row", f"INSERT {HEAD_AGAIN}".replace("(1,", "(2,")),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(attacked: Books, constraint: str, statement: str) -> None:
    run(attacked.engine, *triggers.drop(attacked.engine.dialect.name))  # the constraints stand by themselves
    with pytest.raises(IntegrityError, match=constraint):
        _attack(attacked, (statement.replace(FUND_PLACE, f"'{attacked.fund().hex}'"),))


def test_a_posting_without_an_entry_does_not_outlive_its_transaction(attacked: Books) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        _attack(attacked, PAIR)


def test_a_fund_with_postings_cannot_be_deleted(attacked: Books) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        _attack(attacked, ("DELETE FROM fund",))


def test_an_earmark_line_belongs_to_a_fund_posting(attacked: Books) -> None:
    line_id = attacked.donation_line()
    stray = (
        _posting(2, 0, "bank", "5")
        .replace("fund_id", "donation_line_id")
        .replace("NULL, NULL", f"'{line_id.hex}', NULL")
    )
    with pytest.raises(IntegrityError, match="line_on_its_account"):
        _attack(attacked, (stray,))


def test_guards_can_be_taken_away_and_put_back_around_a_journal(engine: Engine) -> None:
    books = Books(engine)
    fund_id = books.fund()
    books.post(gift(line(fund_id, 3000)))
    run(engine, *triggers.drop(engine.dialect.name))
    with books.reading() as session:
        found = checks.verify(session)
    assert {finding.where for finding in found} == {guard.name for guard in triggers.GUARDS[engine.dialect.name]}
    run(engine, *triggers.create(engine.dialect.name))
    assert books.post(rules.received(uuid4(), [line(fund_id, 1)], books.now))[0].sequence == 2


def test_an_unknown_database_has_no_guards() -> None:
    with pytest.raises(KeyError):
        triggers.create("mysql")
