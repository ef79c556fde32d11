"""What stands in the Checkout port where no payment key is set: gifts are not offered, and nothing is believed."""

from datetime import datetime

from campaigns.kernel.ports import CheckoutRequest, Doorbell, NotGenuine, PaymentsUnavailable, RemoteSession, Root


class NoPayments:
    """Refuses everything, plainly."""

    def open_session(self, request: CheckoutRequest) -> RemoteSession:
        """Raise PaymentsUnavailable."""
        raise PaymentsUnavailable("no payment key is set")

    def fetch_session(self, session_id: str) -> RemoteSession:
        """Raise PaymentsUnavailable."""
        raise PaymentsUnavailable("no payment key is set")

    def find_root(self, kind: str, object_id: str) -> Root | None:
        """Raise PaymentsUnavailable."""
        raise PaymentsUnavailable("no payment key is set")

    def read_doorbell(self, body: bytes, signature: str, now: datetime) -> Doorbell:
        """Raise NotGenuine."""
        raise NotGenuine("no webhook secret is set")
