"""What stands in the Subscriptions port where no payment key is set: nothing is paid monthly."""

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from campaigns.kernel.ports import PaymentsUnavailable
from campaigns.kernel.subscription_ports import (
    MonthlyRequest,
    NewAmount,
    RemoteInvoice,
    RemoteSignup,
    RemoteSubscription,
)


class NoSubscriptions:
    """Refuses everything, plainly; there is nothing to list."""

    def open_signup(self, request: MonthlyRequest) -> RemoteSignup:
        """Raise PaymentsUnavailable."""
        _refuse()

    def fetch_signup(self, session_id: str) -> RemoteSignup:
        """Raise PaymentsUnavailable."""
        _refuse()

    def find_signup(self, subscription_id: str) -> RemoteSignup | None:
        """Raise PaymentsUnavailable."""
        _refuse()

    def fetch_subscription(self, subscription_id: str) -> RemoteSubscription:
        """Raise PaymentsUnavailable."""
        _refuse()

    def fetch_invoice(self, invoice_id: str) -> RemoteInvoice:
        """Raise PaymentsUnavailable."""
        _refuse()

    def find_invoice(self, kind: str, object_id: str) -> str | None:
        """Raise PaymentsUnavailable."""
        _refuse()

    def paid_invoices(self, since: datetime, of: str | None = None) -> Sequence[str]:
        """Return none."""
        return ()

    def change_amount(self, subscription_id: str, new: NewAmount, key: str) -> None:
        """Raise PaymentsUnavailable."""
        _refuse()

    def pause(self, subscription_id: str, key: str) -> None:
        """Raise PaymentsUnavailable."""
        _refuse()

    def resume(self, subscription_id: str, key: str) -> None:
        """Raise PaymentsUnavailable."""
        _refuse()

    def cancel(self, subscription_id: str) -> None:
        """Raise PaymentsUnavailable."""
        _refuse()

    def open_portal(self, customer_id: str, return_url: str) -> str:
        """Raise PaymentsUnavailable."""
        _refuse()


def _refuse() -> NoReturn:
    raise PaymentsUnavailable("no payment key is set")
