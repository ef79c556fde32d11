"""Builders for the ledger's tests: what the provider says, funds, and a journal to post to."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

from sqlalchemy import Column, Engine, MetaData, Table, Uuid, insert, text
from sqlalchemy.orm import Session

from campaigns.db import Base, reading, unit_of_work
from campaigns.kernel.money import Money
from campaigns.kernel.ports import BalanceMovement
from campaigns.ledger import models, operations, rules, triggers
from campaigns.ledger.operations import Posted
from campaigns.ledger.rules import Bearer, Draft, EarmarkLine

NOW = datetime(2026, 5, 1, 9, 30, 15, 123456, tzinfo=UTC)
TABLES = (models.LedgerEntry, models.LedgerPosting, models.LedgerHead, models.LedgerCheckpoint)

# Of its own, so that the real tables of other features may come and go.
_metadata = MetaData(naming_convention=Base.metadata.naming_convention)
FUND = Table("fund", _metadata, Column("id", Uuid, primary_key=True))
DONATION_LINE = Table("donation_line", _metadata, Column("id", Uuid, primary_key=True))
for _mapped in TABLES:
    Base.metadata.tables[_mapped.__tablename__].to_metadata(_metadata)

_numbers = count(1)


def create_tables(engine: Engine) -> None:
    _metadata.create_all(engine)
    run(engine, *triggers.create(engine.dialect.name))


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))  # as Alembic does


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def movement(gross: int, fee: int = 0, kind: str = "charge", currency: str = "USD", txn: str = "") -> BalanceMovement:
    """What the provider booked: net is gross less fee."""
    whole, part, net = (Money(minor, currency) for minor in (gross, fee, gross - fee))
    return BalanceMovement(txn or f"txn_{next(_numbers)}", kind, whole, part, net, NOW)


def line(fund_id: UUID, minor: int, line_id: UUID | None = None, currency: str = "USD") -> EarmarkLine:
    return EarmarkLine(fund_id, line_id, Money(minor, currency))


def gift(*lines: EarmarkLine, charge: str = "") -> Draft:
    return rules.recognised(charge or f"ch_{next(_numbers)}", lines, NOW)


@dataclass
class Books:
    """A journal on one engine, with a clock that steps a minute for each entry."""

    engine: Engine
    now: datetime = field(default=NOW)

    def fund(self) -> UUID:
        fund_id = uuid4()
        with unit_of_work(self.engine) as session:
            session.execute(insert(FUND).values(id=fund_id))
        return fund_id

    def donation_line(self) -> UUID:
        line_id = uuid4()
        with unit_of_work(self.engine) as session:
            session.execute(insert(DONATION_LINE).values(id=line_id))
        return line_id

    def post(self, *drafts: Draft) -> list[Posted]:
        with unit_of_work(self.engine) as session:
            return [operations.post(session, draft, self._tick()) for draft in drafts]

    def checkpoint(self, at_least: int = 1) -> int | None:
        with unit_of_work(self.engine) as session:
            return operations.checkpoint(session, self._tick(), at_least)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with reading(self.engine) as session:
            yield session

    def _tick(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


def everything(fund_id: UUID, other: UUID, line_id: UUID | None = None) -> Sequence[Draft]:
    """One draft of each kind about `fund_id`: 100.00 given, 60.60 left."""
    earmark = line(fund_id, 9000, line_id)
    bearer = [Bearer(fund_id, 1)]
    return [
        gift(earmark),
        rules.settled(movement(9000, 290), bearer),
        rules.refunded(movement(-1000, kind="refund"), [earmark]),
        rules.disputed(movement(-500, 1500, kind="adjustment"), [earmark], bearer),
        rules.disputed(movement(500, kind="adjustment"), [earmark]),
        rules.payout(movement(-5000, kind="payout")),
        rules.unknown(movement(-77, 3, kind="stripe_fee")),
        rules.received(uuid4(), [line(fund_id, 1000)], NOW, "Collected at the gate"),
        rules.deposited(uuid4(), usd(5000), NOW),
        rules.disbursed(uuid4(), fund_id, usd(1150), NOW, "Food parcels"),
        rules.transferred(uuid4(), fund_id, other, usd(200), NOW, "Strike kitchen is full"),
        rules.transferred(uuid4(), other, fund_id, usd(200), NOW, "Back again"),
    ]
