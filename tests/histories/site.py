"""A site whose provider is the stand-in in the same process, and short words for what happens to it."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import stripe
from flask import Flask
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from campaigns.adapters.stripe_books import StripeBooks
from campaigns.adapters.stripe_checkout import StripeCheckout
from campaigns.adapters.stripe_subscriptions import StripeSubscriptions
from campaigns.campaign import operations as campaigns
from campaigns.campaign.operations import CampaignFields
from campaigns.factory import Vendors, create_app
from campaigns.kernel.clock import Clock
from campaigns.web import caching
from sandbox.stripe.store import Json
from tests import make
from tests.fakes.files import FakeFiles
from tests.fakes.mail import FakeMailer
from tests.fakes.printer import FakePrinter
from tests.histories.provider import SECRET, Provider


@dataclass
class Ticking:
    """The provider's time, a little later at each look, so that two things never happen at one moment."""

    base: Callable[[], datetime]
    looks: "itertools.count[int]" = field(default_factory=itertools.count)

    def __call__(self) -> datetime:
        return self.base() + timedelta(microseconds=next(self.looks) % 900_000)


@dataclass
class Site:
    """A site with one campaign that asks for money."""

    app: Flask
    url: str
    instance: Path
    provider: Provider
    mailer: FakeMailer
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    @classmethod
    def new(cls, engine: Engine, url: str, instance: Path, fields: CampaignFields) -> "Site":
        """A site with one campaign, and a provider of its own."""
        provider = Provider()
        site = cls.of(engine, url, instance, provider.client, Ticking(provider.now))
        site.provider = provider
        with site.app.extensions["undersigned"].work() as session:
            slug = campaigns.create(session, fields, actor="test", now=provider.now())
            campaigns.publish(session, slug, actor="test", now=provider.now())
        return site

    @classmethod
    def of(cls, engine: Engine, url: str, instance: Path, client: stripe.StripeClient, clock: Clock) -> "Site":
        """A process of a site that is there; `provider` is not set."""
        mailer, printer = FakeMailer(), FakePrinter()
        vendors = Vendors(
            checkout=StripeCheckout(client, [SECRET]), books=StripeBooks(client),
            subscriptions=StripeSubscriptions(client), mailer=mailer, files=FakeFiles(), printer=lambda: printer,
            clock=clock, engine=engine,
        )  # fmt: skip
        app = create_app(make.settings(url, instance), vendors)
        make.make_cheap(app)
        site = cls.__new__(cls)
        site.app, site.url, site.instance, site.mailer, site.numbers = app, url, instance, mailer, itertools.count()
        return site

    def post(self, path: str, **form: str) -> TestResponse:
        """Send a form as a fresh browser, from a network that nobody sent one from before."""
        self.app.extensions[caching.EXTENSION].forget()
        number = next(self.numbers)
        network = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        return self.app.test_client().post(path, data=form, environ_overrides={"REMOTE_ADDR": network})

    def give(self, **form: str) -> TestResponse:
        """Send the donation form; every giver has an address of their own."""
        form.setdefault("email", f"giver{next(self.numbers)}@example.org")
        return self.post("/campaigns/rescind/donate", preset="other", **form)

    def ring(self, event: Json) -> int:
        """Deliver an event once; return the status of the answer."""
        status = self.hand_in(*self.provider.letter(event))
        self.provider.delivered(event, arrived=status == 200)
        return status

    def hand_in(self, body: bytes, signature: str) -> int:
        """Post a webhook; return the status of the answer."""
        headers = {"Stripe-Signature": signature}
        return self.app.test_client().post("/webhooks/stripe", data=body, headers=headers).status_code

    def ring_at_once(self, events: list[Json]) -> list[int]:
        """Deliver events at the same time."""
        with ThreadPoolExecutor(len(events)) as threads:
            return list(threads.map(self.ring, events))

    def work(self) -> None:
        """Let a worker do every item that is due, and none of what comes round by the clock."""
        self.app.extensions["undersigned.worker"]("test worker").drain()

    def sweep(self) -> None:
        """Ask the provider about everything that no event has settled."""
        self.app.extensions["undersigned.payments"].sweep(older_than=timedelta(0))

    def rows(self, statement: Any) -> list[Any]:
        """Read from the site's database."""
        with self.app.extensions["undersigned"].reading() as session:
            return list(session.execute(statement).all())
