"""What the outside world can do for payments that come again each month. The factory hands in who does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from campaigns.kernel.money import Money
from campaigns.kernel.ports import CheckoutLine, RemoteCharge


@dataclass(frozen=True, slots=True)
class MonthlyRequest:
    """What is asked of the hosted page on which a monthly payment begins: one line, paid every month.

    `submit` is the word on its button: "donate" or "subscribe".
    """

    reference: str
    idempotency_key: str
    line: CheckoutLine
    email: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    locale: str
    metadata: Mapping[str, str]
    description: str
    submit: str


@dataclass(frozen=True, slots=True)
class RemoteSignup:
    """A hosted page for a monthly payment as the provider knows it now; `status` is open, complete or expired.

    `is_monthly` is false for a page on which something is paid once; `email` is the address that was given on it.
    """

    id: str
    url: str | None
    status: str
    is_monthly: bool
    reference: str | None
    livemode: bool
    subscription_id: str | None
    email: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class RemoteSubscription:
    """A subscription as the provider knows it now.

    `status` is the provider's word, `amount` the sum of its items for one period, `card_expires` the first day after
    the month that stands on the card (None where no card pays), `ends_at` when it is to end, where that was asked for.
    """

    id: str
    status: str
    is_paused: bool
    livemode: bool
    metadata: Mapping[str, str]
    customer_id: str
    amount: Money
    begun_at: datetime
    period_end: datetime
    ends_at: datetime | None
    ended_at: datetime | None
    ended_unpaid: bool
    card_expires: date | None
    latest_invoice_id: str | None


@dataclass(frozen=True, slots=True)
class RemoteInvoice:
    """What is asked for one period. `metadata` is the subscription's as it stood when the invoice was made.

    `status` is draft, open, paid, uncollectible or void. `amount` is what was asked for, `attempts` how often the card
    was tried, `next_attempt` when it is tried again.
    """

    id: str
    status: str
    livemode: bool
    subscription_id: str | None
    metadata: Mapping[str, str]
    amount: Money
    created_at: datetime
    attempts: int
    next_attempt: datetime | None
    intent_id: str | None
    charge: RemoteCharge | None


@dataclass(frozen=True, slots=True)
class NewAmount:
    """What a subscription shall cost from the next period on, with the metadata that says so."""

    amount: Money
    metadata: Mapping[str, str]


class Subscriptions(Protocol):
    """The payment provider's side of monthly payments. Each call may raise PaymentsUnavailable.

    Those that are given an id raise LookupError where the provider does not know it. Changes carry a key: the same key
    twice is one change.
    """

    def open_signup(self, request: MonthlyRequest) -> RemoteSignup:
        """Open a hosted page; the same idempotency key gives the same page."""

    def fetch_signup(self, session_id: str) -> RemoteSignup:
        """Return a hosted page."""

    def find_signup(self, subscription_id: str) -> RemoteSignup | None:
        """Return the hosted page on which a subscription began; None where it began on none."""

    def fetch_subscription(self, subscription_id: str) -> RemoteSubscription:
        """Return a subscription with its card's month."""

    def fetch_invoice(self, invoice_id: str) -> RemoteInvoice:
        """Return an invoice with the payment made on it, its charge and its balance transaction."""

    def find_invoice(self, kind: str, object_id: str) -> str | None:
        """Return the id of the invoice behind a payment intent, charge, refund or dispute; None where there is none."""

    def paid_invoices(self, since: datetime, of: str | None = None) -> Sequence[str]:
        """Return the ids of the paid invoices made since a moment, the newest first; of one subscription or of all."""

    def change_amount(self, subscription_id: str, new: NewAmount, key: str) -> None:
        """Let the next period and all after it cost another amount; nothing is charged or given back for this one."""

    def pause(self, subscription_id: str, key: str) -> None:
        """Charge nothing until it is resumed: what falls due meanwhile is never asked for."""

    def resume(self, subscription_id: str, key: str) -> None:
        """Go on with the next period."""

    def cancel(self, subscription_id: str) -> None:
        """End it now. One that has ended already is no error."""

    def open_portal(self, customer_id: str, return_url: str) -> str:
        """Return the address of the provider's page on which a giver enters a new card; it works for a short time."""
