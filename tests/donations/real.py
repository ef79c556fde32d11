"""A site that talks to the stand-in through the real adapters. Events come when, and as often as, the test says."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import stripe
from werkzeug.test import TestResponse

from campaigns.adapters.stripe_books import StripeBooks
from campaigns.adapters.stripe_checkout import StripeCheckout
from campaigns.adapters.stripe_client import connect
from campaigns.adapters.stripe_subscriptions import StripeSubscriptions
from campaigns.factory import Vendors, create_app
from tests.donations.make import Story
from tests.fakes.clock import FakeClock
from tests.make import World, settings
from tests.sandbox.driving import SECRET, visit
from tests.sandbox.rig import Rig

Told = tuple[bytes, str]  # the raw body of an event and its signature


@dataclass
class RealStory(Story):
    """A Story whose provider is the stand-in."""

    rig: Rig

    @classmethod
    def on(cls, world: World, rig: Rig, folder: Path) -> "RealStory":
        """Put a second site on a world's database."""
        client, clock = connect("sk_test_nobody", rig.stripe_url), FakeClock(datetime.now(UTC))
        vendors = Vendors(
            checkout=StripeCheckout(client, [SECRET]), books=StripeBooks(client),
            subscriptions=StripeSubscriptions(client), mailer=world.mailer,
            files=world.files, printer=lambda: world.printer, engine=world.engine, clock=clock,
        )  # fmt: skip
        url = world.engine.url.render_as_string(hide_password=False)
        rig.site.received.clear()
        return cls(replace(world, app=create_app(settings(url, folder), vendors), clock=clock), rig)

    @property
    def account(self) -> Any:
        """The stand-in's account, where a test lets things happen."""
        return self.rig.account

    def give(self, **changes: str) -> str:
        """Open a page and pay on it; return the session's id."""
        session_id = self.world.give(**changes)
        assert visit(f"{self.rig.stripe_url}/pay/{session_id}", {"do": "pay"}).status == 303
        return session_id

    def charge_of(self, session_id: str) -> Any:
        """The charge of a paid session, as the stand-in keeps it."""
        store = self.account.store
        return store.must(store.must(store.must(session_id)["payment_intent"])["latest_charge"])

    def events(self, session_id: str = "") -> dict[str, Told]:
        """What the site was told so far, the last of each type; about one session's payment where it is named."""
        self.rig.quiet()
        found = {}
        for body, signature in list(self.rig.site.received):
            event = json.loads(body)
            subject = event["data"]["object"]
            ids = {subject.get("id"), subject.get("payment_intent")}
            if not session_id or ids & {session_id, self.account.store.must(session_id)["payment_intent"]}:
                found[event["type"]] = (body, signature)
        return found

    def deliver(self, *told: Told) -> list[int]:
        """Hand events over in this order, a worker behind each; return how they were answered."""
        statuses = []
        for one in told:
            statuses.append(self.post(one).status_code)
            self.worker("at the door")
        assert set(statuses) <= {200}
        return statuses

    def post(self, told: Told) -> TestResponse:
        """Hand one event over, signed anew: the test's clock may be ahead of the one the stand-in signs by."""
        moment = int(self.world.clock().timestamp())
        signature = stripe.WebhookSignature.generate_signature_header(told[0].decode(), SECRET, moment)
        return self.world.app.test_client().post(
            "/webhooks/stripe", data=told[0], headers={"Stripe-Signature": signature}
        )
