"""Stripe's objects as ours. Money becomes minor units of its currency, times become UTC."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import stripe

from campaigns.adapters.stripe_client import ask
from campaigns.kernel.money import Money, from_stripe
from campaigns.kernel.ports import (
    BalanceMovement,
    RemoteCharge,
    RemoteDispute,
    RemotePayout,
    RemoteRefund,
    RemoteSession,
    SourcedMovement,
)

MOST_AT_ONCE = 100  # docs.stripe.com/api/pagination


def read_session(client: stripe.StripeClient, session: Any) -> RemoteSession:
    """Return a fetched session; its parts count where they were expanded."""
    intent = session.payment_intent
    expanded = intent if isinstance(intent, stripe.PaymentIntent) else None
    return RemoteSession(
        id=session.id,
        url=session.url,
        status=session.status or "",
        payment_status=session.payment_status,
        total=from_stripe(session.amount_total or 0, session.currency or "usd"),
        reference=session.client_reference_id,
        livemode=session.livemode,
        payment_intent_id=id_of(intent),
        intent_status=expanded.status if expanded else None,
        charge=read_charge(client, expanded.latest_charge) if expanded else None,
        metadata=_words(session.metadata) or _words(expanded.metadata if expanded else None),
        email=_email(session),
    )


def _words(metadata: Any) -> Mapping[str, str]:
    return metadata.to_dict() if metadata else {}


def _email(session: Any) -> str:
    details = session.customer_details
    return (details and details.email) or session.customer_email or ""


def read_charge(client: stripe.StripeClient, charge: Any) -> RemoteCharge | None:
    """Return a charge that succeeded, with its refunds and disputes; None for any other, and for one not expanded."""
    if not isinstance(charge, stripe.Charge) or charge.status != "succeeded":
        return None
    return RemoteCharge(
        charge.id,
        from_stripe(charge.amount, charge.currency),
        moment(charge.created),
        read_movement(charge.balance_transaction),
        _refunds(client, charge.id) if _was_refunded(charge) else (),
        _disputes(client, charge.id) if charge.disputed else (),
    )


def _was_refunded(charge: Any) -> bool:
    """Say whether there is a refund to ask about. One that failed no longer counts in `amount_refunded`."""
    refunds = getattr(charge, "refunds", None)
    return bool(charge.amount_refunded or (refunds and refunds.data))


def _refunds(client: stripe.StripeClient, charge_id: str) -> tuple[RemoteRefund, ...]:
    expand = ["data.balance_transaction", "data.failure_balance_transaction"]
    found = every(lambda: client.v1.refunds.list({"charge": charge_id, "limit": MOST_AT_ONCE, "expand": expand}))
    return tuple(read_refund(refund) for refund in found)


def _disputes(client: stripe.StripeClient, charge_id: str) -> tuple[RemoteDispute, ...]:
    found = every(lambda: client.v1.disputes.list({"charge": charge_id, "limit": MOST_AT_ONCE}))
    return tuple(read_dispute(dispute) for dispute in found)


def every(first: Callable[[], Any]) -> list[Any]:
    """Return what is on all pages of a list. Raises LookupError, PaymentsUnavailable."""
    return ask(lambda: list(first().auto_paging_iter()))


def read_movement(transaction: Any) -> BalanceMovement | None:
    """Return a balance transaction; None where it is not there yet, or was not expanded."""
    if not isinstance(transaction, stripe.BalanceTransaction):
        return None

    def money(minor: int) -> Money:
        return from_stripe(minor, transaction.currency)

    return BalanceMovement(
        transaction.id, transaction.type, money(transaction.amount), money(transaction.fee), money(transaction.net),
        moment(transaction.created),
    )  # fmt: skip


def read_refund(refund: Any) -> RemoteRefund:
    """Return a refund with its balance transaction."""
    return RemoteRefund(
        refund.id,
        from_stripe(refund.amount, refund.currency),
        refund.status or "",
        moment(refund.created),
        read_movement(refund.balance_transaction),
        read_movement(getattr(refund, "failure_balance_transaction", None)),  # left out where nothing failed
    )


def read_dispute(dispute: Any) -> RemoteDispute:
    """Return a dispute with its balance transactions, the oldest first."""
    movements = [found for each in dispute.balance_transactions if (found := read_movement(each))]
    return RemoteDispute(
        dispute.id,
        from_stripe(dispute.amount, dispute.currency),
        dispute.status,
        moment(dispute.created),
        tuple(sorted(movements, key=lambda found: (found.created_at, found.gross.minor))),
    )


def read_sourced(transaction: Any) -> SourcedMovement:
    """Return a balance transaction whose source was expanded, with what moved."""
    movement, source = read_movement(transaction), transaction.source
    assert movement is not None  # a list of them holds nothing else
    return SourcedMovement(movement, getattr(source, "object", ""), id_of(source) or "")


def read_payout(payout: Any, parts: Money | None) -> RemotePayout:
    """Return a payout with its own balance transactions; `parts` is what it paid out."""
    return RemotePayout(
        payout.id,
        from_stripe(payout.amount, payout.currency),
        payout.status,
        payout.automatic,
        moment(payout.created),
        read_movement(payout.balance_transaction),
        read_movement(payout.failure_balance_transaction),
        parts,
    )


def id_of(reference: Any) -> str | None:
    """Return the id: an expandable field holds an id or the object itself."""
    if reference is None or isinstance(reference, str):
        return reference
    return str(reference.id)


def moment(seconds: int) -> datetime:
    """Return the moment that Stripe means, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
