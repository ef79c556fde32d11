"""Stripe's hosted Checkout behind the Checkout port (stripe 16.1, API 2026-10-28.endive).

Sources: docs.stripe.com/checkout/fulfillment, docs.stripe.com/webhooks, docs.stripe.com/api/idempotent_requests.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast

import stripe

from campaigns.adapters.stripe_client import ask
from campaigns.adapters.stripe_doorbell import read_doorbell
from campaigns.adapters.stripe_objects import id_of, read_session
from campaigns.kernel.money import to_stripe
from campaigns.kernel.ports import CheckoutLine, CheckoutRequest, Doorbell, RemoteSession, Root

# What its page speaks (docs.stripe.com/js/appendix/supported_locales); Arabic is not among it.
LOCALES = frozenset(
    "bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru "
    "sk sl sv th tr vi zh zh-HK zh-TW".split()
)
_SESSION_PARTS = ["payment_intent.latest_charge.balance_transaction", "payment_intent.latest_charge.refunds"]


class StripeCheckout:
    """Hosted pages and the doorbell."""

    def __init__(self, client: stripe.StripeClient, webhook_secrets: Sequence[str]) -> None:
        self._client = client
        self._secrets = tuple(webhook_secrets)

    def open_session(self, request: CheckoutRequest) -> RemoteSession:
        """See the Checkout port."""
        return read_session(self._client, ask(lambda: self._created(_session_params(request), request.idempotency_key)))

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

    def fetch_session(self, session_id: str) -> RemoteSession:
        """See the Checkout port. Raises LookupError where Stripe knows no such session."""
        return read_session(
            self._client,
            ask(lambda: self._client.v1.checkout.sessions.retrieve(session_id, {"expand": _SESSION_PARTS})),
        )

    def find_root(self, kind: str, object_id: str) -> Root | None:
        """See the Checkout port. Raises LookupError where Stripe knows no such object."""
        session_id = object_id if kind == "checkout.session" else self._session_of_intent(self._intent(kind, object_id))
        return Root("checkout.session", session_id) if session_id else None

    def _intent(self, kind: str, object_id: str) -> str | None:
        """Return the payment intent that an object belongs to."""
        v1 = self._client.v1
        if kind == "payment_intent":
            return object_id
        fetch: dict[str, Callable[..., Any]] = {
            "charge": v1.charges.retrieve,
            "refund": v1.refunds.retrieve,
            "dispute": v1.disputes.retrieve,
            "radar.early_fraud_warning": v1.radar.early_fraud_warnings.retrieve,
        }
        return id_of(ask(lambda: fetch[kind](object_id)).payment_intent) if kind in fetch else None

    def _session_of_intent(self, intent_id: str | None) -> str | None:
        if intent_id is None:
            return None
        found = ask(lambda: self._client.v1.checkout.sessions.list({"payment_intent": intent_id, "limit": 1}))
        return found.data[0].id if found.data else None

    def read_doorbell(self, body: bytes, signature: str, now: datetime) -> Doorbell:
        """See the Checkout port."""
        return read_doorbell(self._secrets, body, signature, now)


def _session_params(request: CheckoutRequest) -> dict[str, Any]:
    metadata = dict(request.metadata)
    intent: dict[str, Any] = {"metadata": metadata, "description": request.lines[0].name}
    if request.descriptor:
        intent["statement_descriptor_suffix"] = request.descriptor
    return {
        "mode": "payment",
        "client_reference_id": request.reference,
        "customer_email": request.email,
        "line_items": [line_item(line) for line in request.lines],
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
        "expires_at": int(request.expires_at.timestamp()),
        "locale": page_locale(request.locale),
        "submit_type": "donate",
        # Without it the dashboard's own setting could change the amount that the giver was told.
        "adaptive_pricing": {"enabled": False},
        "metadata": metadata,
        "payment_intent_data": intent,
    }


def page_locale(tag: str) -> str:
    """Return the language of the payment page; "auto" takes the browser's."""
    tag = tag.replace("_", "-")
    return tag if tag in LOCALES else "auto"


def line_item(line: CheckoutLine) -> dict[str, Any]:
    """Return one line of the payment page."""
    product: dict[str, str] = {"name": line.name}
    if line.description:
        product["description"] = line.description
    price = {"currency": line.amount.currency.lower(), "unit_amount": to_stripe(line.amount), "product_data": product}
    return {"quantity": 1, "price_data": price}
