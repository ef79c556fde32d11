"""A payment provider in memory: pages that a test pays, declines or lets expire, and its own books."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from threading import Lock
from typing import Any

from campaigns.kernel.money import Money
from campaigns.kernel.ports import (
    BalanceMovement,
    CheckoutRequest,
    Doorbell,
    NotGenuine,
    PaymentsUnavailable,
    RemoteBalance,
    RemoteCharge,
    RemoteDispute,
    RemoteEndpoint,
    RemotePayout,
    RemoteRefund,
    RemoteSession,
    Root,
    SourcedMovement,
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
    booked: list[SourcedMovement] = field(default_factory=list)
    payouts: dict[str, RemotePayout] = field(default_factory=dict)
    warned: dict[str, str] = field(default_factory=dict)
    lost_events: list[Doorbell] = field(default_factory=list)
    hooks: list[RemoteEndpoint] = field(default_factory=list)
    page_size: int = 100
    own_id: str = "acct_ours"
    clock_error: float = 0
    api_version: str = "2026-10-28.endive"

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
            False, None, None, None, dict(request.metadata), request.email,
        )  # fmt: skip
        self.sessions[session_id] = session
        self.keys[request.idempotency_key] = session_id
        return session

    def fetch_session(self, session_id: str) -> RemoteSession:
        self._answer()
        return self.sessions[session_id]

    def find_root(self, kind: str, object_id: str) -> Root | None:
        self._answer()
        if kind == "checkout.session":
            return Root(kind, object_id)
        object_id = self.warned.get(object_id, object_id)
        for session in self.sessions.values():
            ids: set[str | None] = {session.payment_intent_id}
            if charge := session.charge:
                ids |= {charge.id, *(each.id for each in (*charge.refunds, *charge.disputes))}
            if object_id in ids:
                return Root("checkout.session", session.id)
        return None

    # The provider's own books

    def movements(self, since: datetime) -> Iterator[Sequence[SourcedMovement]]:
        self._answer()
        found = [each for each in reversed(self.booked) if each.movement.created_at >= since]
        for start in range(0, len(found), self.page_size):
            self._answer()
            yield found[start : start + self.page_size]

    def fetch_movement(self, movement_id: str) -> SourcedMovement:
        self._answer()
        return next(each for each in self.booked if each.movement.id == movement_id)

    def fetch_payout(self, payout_id: str) -> RemotePayout:
        self._answer()
        if payout_id not in self.payouts:
            raise LookupError(payout_id)
        return self.payouts[payout_id]

    def undelivered(self, since: datetime) -> Iterator[Doorbell]:
        self._answer()
        return iter(self.lost_events)

    def balance(self) -> RemoteBalance:
        self._answer()
        sums: dict[str, Money] = {}
        for each in self.booked:
            net = each.movement.net
            sums[net.currency] = sums.get(net.currency, Money(0, net.currency)) + net
        return RemoteBalance(tuple(sums.values()), livemode=False)

    def endpoints(self) -> Sequence[RemoteEndpoint]:
        self._answer()
        return self.hooks

    def account_id(self) -> str:
        self._answer()
        return self.own_id

    def server_clock(self) -> datetime:
        self._answer()
        return self.clock() + timedelta(seconds=self.clock_error)

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
        movement = None if self.delays_settlement else self._moved("charge", f"ch_{number}", paid, fee_of(paid))
        charge = RemoteCharge(f"ch_{number}", paid, self.clock(), movement)
        return self._put(
            replace(session, url=None, status="complete", payment_status="paid", payment_intent_id=f"pi_{number}",
                    intent_status="succeeded", charge=charge, total=paid)
        )  # fmt: skip

    def settle(self, session_id: str) -> None:
        charge = self.charge_of(session_id)
        self._charge(session_id, movement=self._moved("charge", charge.id, charge.amount, fee_of(charge.amount)))

    def charge_of(self, session_id: str) -> RemoteCharge:
        charge = self.sessions[session_id].charge
        assert charge
        return charge

    def refund(self, session_id: str, minor: int) -> RemoteRefund:
        charge, refund_id = self.charge_of(session_id), f"re_{next(self.numbers)}"
        amount = Money(minor, charge.amount.currency)
        movement = self._moved("refund", refund_id, -amount)
        refund = RemoteRefund(refund_id, amount, "succeeded", self.clock(), movement)
        self._charge(session_id, refunds=(*charge.refunds, refund))
        return refund

    def change_refund(self, session_id: str, refund: RemoteRefund) -> None:
        """Let one refund be another from now on."""
        refunds = self.charge_of(session_id).refunds
        self._charge(session_id, refunds=tuple(refund if each.id == refund.id else each for each in refunds))

    def fail_refund(self, session_id: str, refund: RemoteRefund) -> None:
        """Let the giver's bank return the money."""
        failure = self._moved("refund", refund.id, refund.amount, kind="refund_failure")
        self.change_refund(session_id, replace(refund, status="failed", failure=failure))

    def dispute(self, session_id: str, minor: int | None = None, fee: int = 1500) -> RemoteDispute:
        """Let the bank take money back, with a fee; 0 is an inquiry, where nothing moves."""
        charge, dispute_id = self.charge_of(session_id), f"dp_{next(self.numbers)}"
        currency = charge.amount.currency
        amount = charge.amount if minor is None else Money(minor, currency)
        took = self._moved("dispute", dispute_id, -amount, Money(fee, currency), kind="adjustment") if amount else None
        status = "needs_response" if took else "warning_needs_response"
        dispute = RemoteDispute(dispute_id, amount, status, self.clock(), (took,) if took else ())
        self._charge(session_id, disputes=(*charge.disputes, dispute))
        return dispute

    def change_dispute(self, session_id: str, dispute: RemoteDispute) -> None:
        """Let one dispute be another from now on."""
        disputes = self.charge_of(session_id).disputes
        self._charge(session_id, disputes=tuple(dispute if each.id == dispute.id else each for each in disputes))

    def win(self, session_id: str, dispute: RemoteDispute) -> None:
        """End a dispute for us: what was withdrawn comes back, without the fee."""
        back = self._moved("dispute", dispute.id, dispute.amount, kind="adjustment")
        self.change_dispute(session_id, replace(dispute, status="won", movements=(*dispute.movements, back)))

    def warn(self, session_id: str) -> str:
        """Let the card's bank call the payment fraudulent; return the warning's id."""
        warning_id = f"issfr_{next(self.numbers)}"
        self.warned[warning_id] = self.charge_of(session_id).id
        return warning_id

    def pay_out(self, minor: int, currency: str = "USD", *, automatic: bool = True) -> RemotePayout:
        payout_id, amount = f"po_{next(self.numbers)}", Money(minor, currency)
        movement = self._moved("payout", payout_id, -amount)
        parts = amount if automatic else None
        payout = RemotePayout(payout_id, amount, "paid", automatic, self.clock(), movement, None, parts)
        self.payouts[payout_id] = payout
        return payout

    def fail_payout(self, payout: RemotePayout) -> None:
        failure = self._moved("payout", payout.id, payout.amount, kind="payout_failure")
        self.payouts[payout.id] = replace(payout, status="failed", failure=failure)

    def move(self, kind: str, minor: int, source: str = "", currency: str = "USD") -> BalanceMovement:
        """Book something that has nothing to do with a payment."""
        return self._moved(kind if source else "", source, Money(minor, currency), kind=kind)

    def expire(self, session_id: str) -> None:
        self._put(replace(self.sessions[session_id], url=None, status="expired"))

    def start_processing(self, session_id: str) -> None:
        session = self.sessions[session_id]
        self._put(replace(session, status="complete", payment_intent_id="pi_slow", intent_status="processing"))

    def fail(self, session_id: str) -> None:
        """Let the bank refuse what it had begun to move."""
        self._put(replace(self.sessions[session_id], intent_status="requires_payment_method"))

    def _moved(
        self, source_kind: str, source_id: str, gross: Money, fee: Money | None = None, kind: str = ""
    ) -> BalanceMovement:
        fee = fee or Money(0, gross.currency)
        movement = BalanceMovement(
            f"txn_{next(self.numbers)}", kind or source_kind, gross, fee, gross - fee, self.clock()
        )
        self.booked.append(SourcedMovement(movement, source_kind, source_id))
        return movement

    def _charge(self, session_id: str, **fields: Any) -> None:
        self._put(replace(self.sessions[session_id], charge=replace(self.charge_of(session_id), **fields)))

    def _put(self, session: RemoteSession) -> RemoteSession:
        self.sessions[session.id] = session
        return session
