"""All that passes between the site and Stripe about monthly payments, once: the real adapter asks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from campaigns.kernel.money import Money
from campaigns.kernel.ports import CheckoutLine
from campaigns.kernel.subscription_ports import MonthlyRequest, NewAmount, RemoteSignup, RemoteSubscription
from sandbox.stripe import app as stripe_app
from sandbox.stripe import cards, disputes, refunds, renewals, webhook_endpoints
from sandbox.stripe.store import Json
from tests.sandbox.driving import visit
from tests.sandbox.story import Stage

TEN = Money(1000, "USD")
DAY = 24 * 3600


def request(**changes: Any) -> MonthlyRequest:
    """A monthly gift of ten dollars."""
    asked = MonthlyRequest(
        reference="0192f0c0-0000-7000-8000-000000000001",
        idempotency_key="monthly:1",
        line=CheckoutLine("Strike kitchen – Küche", "Hot meals at gate 3, every day", TEN),
        email="maria@example.org",
        success_url="http://localhost/monthly/abc",
        cancel_url="http://localhost/campaigns/rescind/donate",
        expires_at=datetime.now(UTC) + timedelta(hours=2),
        locale="en",
        metadata={"payment": "0192f0c0-0000-7000-8000-000000000001", "campaign": "rescind", "line_1": "a b 1000 gift"},
        description="Strike kitchen, each month",
        submit="donate",
    )
    return replace(asked, **changes)


def tell(here: Stage) -> None:
    """Let everything happen that the adapter can ask for."""
    here.subscriptions.open_signup(request(email="maria @ nowhere", idempotency_key="monthly:0"))
    signup = _opened(here, "monthly:2", submit="subscribe")
    visit(signup.url or "", {"do": "decline"})
    begun = begin(here, "monthly:3")
    _find_again(here, begun)
    _change(here, begun)
    _give_back(here, begun)
    _renew(here, begun)
    _fail(here)
    _end(here, begun)
    _list_many(here)


def _opened(here: Stage, key: str, **changes: Any) -> RemoteSignup:
    ahead = here.rig.account.now() + 2 * 3600
    expires_at = datetime.fromtimestamp(ahead, UTC)
    return here.subscriptions.open_signup(request(idempotency_key=key, expires_at=expires_at, **changes))


def begin(here: Stage, key: str, card: str = cards.GOOD.last4) -> RemoteSubscription:
    """Open a page, pay on it with a card, and return the subscription."""
    signup = _opened(here, key)
    assert visit(signup.url or "", {"do": "pay", "card": card}).status == 303
    done = here.subscriptions.fetch_signup(signup.id)
    assert done.subscription_id
    return here.subscriptions.fetch_subscription(done.subscription_id)


def _find_again(here: Stage, begun: RemoteSubscription) -> None:
    """What is asked where a row is lost: the page it began on, with the address, and all its paid months."""
    began_on = here.subscriptions.find_signup(begun.id)
    assert began_on is not None
    assert (began_on.reference, began_on.email) == (request().reference, request().email)
    assert began_on.subscription_id == begun.id
    assert list(here.subscriptions.paid_invoices(begun.begun_at, begun.id)) == [begun.latest_invoice_id]
    assert here.subscriptions.find_signup("sub_nobody") is None


def _change(here: Stage, begun: RemoteSubscription) -> None:
    new = NewAmount(Money(1500, "USD"), {"line_1": "a b 1500 gift"})
    here.subscriptions.change_amount(begun.id, new, "change:1")
    here.subscriptions.pause(begun.id, "change:2")
    assert here.subscriptions.fetch_subscription(begun.id).is_paused
    here.subscriptions.resume(begun.id, "change:3")
    assert here.subscriptions.open_portal(begun.customer_id, "http://localhost/monthly/manage/abc")


def _give_back(here: Stage, begun: RemoteSubscription) -> None:
    account, invoice_id = here.rig.account, begun.latest_invoice_id or ""
    invoice = here.subscriptions.fetch_invoice(invoice_id)
    assert invoice.charge
    charge = account.store.must(invoice.charge.id)
    refund = here.rig.api.refunds.create({"charge": charge["id"], "amount": 100})
    here.subscriptions.fetch_invoice(invoice_id)
    dispute = disputes.dispute(account, account.store.must(charge["id"]))
    things = {
        "payment_intent": invoice.intent_id,
        "charge": charge["id"],
        "refund": refund.id,
        "dispute": dispute["id"],
    }
    for kind, found in things.items():
        assert here.subscriptions.find_invoice(kind, str(found)) == invoice_id
    once = here.paid()
    assert here.subscriptions.find_invoice("payment_intent", once.payment_intent_id or "") is None
    assert here.subscriptions.find_invoice("payout", "po_1") is None


def _renew(here: Stage, begun: RemoteSubscription) -> None:
    started = here.rig.account.now()
    stripe_app.move_clock(here.rig.account, 32 * DAY)
    renewed = here.subscriptions.fetch_subscription(begun.id)
    assert renewed.period_end > begun.period_end
    assert here.subscriptions.fetch_invoice(renewed.latest_invoice_id or "").amount == Money(1500, "USD")
    assert renewed.latest_invoice_id in here.subscriptions.paid_invoices(datetime.fromtimestamp(started, UTC))


def _fail(here: Stage) -> None:
    failing = begin(here, "monthly:4", cards.FAILS_LATER)
    stripe_app.move_clock(here.rig.account, 32 * DAY)
    failing = here.subscriptions.fetch_subscription(failing.id)
    invoice = here.subscriptions.fetch_invoice(failing.latest_invoice_id or "")
    assert (invoice.status, invoice.attempts, invoice.charge) == ("open", 1, None)
    stripe_app.move_clock(here.rig.account, 8 * DAY)
    assert here.subscriptions.fetch_subscription(failing.id).ended_unpaid


def _end(here: Stage, begun: RemoteSubscription) -> None:
    here.subscriptions.pause(begun.id, "change:4")
    stripe_app.move_clock(here.rig.account, 31 * DAY)
    voided = here.subscriptions.fetch_subscription(begun.id).latest_invoice_id or ""
    assert here.subscriptions.fetch_invoice(voided).status == "void"
    here.subscriptions.cancel(begun.id)
    here.subscriptions.cancel(begun.id)
    assert here.subscriptions.fetch_subscription(begun.id).status == "canceled"
    here.rig.quiet()


def _list_many(here: Stage) -> None:
    """More paid invoices than one page of a list holds, and more refunds of one charge."""
    account = here.rig.account
    webhook_endpoints.configure(account, None)  # nobody has to hear of each
    begun = begin(here, "monthly:5")
    subscription = account.store.must(begun.id)
    start = account.now()
    with account.store.transaction():
        for _ in range(101):
            _another(here, subscription)
    assert len(here.subscriptions.paid_invoices(datetime.fromtimestamp(start, UTC))) >= 101
    first = here.subscriptions.fetch_invoice(begun.latest_invoice_id or "")
    assert first.charge
    with account.store.transaction():
        for _ in range(101):
            refunds.make(account, account.store.must(first.charge.id), 5, "requested_by_customer")
    again = here.subscriptions.fetch_invoice(first.id)
    assert again.charge
    assert len(again.charge.refunds) == 101


def _another(here: Stage, subscription: Json) -> None:
    account = here.rig.account
    invoice = renewals._invoiced(account, subscription, renewals._lines(subscription), "subscription_cycle")
    renewals._pay(account, subscription, invoice)
