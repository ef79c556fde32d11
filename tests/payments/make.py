"""Builders for the payments' tests: something to pay for, and a feature that notes what it is told."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session

from campaigns.kernel.money import Money
from campaigns.kernel.ports import (
    BalanceMovement,
    CheckoutLine,
    CheckoutRequest,
    RemoteCharge,
    RemoteDispute,
    RemoteRefund,
    RemoteSession,
)
from campaigns.payments import operations
from campaigns.payments.booking import Paid, Restored
from campaigns.payments.flows import Payments
from campaigns.payments.rules import State
from tests.make import World

THIRTY = Money(3000, "USD")
KIND = "thing"


@dataclass
class Told:
    """A handler that keeps what it is told, as (word, id) pairs; the journal of a feature would drop repeats."""

    words: list[tuple[str, str]] = field(default_factory=list)
    paid: list[Paid] = field(default_factory=list)

    def recognised(self, session: Session, paid: Paid, charge: RemoteCharge, now: datetime) -> None:
        self.words.append(("recognised", charge.id))
        self.paid.append(paid)

    def settled(self, session: Session, paid: Paid, movement: BalanceMovement, now: datetime) -> None:
        self.words.append(("settled", movement.id))

    def refunded(self, session: Session, paid: Paid, refund: RemoteRefund, now: datetime) -> None:
        self.words.append(("refunded", refund.id))

    def disputed(self, session: Session, paid: Paid, dispute: RemoteDispute, now: datetime) -> None:
        self.words.append(("disputed", dispute.id))

    def failed(self, session: Session, paid: Paid, now: datetime) -> None:
        self.words.append(("failed", str(paid.payment_id)))

    def restored(self, session: Session, remote: RemoteSession, now: datetime) -> Restored | None:
        if remote.metadata.get("thing") is None:
            return None
        return Restored(UUID(remote.metadata["thing"]), THIRTY)


class NothingMonthly:
    """A site on which everything is paid once."""

    def look_into(self, kind: str, object_id: str) -> State | None:
        return None

    def first_asked_at(self, session: Session) -> None:
        return None

    def sweep(self, older_than: timedelta) -> int:
        return 0


@dataclass
class Till:
    """Payments for one made-up feature, on a world's database and provider."""

    world: World
    told: Told = field(default_factory=Told)

    @property
    def payments(self) -> Payments:
        fake = self.world.checkout
        return Payments(
            self.world.work, fake, {KIND: self.told}, self.world.clock, livemode=False, books=fake,
            monthly=NothingMonthly(),
        )  # fmt: skip

    def prepare(self, amount: Money = THIRTY) -> UUID:
        with self.world.work() as session:
            return operations.prepare(session, KIND, uuid4(), amount, now=self.world.clock())

    def open(self, amount: Money = THIRTY) -> str:
        """Prepare a payment, open its page and note that; return the session's id."""
        payment_id = self.prepare(amount)
        session_id = self.page_of(payment_id, amount)
        with self.world.work() as session:
            operations.opened(session, payment_id, self.world.checkout.sessions[session_id])
        return session_id

    def page_of(self, payment_id: UUID, amount: Money = THIRTY, key: str = "") -> str:
        """Open a page for a payment at the provider and tell nobody, as a crash would."""
        request = CheckoutRequest(
            reference=str(payment_id),
            idempotency_key=key or f"payment:{payment_id}",
            lines=[CheckoutLine("A thing", "", amount)],
            email="maria@example.org",
            success_url="http://localhost/there",
            cancel_url="http://localhost/back",
            expires_at=self.world.clock() + operations.SESSION_LIFETIME,
            locale="en",
            metadata={},
        )
        return self.world.checkout.open_session(request).id

    def sync(self, session_id: str) -> State | None:
        return self.payments.sync(session_id)

    def change(self, session_id: str, **fields: Any) -> None:
        """Let the provider say something else of a session from now on."""
        sessions = self.world.checkout.sessions
        sessions[session_id] = replace(sessions[session_id], **fields)

    def row(self, session_id: str) -> Any:
        with self.world.engine.connect() as connection:
            query = text("SELECT * FROM payment WHERE session_id = :id")
            return connection.execute(query, {"id": session_id}).mappings().one()

    def rows(self, table: str) -> list[Any]:
        with self.world.engine.connect() as connection:
            return list(connection.execute(text(f"SELECT * FROM {table}")).mappings())
