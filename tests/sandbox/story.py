"""Everything that can pass between the site and Stripe, once: the real adapter asks, the stand-in answers and tells."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe

from campaigns.adapters.stripe_books import StripeBooks
from campaigns.adapters.stripe_checkout import StripeCheckout
from campaigns.adapters.stripe_client import connect
from campaigns.adapters.stripe_subscriptions import StripeSubscriptions
from campaigns.kernel.money import Money
from campaigns.kernel.ports import CheckoutLine, CheckoutRequest, RemoteSession, Root
from sandbox.stripe import cards, charges, disputes, fraud_warnings, payouts, refunds, webhook_endpoints
from tests.sandbox.driving import SECRET, Exchange, RecordingClient, Site
from tests.sandbox.rig import Rig, running

DOLLARS = CheckoutLine("Strike kitchen – Küche", "Hot meals at gate 3, every day", Money(3000, "USD"))
# More than one page of a list: Stripe gives at most a hundred at a time.
MANY_REFUNDS = 101


@dataclass(frozen=True, eq=False)
class Story:
    """`asked` is what the adapter sent and was answered, `told` the events, `seen` the stand-in's other objects."""

    asked: Sequence[Exchange]
    told: Sequence[dict[str, Any]]
    seen: Sequence[Exchange]


class Stage:
    """A running stand-in with our adapter in front of it; `recorder` has what passed between the two."""

    def __init__(self, rig: Rig) -> None:
        self.rig, self.recorder, self._number = rig, RecordingClient(), 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stripe, "RequestsClient", lambda **_: self.recorder)
            client = connect("sk_test_nobody", rig.stripe_url)
            self.checkout, self.subscriptions = StripeCheckout(client, [SECRET]), StripeSubscriptions(client)
            self.books = StripeBooks(client)

    def open(self, *lines: CheckoutLine, **changes: Any) -> RemoteSession:
        """Open a session for `lines`; `changes` replace other parts of the request."""
        self._number += 1
        asked = CheckoutRequest(
            reference=f"payment-{self._number}",
            idempotency_key=f"payment:{self._number}",
            lines=lines or [DOLLARS],
            email="maria@example.org",
            success_url="http://localhost/donations/abc",
            cancel_url="http://localhost/campaigns/rescind/donate",
            expires_at=datetime.now(UTC) + timedelta(hours=2),
            locale="en",
            metadata={"payment": str(self._number), "donation": "abc", "fund": "strike"},
        )
        return self.checkout.open_session(replace(asked, **changes))

    def paid(self, *lines: CheckoutLine, **changes: Any) -> RemoteSession:
        """Open a session, pay it and fetch it."""
        session = self.open(*lines, **changes)
        assert self.rig.press(session, "pay").status == 303
        return self.checkout.fetch_session(session.id)

    def sent(self) -> dict[str, Any]:
        """Return the form of the last request."""
        return self.recorder.exchanges[-1].sent


@contextmanager
def stage(state: Path) -> Iterator[Stage]:
    """Run a stand-in with a site behind it."""
    site = Site()
    site.start()
    with running(state, site) as rig:
        yield (here := Stage(rig))
        here.recorder.close()
    site.stop()


def tell(here: Stage) -> Story:
    """Let everything happen that the adapter can ask for, and whatever the stand-in does besides."""
    _open_in_every_way(here)
    _decline_and_expire(here)
    _pay_and_give_back(here)
    _settle_late(here)
    _be_disputed(here)
    _pay_out(here)
    here.rig.quiet()
    _give_back_often(here)
    _read_the_books(here)
    _look_at_the_rest(here.rig)
    return Story(here.recorder.exchanges, here.rig.site.events(), here.rig.http.exchanges)


def _open_in_every_way(here: Stage) -> None:
    here.open(CheckoutLine("Legal fund", "", Money(1000, "EUR")), CheckoutLine("Fees", "Ours", Money(334, "EUR")))
    here.open(CheckoutLine("Kampffonds", "", Money(500, "JPY")), locale="de")
    here.open(locale="ar")
    here.open(locale="hi_IN")
    here.open(email="maria @ nowhere")  # Stripe refuses it, and the adapter asks again without


def _decline_and_expire(here: Stage) -> None:
    session = here.open()
    here.rig.press(session, "decline")
    here.checkout.fetch_session(session.id)
    here.rig.api.checkout.sessions.expire(session.id)
    here.checkout.fetch_session(session.id)


