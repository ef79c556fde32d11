"""What the stand-in can do and the site's own story does not touch, each once: acts are told to Stripe's own client."""

from typing import Any

from sandbox.stripe import app as stripe_app
from sandbox.stripe import disputes, fraud_warnings, payouts, refunds
from sandbox.stripe.store import Json
from tests.sandbox.rig import MONTHLY, SESSION, Rig
from tests.sandbox.story import Story


def tell(rig: Rig) -> Story:
    """Let everything happen once and return what was answered and told."""
    for act in (_dispute, _fail_refunds, _debit, _pay_out, _subscribe, _let_renewals_fail):
        act(rig)
    rig.quiet()
    return Story((), rig.site.events(), rig.http.exchanges)


def _charge(rig: Rig, **changes: Any) -> Json:
    return rig.account.store.must(rig.paid(**changes).payment_intent.latest_charge.id)


def _dispute(rig: Rig) -> None:
    account = rig.account
    fraud_warnings.warn(account, charge := _charge(rig))
    disputes.win(account, disputes.answer(account, disputes.dispute(account, charge)))
    disputes.close_inquiry(account, disputes.inquire(account, _charge(rig)))
    rig.api.disputes.list({"expand": ["data.charge", "data.payment_intent"]})
    rig.api.radar.early_fraud_warnings.list({"expand": ["data.charge"]})


def _fail_refunds(rig: Rig) -> None:
    account = rig.account
    refunds.fail(account, refunds.make(account, _charge(rig), 1000))
    refunds.hold(account, "insufficient_funds")
    refunds.fail(account, refunds.make(account, _charge(rig), 1000))
    refunds.hold(account, None)
    rig.api.refunds.list({"expand": ["data.failure_balance_transaction"]})


def _debit(rig: Rig) -> None:
    line = SESSION["line_items"][0]
    euros = [{**line, "price_data": {**line["price_data"], "currency": "eur"}}]
    for lines in (SESSION["line_items"], euros):
        for means in ("debit", "debit-fails"):
            rig.press(rig.new_session(line_items=lines), "pay", card=means)
    rig.api.checkout.sessions.list({"expand": ["data.payment_intent.payment_method"]})
    stripe_app.move_clock(rig.account, 4 * 24 * 3600)
    rig.api.checkout.sessions.list({"expand": ["data.payment_intent.latest_charge"]})


def _pay_out(rig: Rig) -> None:
    account = rig.account
    stripe_app.move_clock(account, 4 * 24 * 3600)
    first = next(payout for payout in payouts.pay_out(account) if payout["currency"] == "usd")
    rig.api.balance_transactions.list({"payout": first["id"], "expand": ["data.source"]})
    payouts.fail(account, payouts.arrive(account, first))
    rig.api.payouts.create({"amount": 100, "currency": "usd", "description": "Rent", "metadata": {"asked": "yes"}})
    rig.api.payouts.list({"expand": ["data.balance_transaction", "data.failure_balance_transaction"]})


def _subscribe(rig: Rig) -> None:
    once = {**SESSION["line_items"][0], "quantity": 2}
    session = rig.new_session(**{**MONTHLY, "line_items": [*MONTHLY["line_items"], once]})
    rig.press(session, "pay", card="0002")
    rig.press(session, "pay")
    paid = rig.api.checkout.sessions.retrieve(session.id, {"expand": ["subscription.latest_invoice", "customer"]})
    item = paid.subscription["items"].data[0]
    data = {"currency": "usd", "product": item.price.product, "recurring": {"interval": "month"}, "unit_amount": 1500}
    changed = {
        "items": [{"id": item.id, "price_data": data, "quantity": 2}],
        "proration_behavior": "none",
        "metadata": {"tier": "gold"},
        "default_payment_method": paid.subscription.default_payment_method,
        "description": "More",
    }
    rig.api.subscriptions.update(paid.subscription.id, changed)
    for behavior in ("keep_as_draft", "mark_uncollectible", "void"):
        pause = {"behavior": behavior, "resumes_at": rig.account.now() + 31 * 24 * 3600}
        rig.api.subscriptions.update(paid.subscription.id, {"pause_collection": pause})
        stripe_app.move_clock(rig.account, 31 * 24 * 3600)
        rig.api.subscriptions.update(paid.subscription.id, {"pause_collection": ""})
    rig.api.subscriptions.update(paid.subscription.id, {"cancel_at_period_end": True})
    stripe_app.move_clock(rig.account, 31 * 24 * 3600)
    _look(rig, paid.customer.id)


def _look(rig: Rig, customer: str) -> None:
    api = rig.api
    api.customers.create({"email": "bo@example.org", "name": "Bo", "metadata": {"a": "b"}})
    api.customers.list({"email": "bo@example.org"})
    api.customers.retrieve(customer)
    api.subscriptions.list({"customer": customer, "status": "all", "expand": ["data.default_payment_method"]})
    invoices = api.invoices.list({"customer": customer, "expand": ["data.payments", "data.customer"]}).data
    api.invoices.retrieve(invoices[-1].id)
    asked = api.invoice_payments.list({"invoice": invoices[-1].id, "status": "paid", "expand": ["data.invoice"]}).data
    payment = {"type": "payment_intent", "payment_intent": asked[0].payment.payment_intent}
    api.invoice_payments.list({"payment": payment})
    api.invoice_payments.retrieve(asked[0].id)
    api.billing_portal.sessions.create({"customer": customer, "return_url": "http://localhost:8000/"})


def _let_renewals_fail(rig: Rig) -> None:
    session = rig.new_session(**MONTHLY)
    rig.press(session, "pay", card="0341")
    stripe_app.move_clock(rig.account, 40 * 24 * 3600)
    rig.press(session := rig.new_session(**MONTHLY), "pay")
    rig.api.subscriptions.cancel(rig.api.checkout.sessions.retrieve(session.id).subscription)
