"""Ask Stripe itself a little, with a test key of your own: `STRIPE_SMOKE_KEY=sk_test_… python -m tests.sandbox.smoke`.

Nobody's card is charged: a Checkout Session is opened, fetched and closed, and lists are read. What Stripe answers is
held against the same two descriptions as the stand-in's answers; a difference is printed, and ends it with 1. This is
the one thing here that leaves the machine, and only when it is told to.
"""

import os
import sys
from collections.abc import Mapping

import stripe

from tests.sandbox.driving import VERSION, RecordingClient
from tests.sandbox.rig import SESSION


def main(environment: Mapping[str, str], base: str = "https://api.stripe.com") -> int:
    """Return the exit code: 0 where nothing differs, 1 where something does, 2 without a test key."""
    key = environment.get("STRIPE_SMOKE_KEY", "")
    if not key.startswith(("sk_test_", "rk_test_")):
        print("Set STRIPE_SMOKE_KEY to a key that begins with sk_test_ or rk_test_.", file=sys.stderr)
        return 2
    http = RecordingClient()
    _ask(stripe.StripeClient(key, base_addresses={"api": base}, stripe_version=VERSION, http_client=http))
    problems = sorted(set(http.problems()))
    print("\n".join([*problems, f"{len(http.exchanges)} requests, {len(problems)} differences"]))
    http.close()
    return 1 if problems else 0


def _ask(client: stripe.StripeClient) -> None:
    """Make the calls that a site makes, and read each list that may hold something."""
    api = client.v1
    session = api.checkout.sessions.create(SESSION)  # type: ignore[arg-type]  # the tests' parameters, as they are
    api.checkout.sessions.retrieve(session.id, {"expand": ["line_items", "payment_intent"]})
    api.checkout.sessions.expire(session.id)
    for service in (api.charges, api.refunds, api.disputes, api.payouts, api.balance_transactions, api.events):
        service.list({"limit": 100})
    for more in (api.customers, api.subscriptions, api.invoices, api.invoice_payments, api.radar.early_fraud_warnings):
        more.list({"limit": 100})


if __name__ == "__main__":
    sys.exit(main(os.environ))
