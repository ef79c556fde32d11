"""Monthly payments in memory: pages that a test pays, months that it lets come, cards that it lets fail."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from campaigns.kernel.money import Money
from campaigns.kernel.ports import BalanceMovement, PaymentsUnavailable, RemoteCharge, RemoteDispute, RemoteRefund
from campaigns.kernel.subscription_ports import (
    MonthlyRequest,
    NewAmount,
    RemoteInvoice,
    RemoteSignup,
    RemoteSubscription,
)
from tests.fakes.checkout import fee_of
from tests.fakes.clock import FakeClock

MONTH = timedelta(days=30)


@dataclass
class FakeSubscriptions:
    clock: FakeClock
    signups: dict[str, RemoteSignup] = field(default_factory=dict)
    requests: dict[str, MonthlyRequest] = field(default_factory=dict)
    subscriptions: dict[str, RemoteSubscription] = field(default_factory=dict)
    invoices: dict[str, RemoteInvoice] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    is_away: bool = False
    delays_settlement: bool = False
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    # The port

    def open_signup(self, request: MonthlyRequest) -> RemoteSignup:
        self._answer("open_signup", request.reference)
        if request.idempotency_key in self.keys:
            return self.signups[self.keys[request.idempotency_key]]
        session_id = f"cs_monthly_{next(self.numbers)}"
        page = f"https://pay.example/{session_id}"
        self.signups[session_id] = RemoteSignup(session_id, page, "open", True, request.reference, False, None)
        self.requests[session_id], self.keys[request.idempotency_key] = request, session_id
        return self.signups[session_id]

    def fetch_signup(self, session_id: str) -> RemoteSignup:
        self._answer("fetch_signup", session_id)
        return self.signups[session_id]

    def find_signup(self, subscription_id: str) -> RemoteSignup | None:
        self._answer("find_signup", subscription_id)
        found = [each for each in self.signups.values() if each.subscription_id == subscription_id]
        return found[0] if found else None

    def fetch_subscription(self, subscription_id: str) -> RemoteSubscription:
        self._answer("fetch_subscription", subscription_id)
        return self.subscriptions[subscription_id]

    def fetch_invoice(self, invoice_id: str) -> RemoteInvoice:
        self._answer("fetch_invoice", invoice_id)
        return self.invoices[invoice_id]

    def find_invoice(self, kind: str, object_id: str) -> str | None:
        self._answer("find_invoice", object_id)
        for invoice in self.invoices.values():
            refunds = {refund.id for refund in invoice.charge.refunds} if invoice.charge else set()
            if object_id in {invoice.intent_id, invoice.charge and invoice.charge.id} | refunds:
                return invoice.id
        return None

    def paid_invoices(self, since: datetime, of: str | None = None) -> Sequence[str]:
        self._answer("paid_invoices", of or "")
        mine = [each for each in self.invoices.values() if of in (None, each.subscription_id)]
        found = [each for each in mine if each.status == "paid" and each.created_at >= since]
        return [each.id for each in sorted(found, key=lambda each: each.created_at, reverse=True)]

    def change_amount(self, subscription_id: str, new: NewAmount, key: str) -> None:
        merged = {**self.subscriptions[subscription_id].metadata, **new.metadata}
        kept = {name: value for name, value in merged.items() if value}  # what is not named stays; emptied, it is gone
        self._change(subscription_id, key, amount=new.amount, metadata=kept)

    def pause(self, subscription_id: str, key: str) -> None:
        self._change(subscription_id, key, is_paused=True)

    def resume(self, subscription_id: str, key: str) -> None:
        self._change(subscription_id, key, is_paused=False)

    def cancel(self, subscription_id: str) -> None:
        self._answer("cancel", subscription_id)
        if self.subscriptions[subscription_id].status != "canceled":
            self.change(subscription_id, status="canceled", ended_at=self.clock())

    def open_portal(self, customer_id: str, return_url: str) -> str:
        self._answer("open_portal", customer_id)
        return f"https://pay.example/portal/{customer_id}"

    def _change(self, subscription_id: str, key: str, **fields: Any) -> None:
        self._answer("change", key)
        if key not in self.keys:
            self.keys[key] = subscription_id
            self.change(subscription_id, **fields)

    def _answer(self, call: str, about: str) -> None:
        if self.is_away:
            raise PaymentsUnavailable("away")
        self.calls.append((call, about))

    # What a test does

    def change(self, subscription_id: str, **fields: Any) -> None:
        self.subscriptions[subscription_id] = replace(self.subscriptions[subscription_id], **fields)

    def pay(self, session_id: str) -> str:
        """Pay on the hosted page; return the subscription's id."""
        request, number = self.requests[session_id], next(self.numbers)
        subscription_id = f"sub_{number}"
        self.subscriptions[subscription_id] = RemoteSubscription(
            id=subscription_id, status="active", is_paused=False, livemode=False, metadata=request.metadata,
            customer_id=f"cus_{number}", amount=request.line.amount, begun_at=self.clock(),
            period_end=self.clock() + MONTH, ends_at=None, ended_at=None, ended_unpaid=False,
            card_expires=date(2034, 1, 1), latest_invoice_id=None,
        )  # fmt: skip
        self.signups[session_id] = replace(
            self.signups[session_id], url=None, status="complete", subscription_id=subscription_id, email=request.email
        )
        self.ask(subscription_id)
        return subscription_id

    def expire(self, session_id: str) -> None:
        self.signups[session_id] = replace(self.signups[session_id], url=None, status="expired")

    def ask(self, subscription_id: str, *, paid: bool = True, amount: Money | None = None) -> str:
        """Ask for one month; return the invoice's id."""
        of, number = self.subscriptions[subscription_id], next(self.numbers)
        invoice = RemoteInvoice(
            id=f"in_{number}", status="open", livemode=False, subscription_id=of.id, metadata=of.metadata,
            amount=amount or of.amount, created_at=self.clock(), attempts=0, next_attempt=None,
            intent_id=f"pi_{number}", charge=None,
        )  # fmt: skip
        self.invoices[invoice.id] = invoice
        self.change(subscription_id, latest_invoice_id=invoice.id)
        self.try_card(invoice.id, paid=paid)
        return invoice.id

    def try_card(self, invoice_id: str, *, paid: bool) -> None:
        """Charge the card for what is asked: it pays, or is declined and tried again three days later."""
        invoice = self.invoices[invoice_id]
        again = None if paid else self.clock() + timedelta(days=3)
        fields: dict[str, Any] = {"attempts": invoice.attempts + 1, "next_attempt": again}
        if paid:
            charge_id = f"ch_{next(self.numbers)}"
            movement = None if self.delays_settlement else self._movement("charge", invoice.amount)
            fields |= {"status": "paid", "charge": RemoteCharge(charge_id, invoice.amount, self.clock(), movement)}
        self.invoices[invoice_id] = replace(invoice, **fields)
        self.change(invoice.subscription_id or "", status="active" if paid else "past_due")

    def renew(self, subscription_id: str, *, paid: bool = True) -> str:
        """Let the next month begin and ask for it; return the invoice's id."""
        self.change(subscription_id, period_end=self.clock() + MONTH)
        return self.ask(subscription_id, paid=paid)

    def settle(self, invoice_id: str) -> None:
        invoice = self.invoices[invoice_id]
        assert invoice.charge
        charge = replace(invoice.charge, movement=self._movement("charge", invoice.amount))
        self.invoices[invoice_id] = replace(invoice, charge=charge)

    def refund(self, invoice_id: str, minor: int) -> str:
        invoice = self.invoices[invoice_id]
        assert invoice.charge
        amount = Money(minor, invoice.amount.currency)
        movement = self._back("refund", -amount)
        refund = RemoteRefund(f"re_m{next(self.numbers)}", amount, "succeeded", self.clock(), movement)
        self._charge(invoice_id, refunds=(*invoice.charge.refunds, refund))
        return refund.id

    def fail_refund(self, invoice_id: str) -> None:
        """Let the bank return the money of the newest refund."""
        charge = self.invoices[invoice_id].charge
        assert charge
        *others, refund = charge.refunds
        failure = self._back("refund_failure", refund.amount)
        self._charge(invoice_id, refunds=(*others, replace(refund, status="failed", failure=failure)))

    def dispute(self, invoice_id: str, minor: int) -> None:
        """Let the bank take money back."""
        charge = self.invoices[invoice_id].charge
        assert charge
        amount = Money(minor, charge.amount.currency)
        took = self._back("adjustment", -amount)
        dispute = RemoteDispute(f"dp_m{next(self.numbers)}", amount, "needs_response", self.clock(), (took,))
        self._charge(invoice_id, disputes=(*charge.disputes, dispute))

    def win_dispute(self, invoice_id: str) -> None:
        """Let the bank give back what it took last."""
        charge = self.invoices[invoice_id].charge
        assert charge
        *others, dispute = charge.disputes
        back = self._back("adjustment", dispute.amount)
        won = replace(dispute, status="won", movements=(*dispute.movements, back))
        self._charge(invoice_id, disputes=(*others, won))

    def _charge(self, invoice_id: str, **fields: Any) -> None:
        invoice = self.invoices[invoice_id]
        assert invoice.charge
        self.invoices[invoice_id] = replace(invoice, charge=replace(invoice.charge, **fields))

    def _back(self, kind: str, gross: Money) -> BalanceMovement:
        nothing = Money(0, gross.currency)
        return BalanceMovement(f"txn_m{next(self.numbers)}", kind, gross, nothing, gross, self.clock())

    def _movement(self, kind: str, gross: Money) -> BalanceMovement:
        fee = fee_of(gross)
        return BalanceMovement(f"txn_m{next(self.numbers)}", kind, gross, fee, gross - fee, self.clock())
