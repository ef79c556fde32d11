"""People give while the payment provider is dead or slow: a calm page, what was typed kept, and never a gift twice.

The provider is the stand-in, asked by Stripe's own SDK through a gate that the test shuts, lets die and revives.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import stripe
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from campaigns.adapters import stripe_client
from campaigns.adapters.stripe_books import StripeBooks
from campaigns.adapters.stripe_checkout import StripeCheckout
from campaigns.adapters.stripe_client import connect
from campaigns.adapters.stripe_subscriptions import StripeSubscriptions
from campaigns.factory import Vendors, create_app
from campaigns.kernel.clock import utc_now
from campaigns.ledger import checks
from sandbox.running import Options, Sandbox
from tests.fakes.gate import Gate
from tests.make import World, appeal, settings
from tests.sandbox.driving import visit

FORM = "/campaigns/rescind/donate"
TYPED = {
    "preset": "other",
    "amount": "42.17",
    "email": "maria@example.org",
    "name": "Maria Ortiz",
    "show_name": "y",
    "message": "For Jo & the rest",
}
KEYS = {"STRIPE_SECRET_KEY": "sk_test_nobody", "STRIPE_WEBHOOK_SECRET": "whsec_of_the_tests"}


class Till:
    """A site whose payments go through a gate, and what stands on both sides of it."""

    def __init__(self, app: Flask, world: World, gate: Gate, sandbox: Sandbox) -> None:
        self.app, self.world, self.gate, self.sandbox = app, world, gate, sandbox
        self.attempt = self.mark(app.test_client().get(FORM).text)

    def mark(self, page: str) -> str:
        found = re.search(r'name="attempt" value="([^"]+)"', page)
        assert found
        return found[1]

    def give(self) -> TestResponse:
        return self.app.test_client().post(FORM, data=TYPED | {"attempt": self.attempt})

    def rows(self, table: str) -> list[Any]:
        with self.world.engine.connect() as connection:
            return list(connection.execute(text(f"SELECT * FROM {table}")).mappings())

    def pages(self) -> list[Any]:
        """What the stand-in has opened, whether or not we heard of it."""
        account = self.sandbox.account
        assert account
        with account.store.transaction():
            return account.store.rows("SELECT id FROM objects WHERE kind = 'checkout.session'")

    def sweep(self) -> int:
        swept: int = self.app.extensions["undersigned.payments"].sweep(older_than=timedelta(0))
        return swept

    def proves_itself(self) -> bool:
        with self.world.reading() as session:
            return checks.verify(session) == []


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(Options(state=tmp_path_factory.mktemp("stand-in"), mail_port=None, smtp_port=None))
    sandbox.start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def till(sqlite_world: World, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.0)  # the SDK's pauses between its tries
    monkeypatch.setattr(stripe_client, "TIMEOUT_SECONDS", (1, 0.5))
    gate = Gate(urlsplit(str(sandbox.places.stripe)).port or 0)
    sqlite_world.publish(appeal())
    url = sqlite_world.engine.url.render_as_string()
    client = connect(KEYS["STRIPE_SECRET_KEY"], gate.url)
    checkout, books = StripeCheckout(client, ["whsec_of_the_tests"]), StripeBooks(client)
    vendors = Vendors(
        checkout=checkout, books=books, subscriptions=StripeSubscriptions(client), mailer=sqlite_world.mailer,
        engine=sqlite_world.engine, clock=utc_now,
    )  # fmt: skip
    yield Till(create_app(settings(url, tmp_path, **KEYS), vendors), sqlite_world, gate, sandbox)
    gate.open()
    gate.die()


def assert_calm(answer: TestResponse) -> None:
    """The form again, with the sentence beside the amount and all that was typed."""
    assert answer.status_code == 503
    assert "No money has moved" in answer.text
    assert 'id="amount-error"' in answer.text
    for value in ("42.17", "maria@example.org", "Maria Ortiz", "For Jo &amp; the rest"):
        assert value in answer.text


OUTAGES: dict[str, tuple[Callable[[Gate], None], Callable[[Gate], None], int]] = {
    "dead": (Gate.die, Gate.revive, 0),
    "slow": (Gate.shut, Gate.open, 1),
}


@pytest.mark.parametrize("kind", OUTAGES)
def test_while_the_provider_is_dead_or_slow_a_second_try_never_makes_a_second_gift(till: Till, kind: str) -> None:
    begin, end, heard = OUTAGES[kind]
    before = len(till.pages())
    begin(till.gate)
    answer = till.give()
    assert_calm(answer)
    assert till.mark(answer.text) == till.attempt
    assert len(till.pages()) - before == heard, "the provider opened a page that we never heard of"
    assert [payment["state"] for payment in till.rows("payment")] == ["pre"]
    end(till.gate)
    assert till.sweep() == 0
    again = till.give()
    assert again.status_code == 303
    assert len(till.pages()) - before == 1
    assert visit(again.headers["Location"], {"do": "pay"}).status == 303
    for _ in range(2):
        till.sweep()
    assert [entry["kind"] for entry in till.rows("ledger_entry")] == ["recognised", "settled"]
    assert len(till.rows("donation")) == len(till.rows("payment")) == 1
    assert till.proves_itself()


def test_whoever_gives_up_on_a_slow_provider_has_given_nothing(till: Till) -> None:
    till.gate.shut()
    assert till.give().status_code == 503
    till.gate.open()
    assert till.sweep() == 0
    (donation,) = till.rows("donation")
    page = till.app.test_client().get(f"/donations/{donation['public_id']}")
    assert (page.status_code, till.rows("ledger_entry")) == (200, [])
    assert till.proves_itself()


def test_the_page_of_a_gift_waits_for_no_slow_provider(till: Till) -> None:
    assert till.give().status_code == 303
    (donation,) = till.rows("donation")
    till.gate.shut()
    page = till.app.test_client().get(f"/donations/{donation['public_id']}")
    assert (page.status_code, "Not paid yet" in page.text) == (200, True)
