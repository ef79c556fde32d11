"""One client for everything that is asked of Stripe (stripe 16.1, API 2026-10-28.endive), or of a stand-in.

Sources: docs.stripe.com/api/errors, docs.stripe.com/api/idempotent_requests.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar, cast

import stripe

from campaigns.kernel.ports import PaymentsRefused, PaymentsUnavailable

Answer = TypeVar("Answer")

API_VERSION = "2026-10-28.endive"
TIMEOUT_SECONDS = (3, 10)  # to connect, to read; the SDK's own default is 80


def connect(secret_key: str, api_base: str = "") -> stripe.StripeClient:
    """Return a client for a key; `api_base` is a stand-in's address."""
    addresses = {"base_addresses": {"api": api_base}} if api_base else {}
    return stripe.StripeClient(
        secret_key,
        stripe_version=API_VERSION,
        max_network_retries=2,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        **cast(Any, addresses),
    )


def ask(call: Callable[[], Answer]) -> Answer:
    """Make one call. Raises LookupError for what Stripe does not know, PaymentsRefused for what it will not do.

    Else PaymentsUnavailable. None carries Stripe's sentence: it may quote an address.
    """
    try:
        return call()
    except stripe.StripeError as error:
        if error.http_status == HTTPStatus.NOT_FOUND:
            raise LookupError("no such object at Stripe") from error
        if isinstance(error, (stripe.InvalidRequestError, stripe.CardError)):
            raise PaymentsRefused(type(error).__name__) from error
        raise PaymentsUnavailable(type(error).__name__) from error
