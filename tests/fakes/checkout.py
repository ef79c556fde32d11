"""A payment provider in memory: hosted pages that a test pays, declines or lets expire."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from threading import Lock

from campaigns.kernel.money import Money
from campaigns.kernel.ports import (
    BalanceMovement,
    CheckoutRequest,
    Doorbell,
    NotGenuine,
    PaymentsUnavailable,
    RemoteCharge,
    RemoteRefund,
    RemoteSession,
)
from tests.fakes.clock import FakeClock


def fee_of(amount: Money) -> Money:
    return Money(amount.minor * 29 // 1000 + 30, amount.currency)


@dataclass
class FakeCheckout:
    clock: FakeClock
    sessions: dict[str, RemoteSession] = field(default_factory=dict)
    requests: list[CheckoutRequest] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    is_away: bool = False
    delays_settlement: bool = False
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    one_at_a_time: "Lock" = field(default_factory=Lock)

    def open_session(self, request: CheckoutRequest) -> RemoteSession:
        self._answer()
        with self.one_at_a_time:
            return self._opened(request)

    def _opened(self, request: CheckoutRequest) -> RemoteSession:
        if request.idempotency_key in self.keys:
            return self.sessions[self.keys[request.idempotency_key]]
        self.requests.append(request)
        session_id = f"cs_test_{next(self.numbers)}"
        total = sum((line.amount for line in request.lines[1:]), request.lines[0].amount)
        session = RemoteSession(
            session_id, f"https://pay.example/{session_id}", "open", "unpaid", total, request.reference,
            False, None, None, None,
        )  # fmt: skip
        self.sessions[session_id] = session
        self.keys[request.idempotency_key] = session_id
        return session

    def fetch_session(self, session_id: str) -> RemoteSession:
        self._answer()
        return self.sessions[session_id]

    def find_session(self, kind: str, object_id: str) -> str | None:
        self._answer()
        if kind == "checkout.session":
            return object_id
        for session in self.sessions.values():
            ids = {session.payment_intent_id, session.charge and session.charge.id}
            ids |= {refund.id for refund in session.charge.refunds} if session.charge else set()
            if object_id in ids:
                return session.id
        return None

    def read_doorbell(self, body: bytes, signature: str, now: datetime) -> Doorbell:
        if signature != "genuine":
            raise NotGenuine("signature")
        event_id, kind, subject = body.decode().split()
        return Doorbell(event_id, f"{kind}.updated", False, "2026-10-28.endive", subject, kind)

    def _answer(self) -> None:
        if self.is_away:
            raise PaymentsUnavailable("away")

    # What a test does to a session

    def pay(self, session_id: str, amount: Money | None = None) -> RemoteSession:
        session = self.sessions[session_id]
        number = next(self.numbers)
        paid = amount or session.total
        movement = None if self.delays_settlement else self._movement("charge", paid, fee_of(paid))
        charge = RemoteCharge(f"ch_{number}", paid, self.clock(), movement)
        return self._put(
            replace(session, url=None, status="complete", payment_status="paid", payment_intent_id=f"pi_{number}",
                    intent_status="succeeded", charge=charge, total=paid)
        )  # fmt: skip

    def settle(self, session_id: str) -> None:
        session = self.sessions[session_id]
        assert session.charge
        movement = self._movement("charge", session.charge.amount, fee_of(session.charge.amount))
        self._put(replace(session, charge=replace(session.charge, movement=movement)))

    def refund(self, session_id: str, minor: int) -> None:
        session = self.sessions[session_id]
        assert session.charge
        amount = Money(minor, session.charge.amount.currency)
        movement = self._movement("refund", -amount, Money(0, amount.currency))
        refund = RemoteRefund(f"re_{next(self.numbers)}", amount, "succeeded", self.clock(), movement)
        charge = replace(session.charge, refunds=(*session.charge.refunds, refund))
        self._put(replace(session, charge=charge))

    def expire(self, session_id: str) -> None:
        self._put(replace(self.sessions[session_id], url=None, status="expired"))

    def start_processing(self, session_id: str) -> None:
        session = self.sessions[session_id]
        self._put(replace(session, status="complete", payment_intent_id="pi_slow", intent_status="processing"))

    def fail(self, session_id: str) -> None:
        """Let the bank refuse what it had begun to move."""
        self._put(replace(self.sessions[session_id], intent_status="requires_payment_method"))

    def _movement(self, kind: str, gross: Money, fee: Money) -> BalanceMovement:
        return BalanceMovement(f"txn_{next(self.numbers)}", kind, gross, fee, gross - fee, self.clock())

    def _put(self, session: RemoteSession) -> RemoteSession:
        self.sessions[session.id] = session
        return session
