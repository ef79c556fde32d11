"""Stripe's subscriptions behind the Subscriptions port (stripe 16.1, API 2026-10-28.endive).

Traps of this version (docs.stripe.com/changelog/basil): an invoice names neither its charge, its payment intent nor its
subscription, and a period's end stands on the subscription's items.
Other sources: docs.stripe.com/billing/subscriptions/pause-payment, …/subscriptions/cancel, …/customer-management,
docs.stripe.com/changelog/acacia/2024-11-20/submit-type-recurring-cpl (`submit_type` in subscription mode).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

import stripe

from campaigns.adapters.stripe_checkout import line_item, page_locale
from campaigns.adapters.stripe_client import ask
from campaigns.adapters.stripe_objects import id_of, moment, read_charge
from campaigns.kernel.money import Money, from_stripe, to_stripe
from campaigns.kernel.subscription_ports import (
    MonthlyRequest,
    NewAmount,
    RemoteInvoice,
    RemoteSignup,
    RemoteSubscription,
)

_INTENT_PARTS = ["latest_charge.balance_transaction", "latest_charge.refunds"]
_SUBSCRIPTION_PARTS = ["default_payment_method"]
_AT_MOST = 100


class StripeSubscriptions:
    """Hosted pages for what is paid each month, and what becomes of it."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client

    def open_signup(self, request: MonthlyRequest) -> RemoteSignup:
        """See the Subscriptions port."""
        return _read_signup(ask(lambda: self._created(_signup_params(request), request.idempotency_key)))

    def _created(self, params: dict[str, Any], key: str) -> Any:
        """Stripe refuses some addresses that mail servers take: then the giver types one on its page."""
        create = self._client.v1.checkout.sessions.create
        try:
            return create(cast(Any, params), {"idempotency_key": key})
        except stripe.InvalidRequestError as refused:
            if refused.param != "customer_email":
                raise
            rest = {name: value for name, value in params.items() if name != "customer_email"}
            return create(cast(Any, rest), {"idempotency_key": f"{key}:no-email"})

    def fetch_signup(self, session_id: str) -> RemoteSignup:
        """See the Subscriptions port."""
        return _read_signup(ask(lambda: self._client.v1.checkout.sessions.retrieve(session_id)))

    def find_signup(self, subscription_id: str) -> RemoteSignup | None:
        """See the Subscriptions port."""
        begun_on: Any = {"subscription": subscription_id, "limit": 1}
        found = ask(lambda: self._client.v1.checkout.sessions.list(begun_on)).data
        return _read_signup(found[0]) if found else None

    def fetch_subscription(self, subscription_id: str) -> RemoteSubscription:
        """See the Subscriptions port."""
        return _read_subscription(self._subscription(subscription_id, _SUBSCRIPTION_PARTS))

    def _subscription(self, subscription_id: str, parts: Sequence[str] = ()) -> Any:
        params = {"expand": list(parts)} if parts else {}
        return ask(lambda: self._client.v1.subscriptions.retrieve(subscription_id, cast(Any, params)))

    def fetch_invoice(self, invoice_id: str) -> RemoteInvoice:
        """See the Subscriptions port."""
        invoice = ask(lambda: self._client.v1.invoices.retrieve(invoice_id))
        return _read_invoice(self._client, invoice, self._intent_of(invoice_id) if invoice.attempt_count else None)

    def _intent_of(self, invoice_id: str) -> Any:
        """Return the payment intent that paid an invoice, else the one that is to; None where there is none yet."""
        made = ask(lambda: self._client.v1.invoice_payments.list({"invoice": invoice_id, "limit": _AT_MOST})).data
        made = sorted(made, key=lambda payment: payment.status != "paid")
        ids = [intent_id for payment in made if (intent_id := id_of(payment.payment.payment_intent))]
        if not ids:
            return None
        return ask(lambda: self._client.v1.payment_intents.retrieve(ids[0], {"expand": _INTENT_PARTS}))

    def find_invoice(self, kind: str, object_id: str) -> str | None:
        """See the Subscriptions port."""
        intent_id = self._intent_behind(kind, object_id)
        if intent_id is None:
            return None
        of_intent: Any = {"payment": {"type": "payment_intent", "payment_intent": intent_id}, "limit": 1}
        found = ask(lambda: self._client.v1.invoice_payments.list(of_intent))
        return id_of(found.data[0].invoice) if found.data else None

    def _intent_behind(self, kind: str, object_id: str) -> str | None:
        match kind:
            case "payment_intent":
                return object_id
            case "charge":
                return id_of(ask(lambda: self._client.v1.charges.retrieve(object_id)).payment_intent)
            case "refund":
                return id_of(ask(lambda: self._client.v1.refunds.retrieve(object_id)).payment_intent)
            case "dispute":
                return id_of(ask(lambda: self._client.v1.disputes.retrieve(object_id)).payment_intent)
        return None

    def paid_invoices(self, since: datetime, of: str | None = None) -> Sequence[str]:
        """See the Subscriptions port."""
        params: Any = {"status": "paid", "created": {"gte": int(since.timestamp())}, "limit": _AT_MOST}
        params |= {"subscription": of} if of else {}

        def every() -> list[str]:
            return [str(found.id) for found in self._client.v1.invoices.list(params).auto_paging_iter()]

        return ask(every)

    def change_amount(self, subscription_id: str, new: NewAmount, key: str) -> None:
        """See the Subscriptions port: one item carries the whole amount."""
        items = self._subscription(subscription_id)["items"].data
        params = {
            "items": [_repriced(items[0], new.amount)],
            "metadata": dict(new.metadata),
            "proration_behavior": "none",
        }
        self._update(subscription_id, params, key)

    def pause(self, subscription_id: str, key: str) -> None:
        """See the Subscriptions port."""
        self._update(subscription_id, {"pause_collection": {"behavior": "void"}}, key)

    def resume(self, subscription_id: str, key: str) -> None:
        """See the Subscriptions port."""
        self._update(subscription_id, {"pause_collection": ""}, key)

    def _update(self, subscription_id: str, params: dict[str, Any], key: str) -> None:
        ask(lambda: self._client.v1.subscriptions.update(subscription_id, cast(Any, params), {"idempotency_key": key}))

    def cancel(self, subscription_id: str) -> None:
        """See the Subscriptions port. Stripe does not find one that it has ended already."""
        if self._subscription(subscription_id).status != "canceled":
            ask(lambda: self._client.v1.subscriptions.cancel(subscription_id))

    def open_portal(self, customer_id: str, return_url: str) -> str:
        """See the Subscriptions port."""
        params: Any = {"customer": customer_id, "return_url": return_url}
        portal = ask(lambda: self._client.v1.billing_portal.sessions.create(params))
        return str(portal.url)


