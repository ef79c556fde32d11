"""Stripe's objects as ours. Money becomes minor units of its currency, times become UTC."""

from datetime import UTC, datetime
from typing import Any

import stripe

from campaigns.adapters.stripe_client import ask
from campaigns.kernel.money import Money, from_stripe
from campaigns.kernel.ports import BalanceMovement, RemoteCharge, RemoteRefund, RemoteSession


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
    )


def read_charge(client: stripe.StripeClient, charge: Any) -> RemoteCharge | None:
    """Return a charge that succeeded, with its refunds; None for any other, and for one that was not expanded."""
    if not isinstance(charge, stripe.Charge) or charge.status != "succeeded":
        return None
    return RemoteCharge(
        charge.id,
        from_stripe(charge.amount, charge.currency),
        moment(charge.created),
        read_movement(charge.balance_transaction),
        _refunds(client, charge.id) if charge.amount_refunded else (),
    )


def _refunds(client: stripe.StripeClient, charge_id: str) -> tuple[RemoteRefund, ...]:
    def every() -> list[Any]:
        first = client.v1.refunds.list({"charge": charge_id, "limit": 100, "expand": ["data.balance_transaction"]})
        return list(first.auto_paging_iter())

    return tuple(read_refund(refund) for refund in ask(every))


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
    )


def id_of(reference: Any) -> str | None:
    """Return the id: an expandable field holds an id or the object itself."""
    if reference is None or isinstance(reference, str):
        return reference
    return str(reference.id)


def moment(seconds: int) -> datetime:
    """Return the moment that Stripe means, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
