"""The stand-in for Stripe in the same process: asked without a socket, with a clock that only the test moves."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import stripe
from werkzeug.test import Client

from sandbox.clock import Clock
from sandbox.look import Places
from sandbox.stripe import app as stripe_app
from sandbox.stripe import queue, webhook_endpoints
from sandbox.stripe.account import API_VERSION, Account
from sandbox.stripe.delivery import signature
from sandbox.stripe.expand import show
from sandbox.stripe.store import Json, Store

SECRET = "whsec_of_the_histories"
BASE = "http://127.0.0.1:4242"
START = int(datetime(2026, 1, 29, 15, tzinfo=UTC).timestamp())


class Provider:
    """One account; `client` is Stripe's own client in front of it, `is_away` lets every call fail."""

    def __init__(self) -> None:
        self.store = Store(Path(":memory:"))
        self.account = Account(self.store, Clock(wall=lambda: START), BASE, stripe_app.ACTIONS)
        self.is_away = False
        self.web = stripe_app.create_app(self.account, Places(BASE, BASE, None))
        self._browser = Client(self.web)
        self.client = stripe.StripeClient(
            "sk_test_nobody",
            base_addresses={"api": BASE},
            stripe_version=API_VERSION,
            http_client=_Line(self),
            max_network_retries=0,
        )
        webhook_endpoints.configure(self.account, "http://localhost/webhooks/stripe")

    def close(self) -> None:
        self.store.close()

    def now(self) -> datetime:
        """The account's time, which is the site's too."""
        return datetime.fromtimestamp(self.account.now(), UTC)

    def answer(self, method: str, url: str, headers: Mapping[str, str], body: str | None) -> tuple[str, int, Any]:
        """Answer one request to the API."""
        if self.is_away:
            raise stripe.APIConnectionError("away on purpose")
        parts = urlsplit(url)
        response = self._browser.open(
            parts.path, query_string=parts.query, base_url=BASE, method=method.upper(), headers=dict(headers), data=body
        )
        return response.text, response.status_code, response.headers

    def press(self, path: str, **fields: str) -> int:
        """Press a button of the payment page or the control page; return the status."""
        return self._browser.post(path, base_url=BASE, data=fields).status_code

    def all(self, kind: str) -> list[Json]:
        """Every object of a kind, the oldest first."""
        return self.store.find(kind, oldest_first=True)

    def letter(self, event: Json) -> tuple[bytes, str]:
        """An event's body as it is sent, with its signature."""
        body = json.dumps(show(self.account, event)).encode()
        return body, signature(body, SECRET, self.account.now())

    def delivered(self, event: Json, *, arrived: bool) -> None:
        """Note how an attempt ended, as Stripe does."""
        for delivery in queue.of_event(self.store, event["id"]):
            if delivery.state == "waiting":
                queue.record(self.store, delivery, "", arrived=arrived, now=delivery.first_at)


class _Line(stripe.HTTPClient):
    """Stripe's client asks through this, in place of a connection."""

    name = "in-process"

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self._provider = provider

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_others: Any
    ) -> tuple[str, int, Mapping[str, str]]:
        return self._provider.answer(method, url, headers or {}, post_data)

    def close(self) -> None:
        """Nothing is open."""
