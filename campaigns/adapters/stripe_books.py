"""Stripe's own books behind the Books port (stripe 16.1, API 2026-10-28.endive).

Sources: docs.stripe.com/reports/balance-transaction-types, docs.stripe.com/payouts/reconciliation,
docs.stripe.com/api/events/list.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import stripe

from campaigns.adapters.stripe_client import API_VERSION, ask
from campaigns.adapters.stripe_objects import MOST_AT_ONCE, every, id_of, read_payout, read_sourced
from campaigns.kernel.money import Money, from_stripe
from campaigns.kernel.ports import Doorbell, RemoteBalance, RemoteEndpoint, RemotePayout, SourcedMovement

_PAYOUT_PARTS = ["balance_transaction", "failure_balance_transaction"]


class StripeBooks:
    """Balance transactions, payouts, events that did not arrive, and how the account is set up."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client

    @property
    def api_version(self) -> str:
        """See the Books port."""
        return API_VERSION

    def movements(self, since: datetime) -> Iterator[Sequence[SourcedMovement]]:
        """See the Books port."""
        made, expand = int(since.timestamp()), ["data.source"]
        page = ask(
            lambda: self._client.v1.balance_transactions.list(
                {"created": {"gte": made}, "limit": MOST_AT_ONCE, "expand": expand}
            )
        )
        while page.data:
            yield [read_sourced(transaction) for transaction in page.data]
            page = ask(page.next_page)

    def fetch_movement(self, movement_id: str) -> SourcedMovement:
        """See the Books port."""
        retrieve = self._client.v1.balance_transactions.retrieve
        return read_sourced(ask(lambda: retrieve(movement_id, {"expand": ["source"]})))

    def fetch_payout(self, payout_id: str) -> RemotePayout:
        """See the Books port."""
        payout = ask(lambda: self._client.v1.payouts.retrieve(payout_id, {"expand": _PAYOUT_PARTS}))
        is_known = payout.automatic and payout.reconciliation_status == "completed"
        return read_payout(payout, self._paid_out(payout) if is_known else None)

    def _paid_out(self, payout: Any) -> Money:
        """Return the sum of what an automatic payout paid out; its own movement is listed among them."""
        listed = every(lambda: self._client.v1.balance_transactions.list({"payout": payout.id, "limit": MOST_AT_ONCE}))
        own = id_of(payout.balance_transaction)
        return from_stripe(sum(each.net for each in listed if each.id != own), payout.currency)

    def undelivered(self, since: datetime) -> Iterator[Doorbell]:
        """See the Books port."""
        made = int(since.timestamp())
        listed = every(
            lambda: self._client.v1.events.list(
                {"delivery_success": False, "created": {"gte": made}, "limit": MOST_AT_ONCE}
            )
        )
        return (_bell(event) for event in listed)

    def balance(self) -> RemoteBalance:
        """See the Books port."""
        found: Any = ask(self._client.v1.balance.retrieve)
        sums: dict[str, int] = {}
        for part in (*found.available, *found.pending):
            sums[part.currency] = sums.get(part.currency, 0) + part.amount
        return RemoteBalance(tuple(from_stripe(total, currency) for currency, total in sums.items()), found.livemode)

    def endpoints(self) -> Sequence[RemoteEndpoint]:
        """See the Books port."""
        listed = every(lambda: self._client.v1.webhook_endpoints.list({"limit": MOST_AT_ONCE}))
        return [
            RemoteEndpoint(end.url, end.status == "enabled", end.livemode, end.api_version, tuple(end.enabled_events))
            for end in listed
        ]

    def account_id(self) -> str:
        """See the Books port."""
        return ask(self._client.v1.accounts.retrieve_current).id

    def server_clock(self) -> datetime:
        """See the Books port: the head of any answer says it."""
        answered = ask(self._client.v1.balance.retrieve).last_response
        assert answered is not None  # every answer has a head
        return parsedate_to_datetime(answered.headers["Date"])


def _bell(event: Any) -> Doorbell:
    subject = event.data.object
    return Doorbell(
        id=event.id,
        type=event.type,
        livemode=event.livemode,
        api_version=event.api_version,
        subject_id=getattr(subject, "id", None) or "",  # a balance has none
        subject_kind=subject.object,
        account=getattr(event, "account", None),
    )
