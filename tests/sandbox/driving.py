"""What the tests of the sandbox drive it with: Stripe's own client, a person's browser, a site that takes webhooks."""

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import ModuleType
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
import stripe

from tests.sandbox import stripe_differences, stripe_document, stripe_shapes

SECRET = "whsec_of_the_tests"
VERSION = "2026-10-28.endive"
ORACLES = (stripe_shapes, stripe_document)
Fact = TypeVar("Fact")


@dataclass
class Exchange:
    """One API request and its answer."""

    method: str
    path: str
    sent: dict[str, Any]
    status: int
    body: dict[str, Any]
    headers: Mapping[str, str]

    def problems(self) -> list[str]:
        """Return what Stripe's own descriptions find wrong, but for the known differences between them."""
        if self.status != 200:
            found = stripe_document.check_refusal(self.body)
            return (
                found
                if self.body.get("error", {}).get("message")
                else [*found, f"{self.path}: a refusal without a word"]
            )
        found = [
            bad for oracle in ORACLES for bad in oracle.check_call(self.method, self.path, self.sent, 200, self.body)
        ]
        return stripe_differences.unknown(found) + [
            bad for event in _events(self.body) for bad in event_problems(event)
        ]


class RecordingClient(stripe.RequestsClient):
    """Stripe's own HTTP client, which also remembers every request and answer."""

    def __init__(self) -> None:
        super().__init__(timeout=(2, 10), session=requests.Session())
        self.exchanges: list[Exchange] = []

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        content, status, answered = super().request(method, url, headers, post_data)
        parts = urlsplit(url)
        sent = tree(post_data if method == "post" else parts.query)
        self.exchanges.append(Exchange(method.upper(), parts.path, sent, status, json.loads(content), answered))
        return content, status, answered

    def problems(self) -> list[str]:
        """Return what Stripe's own descriptions find wrong: in accepted requests, in answers, and in events."""
        return [bad for seen in self.exchanges for bad in seen.problems()]


def tree(form: str | None) -> dict[str, Any]:
    """Return what a form says, by names within names: `a[0][b]=c` is {"a": {"0": {"b": "c"}}}."""
    root: dict[str, Any] = {}
    for name, value in parse_qsl(form or "", keep_blank_values=True, strict_parsing=bool(form)):
        here = root
        *above, last = re.findall(r"[^\[\]]+", name)
        for step in above:
            here = here.setdefault(step, {})
        assert last not in here, f"{name} is sent twice"
        here[last] = value
    return root


def _events(body: dict[str, Any]) -> list[dict[str, Any]]:
    things = body["data"] if body.get("object") == "list" else [body]
    return [thing for thing in things if thing.get("object") == "event"]


def event_problems(event: dict[str, Any], oracle: ModuleType | None = None) -> list[str]:
    """Return what Stripe's own descriptions find wrong in an event and in the object it carries."""
    asked = (oracle,) if oracle else ORACLES
    things = (event, event["data"]["object"])
    return stripe_differences.unknown([bad for one in asked for thing in things for bad in one.check_object(thing)])


@dataclass
class Page:
    """What a browser was answered; `location` is where it is sent on."""

    status: int
    text: str
    location: str | None


def visit(address: str, fields: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> Page:
    """Open an address, or send it a form, as a browser that follows no redirect."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        body = None if fields is None else urlencode(fields)
        sent = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET" if body is None else "POST", path, body, sent | (headers or {}))
        answer = connection.getresponse()
        return Page(answer.status, answer.read().decode("utf-8", "replace"), answer.headers["Location"])
    finally:
        connection.close()


@dataclass
class Site:
    """A site that takes webhooks. `answers` holds the statuses to give next; after them it answers 200."""

    answers: list[int] = field(default_factory=list)
    received: list[tuple[bytes, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                site.received.append((body, self.headers["Stripe-Signature"]))
                self.send_response(site.answers.pop(0) if site.answers else 200)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://localhost:{self._server.server_port}/webhooks/stripe"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def events(self) -> list[dict[str, Any]]:
        """Return the events received so far, each with a signature that Stripe's own code accepts."""
        received = list(self.received)
        for body, signed in received:
            stripe.Webhook.construct_event(body, signed, SECRET)
        return [json.loads(body) for body, _ in received]

    def types(self) -> list[str]:
        return [event["type"] for event in self.events()]
