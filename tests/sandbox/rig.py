"""A running sandbox with a site behind it, and Stripe's own client in front of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import stripe

from sandbox.mail.store import MailStore
from sandbox.running import Options, Sandbox
from sandbox.stripe.account import Account
from sandbox.stripe.store import Where
from tests.sandbox.driving import SECRET, VERSION, Page, RecordingClient, Site, event_problems, visit
from tests.waiting import wait_for


@dataclass
class Rig:
    """The running parts. `api` is Stripe's client under `v1`."""

    sandbox: Sandbox
    account: Account
    mails: MailStore
    site: Site
    http: RecordingClient
    client: stripe.StripeClient

    @property
    def api(self) -> Any:
        return self.client.v1

    @property
    def stripe_url(self) -> str:
        return str(self.sandbox.places.stripe)

    @property
    def mail_url(self) -> str:
        return str(self.sandbox.places.mail)

    def new_session(self, **changes: Any) -> Any:
        """Open a Checkout Session of 30 dollars; `changes` replace parameters, None takes one out."""
        params = {name: value for name, value in {**SESSION, **changes}.items() if value is not None}
        return self.api.checkout.sessions.create(params)

    def press(self, session: Any, button: str, **fields: str) -> Page:
        """Press a button of the payment page: pay or decline."""
        return visit(session.url, {"do": button, **fields})

    def paid(self, **changes: Any) -> Any:
        """Open a session, pay it, and return it with its intent and charge."""
        session = self.new_session(**changes)
        assert self.press(session, "pay").status == 303
        return self.api.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})

    def quiet(self) -> None:
        """Wait until every event has arrived."""
        waiting = [Where("pending_webhooks", ">", 0)]
        wait_for(lambda: not self.account.store.find("event", waiting, limit=1))


SESSION: dict[str, Any] = {
    "mode": "payment",
    "success_url": "http://localhost:8000/donations/abc?session={CHECKOUT_SESSION_ID}",
    "cancel_url": "http://localhost:8000/campaigns/strike/donate",
    "customer_email": "ana@example.org",
    "client_reference_id": "donation-1",
    "metadata": {"donation": "1"},
    "payment_intent_data": {"description": "Strike fund", "metadata": {"donation": "1"}},
    "line_items": [
        {
            "quantity": 1,
            "price_data": {
                "currency": "usd",
                "unit_amount": 3000,
                "product_data": {"name": "Strike fund", "description": "Groceries and rent for the families on strike"},
            },
        }
    ],
}


def _monthly(cents: int) -> dict[str, Any]:
    line = SESSION["line_items"][0]
    data = {**line["price_data"], "unit_amount": cents, "recurring": {"interval": "month"}}
    return {**line, "price_data": data}


MONTHLY: dict[str, Any] = {
    "mode": "subscription",
    "payment_intent_data": None,
    "subscription_data": {"description": "Strike fund, monthly", "metadata": {"donation": "1"}},
    "line_items": [_monthly(1000)],
}


@contextmanager
def running(state: Path, site: Site) -> Iterator[Rig]:
    """Run a sandbox; at the end, everything that passed must have had Stripe's shapes."""
    sandbox = Sandbox(Options(state=state, webhook_url=site.url, webhook_secret=SECRET))
    sandbox.start()
    assert sandbox.account
    assert sandbox.mails
    http = RecordingClient()
    address = {"api": str(sandbox.places.stripe)}
    client = stripe.StripeClient("sk_test_demo", base_addresses=address, stripe_version=VERSION, http_client=http)
    yield Rig(sandbox, sandbox.account, sandbox.mails, site, http, client)
    sandbox.stop()
    http.close()
    problems = http.problems() + [bad for event in site.events() for bad in event_problems(event)]
    assert not problems, "\n".join(problems)