def _pay_and_give_back(here: Stage) -> None:
    session = here.paid()
    assert session.charge
    refund = here.rig.api.refunds.create(
        {"charge": session.charge.id, "amount": 100, "metadata": {"asked": "by phone"}}
    )
    here.checkout.fetch_session(session.id)
    for kind, found in {
        "checkout.session": session.id,
        "payment_intent": session.payment_intent_id or "",
        "charge": session.charge.id,
        "refund": refund.id,
    }.items():
        assert here.checkout.find_root(kind, found) == Root("checkout.session", session.id)


def _settle_late(here: Stage) -> None:
    """The charge and a refund of it reach the balance after the giver has gone."""
    charges.set_delay(here.rig.account, 3600)
    session = here.paid()
    charges.set_delay(here.rig.account, 0)
    assert session.charge
    here.rig.api.refunds.create({"charge": session.charge.id, "amount": 200})
    here.checkout.fetch_session(session.id)
    charges.settle(here.rig.account, session.charge.id)
    here.checkout.fetch_session(session.id)


def _be_disputed(here: Stage) -> None:
    """A refund that failed, a dispute that was won, and a warning: whatever rings leads to the session."""
    account, session = here.rig.account, here.paid()
    assert session.charge
    charge = account.store.must(session.charge.id)
    refund = refunds.make(account, charge, 1000, None, {"asked": "by phone"})
    refunds.fail(account, refund)
    warning = fraud_warnings.warn(account, charge)
    dispute = disputes.win(account, disputes.dispute(account, charge))
    fetched = here.checkout.fetch_session(session.id)
    assert fetched.charge
    assert [bool(each.failure) for each in fetched.charge.refunds] == [True]
    assert [len(each.movements) for each in fetched.charge.disputes] == [2]
    for kind, found in {"dispute": dispute, "radar.early_fraud_warning": warning}.items():
        assert here.checkout.find_root(kind, found["id"]) == Root("checkout.session", session.id)


def _pay_out(here: Stage) -> None:
    account = here.rig.account
    here.rig.press(here.open(), "pay", card=cards.AT_ONCE)
    first = next(payout for payout in payouts.pay_out(account) if payout["currency"] == "usd")
    here.books.fetch_payout(first["id"])
    payouts.fail(account, payouts.arrive(account, first))
    here.books.fetch_payout(first["id"])


def _read_the_books(here: Stage) -> None:
    """More than a page of balance transactions; the endpoint is switched off, so that events wait for it."""
    pages = list(here.books.movements(datetime(2026, 1, 1, tzinfo=UTC)))
    assert len(pages) > 1
    here.books.fetch_movement(pages[0][0].movement.id)
    list(here.books.undelivered(datetime.now(UTC) - timedelta(days=30)))
    here.books.balance()
    here.books.endpoints()
    here.books.account_id()
    here.books.server_clock()


def _give_back_often(here: Stage) -> None:
    session = here.paid()
    assert session.charge
    account = here.rig.account
    webhook_endpoints.configure(account, None)  # nobody has to hear of each
    with account.store.transaction():
        for _ in range(MANY_REFUNDS):
            refunds.make(account, account.store.must(session.charge.id), 10, "requested_by_customer")
    fetched = here.checkout.fetch_session(session.id)
    assert fetched.charge
    assert len({refund.id for refund in fetched.charge.refunds}) == MANY_REFUNDS


def _look_at_the_rest(rig: Rig) -> None:
    """Read what the adapter never asks for: other addresses, and links opened from the other side."""
    api = rig.api
    paid = next(found for found in api.checkout.sessions.list() if found.payment_intent)
    api.checkout.sessions.line_items.list(paid.id)
    expand = ["line_items.data.price.product", "payment_intent.payment_method", "payment_intent.latest_charge.refunds"]
    api.checkout.sessions.retrieve(paid.id, {"expand": expand})
    api.charges.list({"expand": ["data.refunds"]})
    api.payment_intents.list()
    api.balance_transactions.list({"expand": ["data.source"]})
    api.balance.retrieve()
    api.webhook_endpoints.list()
    api.events.list({"limit": 100, "types": ["charge.refunded", "refund.updated"]})