def _signup_params(request: MonthlyRequest) -> dict[str, Any]:
    metadata = dict(request.metadata)
    return {
        "mode": "subscription",
        "client_reference_id": request.reference,
        "customer_email": request.email,
        "line_items": [_monthly(line_item(request.line))],
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
        "expires_at": int(request.expires_at.timestamp()),
        "locale": page_locale(request.locale),
        "submit_type": request.submit,
        # Without it the dashboard's own setting could change the amount that the giver was told.
        "adaptive_pricing": {"enabled": False},
        "metadata": metadata,
        "subscription_data": {"metadata": metadata, "description": request.description},
    }


def _monthly(item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "price_data": {**item["price_data"], "recurring": {"interval": "month"}}}


def _repriced(item: Any, amount: Money) -> dict[str, Any]:
    data = {
        "currency": amount.currency.lower(),
        "product": id_of(item.price.product),
        "recurring": {"interval": "month"},
        "unit_amount": to_stripe(amount),
    }
    return {"id": item.id, "price_data": data, "quantity": 1}


def _read_signup(session: Any) -> RemoteSignup:
    return RemoteSignup(
        id=session.id,
        url=session.url,
        status=session.status or "",
        is_monthly=session.mode == "subscription",
        reference=session.client_reference_id,
        livemode=session.livemode,
        subscription_id=id_of(session.subscription),
        email=(session.customer_details.email or "") if session.customer_details else "",
    )


def _read_subscription(found: Any) -> RemoteSubscription:
    items = found["items"].data
    reason = found.cancellation_details.reason if found.cancellation_details else None
    return RemoteSubscription(
        id=found.id,
        status=found.status,
        is_paused=found.pause_collection is not None,
        livemode=found.livemode,
        metadata=_plain(found.metadata),
        customer_id=id_of(found.customer) or "",
        amount=sum((_price(item) for item in items[1:]), _price(items[0])),
        begun_at=moment(found.created),
        period_end=moment(max(item.current_period_end for item in items)),
        ends_at=moment(found.cancel_at) if found.cancel_at else None,
        ended_at=moment(found.ended_at) if found.ended_at else None,
        ended_unpaid=reason == "payment_failed",
        card_expires=_card_expires(found.default_payment_method),
        latest_invoice_id=id_of(found.latest_invoice),
    )


def _price(item: Any) -> Money:
    return from_stripe((item.price.unit_amount or 0) * (item.quantity or 1), item.price.currency)


def _card_expires(method: Any) -> date | None:
    """Return the first day on which the card no longer works: it works through the month that stands on it."""
    if not isinstance(method, stripe.PaymentMethod) or method.type != "card" or method.card is None:
        return None
    after = method.card.exp_year * 12 + method.card.exp_month
    return date(after // 12, after % 12 + 1, 1)


def _read_invoice(client: stripe.StripeClient, invoice: Any, intent: Any) -> RemoteInvoice:
    details = invoice.parent.subscription_details if invoice.parent else None
    return RemoteInvoice(
        id=invoice.id,
        status=invoice.status or "draft",
        livemode=invoice.livemode,
        subscription_id=id_of(details.subscription) if details else None,
        metadata=_plain(details.metadata) if details else {},
        amount=from_stripe(invoice.total, invoice.currency),
        created_at=moment(invoice.created),
        attempts=invoice.attempt_count,
        next_attempt=moment(invoice.next_payment_attempt) if invoice.next_payment_attempt else None,
        intent_id=intent.id if intent else None,
        charge=read_charge(client, intent.latest_charge) if intent else None,
    )


def _plain(metadata: Any) -> Mapping[str, str]:
    return dict(metadata.to_dict()) if metadata else {}
