"""What stands in the ports where no payment key is set: gifts are not offered, and nothing is believed."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NoReturn

from campaigns.kernel.ports import (
    CheckoutRequest,
    Doorbell,
    NotGenuine,
    PaymentsUnavailable,
    RemoteBalance,
    RemoteEndpoint,
    RemotePayout,
    RemoteSession,
    Root,
    SourcedMovement,
)


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


class NoBooks:
    """Has nothing to read."""

    api_version = ""

    def movements(self, since: datetime) -> Iterator[Sequence[SourcedMovement]]:
        """Raise PaymentsUnavailable."""
        _refuse()

    def fetch_movement(self, movement_id: str) -> SourcedMovement:
        """Raise PaymentsUnavailable."""
        _refuse()

    def fetch_payout(self, payout_id: str) -> RemotePayout:
        """Raise PaymentsUnavailable."""
        _refuse()

    def undelivered(self, since: datetime) -> Iterator[Doorbell]:
        """Raise PaymentsUnavailable."""
        _refuse()

    def balance(self) -> RemoteBalance:
        """Raise PaymentsUnavailable."""
        _refuse()

    def endpoints(self) -> Sequence[RemoteEndpoint]:
        """Raise PaymentsUnavailable."""
        _refuse()

    def account_id(self) -> str:
        """Raise PaymentsUnavailable."""
        _refuse()

    def server_clock(self) -> datetime:
        """Raise PaymentsUnavailable."""
        _refuse()


def _refuse() -> NoReturn:
    raise PaymentsUnavailable("no payment key is set")
