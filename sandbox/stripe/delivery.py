"""Handing events to webhook endpoints: signed, from a thread of its own, one after the other.

A plan (`scheduling`) may have several go at once.
"""

import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from sandbox.loops import Loop
from sandbox.stripe import queue, scheduling
from sandbox.stripe.account import Account
from sandbox.stripe.expand import show
from sandbox.stripe.queue import Delivery
from sandbox.stripe.store import Json

TIMEOUT_SECONDS = 10
_NAP = 5.0


def signature(body: bytes, secret: str, at: int) -> str:
    """Return the Stripe-Signature header for `body` (https://docs.stripe.com/webhooks#verify-manually)."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Courier:
    """Delivers what waits in the queue. `wall` is the machine's clock, in seconds since 1970."""

    def __init__(self, account: Account, secret: str, wall: Callable[[], float] = time.time) -> None:
        self._account = account
        self._secret = secret
        self._wall = wall
        self._loop = Loop("webhook delivery", self.step, account.store.changed)

    def start(self) -> None:
        """Begin to deliver."""
        self._loop.start()

    def stop(self) -> None:
        """Stop; an attempt that is under way may be repeated after the next start."""
        self._loop.stop()

    def step(self) -> float:
        """Make the next attempt that is due; return the pause until another may be."""
        store = self._account.store
        waiting = queue.first_waiting(store, scheduling.plan(store).at_once)
        if not waiting:
            return _NAP
        now = self._wall()
        if waiting[0].next_at > now:
            return min(waiting[0].next_at - now, _NAP)
        self._all([delivery for delivery in waiting if delivery.next_at <= now])
        return 0.0

    def _all(self, due: list[Delivery]) -> None:
        """Make every attempt, all at the same time where there are more than one."""
        if len(due) == 1:
            self._one(due[0])
            return
        with ThreadPoolExecutor(len(due)) as pool:
            list(pool.map(self._one, due))

    def _one(self, delivery: Delivery) -> None:
        arrived, outcome = self._attempt(delivery)
        with self._account.store.transaction():
            queue.record(self._account.store, delivery, outcome, arrived=arrived, now=self._wall())

    def _attempt(self, delivery: Delivery) -> tuple[bool, str]:
        """Post without holding a transaction: the receiver asks us about the object before it answers."""
        store = self._account.store
        event, endpoint = store.must(delivery.event), store.must(delivery.endpoint)
        try:
            status = self._post(endpoint["url"], self._body(event))
        except (OSError, http.client.HTTPException) as problem:
            return False, str(problem) or type(problem).__name__
        return 200 <= status < 300, f"HTTP {status}"

    def _body(self, event: Json) -> bytes:
        return json.dumps(show(self._account, event), indent=2, ensure_ascii=False).encode()

    def _post(self, url: str, body: bytes) -> int:
        """Return the status of the answer; a redirect is not followed, as Stripe does not."""
        parts = urlsplit(url)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (stand-in)",
            "Stripe-Signature": signature(body, self._secret, int(self._wall())),
        }
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body, headers)
            return connection.getresponse().status
        finally:
            connection.close()
