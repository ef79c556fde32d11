"""Subscriptions through time: the first payment, every further period, and what happens when a card is declined.

Stripe's retries after a decline are learned by a machine; here they come RETRY_DAYS after the first attempt, and after
the last of them the subscription is canceled, which is what Stripe does unless its dashboard says otherwise.
"""

from sandbox.stripe import cards, charges, customers, invoices, payment_intents, sessions, subscriptions
from sandbox.stripe.account import Account
from sandbox.stripe.buttons import Button
from sandbox.stripe.cards import Card
from sandbox.stripe.expand import HIDDEN
from sandbox.stripe.periods import start
from sandbox.stripe.store import Json, Where
from sandbox.stripe.subscriptions import ALIVE, RENEW

RETRY = "retry_invoice"
RETRY_DAYS = (3, 5, 7)
_DAY = 24 * 3600


def subscribe(account: Account, session: Json, email: str, card: Card) -> None:
    """Pay a subscription session with a good card: customer, subscription and first invoice come to be."""
    customer = customers.of_session(account, session, email)
    method = customers.give_card(account, customer, card)
    sold = session[HIDDEN]["items"]
    recurring = [item for item in sold if item["price"]["recurring"]]
    data = session[HIDDEN]["subscription_data"]
    subscription = subscriptions.make(account, customer["id"], method["id"], recurring, data)
    lines = _lines(subscription) + [_once(subscription, item) for item in sold if not item["price"]["recurring"]]
    invoice = _invoiced(account, subscription, lines, "subscription_create")
    _pay(account, subscription, invoice)
    account.changed(session, invoice=invoice["id"], subscription=subscription["id"])
    sessions.complete(account, session, email)


def decline(account: Account, session: Json, email: str, card: Card) -> None:
    """Let the bank decline the first payment: the session stays open and there is no subscription."""
    intent = payment_intents.make(account, session["amount_total"], session["currency"])
    method = cards.method(account, email, card)
    charge = charges.make_declined(account, intent, method, card)
    payment_intents.fail(account, intent, charge, method)
    session[HIDDEN]["declined"] = card.message
    account.store.save(session)


def _lines(subscription: Json) -> list[Json]:
    return [
        invoices.line(
            subscription["id"],
            item["id"],
            item["price"],
            item["quantity"],
            f"{item['quantity']} × {item['price']['id']}",
            (item["current_period_start"], item["current_period_end"]),
        )
        for item in subscription["items"]["data"]
    ]


def _once(subscription: Json, item: Json) -> Json:
    now = subscription["start_date"]
    return invoices.line(subscription["id"], None, item["price"], item["quantity"], item["description"], (now, now))


def _invoiced(account: Account, subscription: Json, lines: list[Json], reason: str) -> Json:
    customer = account.store.must(subscription["customer"])
    invoice = invoices.draft(account, subscription, customer, lines, reason)
    account.changed(subscription, latest_invoice=invoice["id"])
    return invoice


def renew_when_due(account: Account, identity: str) -> None:
    """Begin the next period of a subscription, or end it where that was asked for."""
    subscription = account.store.must(identity)
    if subscription["status"] not in ALIVE:
        return
    if subscription["cancel_at_period_end"]:
        subscriptions.end(account, subscription, "cancellation_requested")
        return
    _next_period(account, subscription)
    _resume(account, subscription)
    invoice = _invoiced(account, subscription, _lines(subscription), "subscription_cycle")
    if pause := subscription["pause_collection"]:
        _leave(account, invoice, pause["behavior"])
    else:
        _pay(account, subscription, invoice)


def _next_period(account: Account, subscription: Json) -> None:
    number = subscription[HIDDEN]["period"] + 1
    items = subscription["items"]
    recurring, anchor = items["data"][0]["price"]["recurring"], subscription["billing_cycle_anchor"]
    period = {
        "current_period_start": start(anchor, recurring, number),
        "current_period_end": start(anchor, recurring, number + 1),
    }
    subscription[HIDDEN]["period"] = number
    subscriptions.change(account, subscription, items={**items, "data": [item | period for item in items["data"]]})
    account.later(period["current_period_end"], RENEW, subscription["id"])


def _resume(account: Account, subscription: Json) -> None:
    pause = subscription["pause_collection"]
    if pause and pause["resumes_at"] and pause["resumes_at"] <= account.now():
        subscriptions.change(account, subscription, pause_collection=None)


def _leave(account: Account, invoice: Json, behavior: str) -> None:
    """Do with a paused subscription's invoice what was asked for: nothing is charged."""
    if behavior != "keep_as_draft":
        invoices.finalize(account, invoice)
        invoices.give_up(account, invoice, "void" if behavior == "void" else "uncollectible")


def _pay(account: Account, subscription: Json, invoice: Json) -> None:
    """Charge the card for an invoice; a decline is tried again."""
    if invoice["status"] == "draft":
        invoices.finalize(account, invoice)
    intent = _intent(account, subscription, invoice)
    method = account.store.must(subscription["default_payment_method"])
    if refusing := _refusing(method, invoice):
        charge = charges.make_declined(account, intent, method, refusing)
        payment_intents.fail(account, intent, charge, method)
        _try_again(account, subscription, invoice)
        return
    charge = charges.make(account, intent, method)
    payment_intents.succeed(account, intent, charge)
    invoices.paid(account, invoice, invoices.payments_of(account, invoice["id"])[0])
    charges.settle_later(account, charge)
    subscriptions.change(account, subscription, status="active")


def _intent(account: Account, subscription: Json, invoice: Json) -> Json:
    """Return the invoice's payment intent; the first attempt makes it, without the subscription's metadata."""
    if made := invoices.payments_of(account, invoice["id"]):
        return account.store.must(made[0]["payment"]["payment_intent"])
    first = invoice["billing_reason"] == "subscription_create"
    intent = payment_intents.make(
        account,
        invoice["amount_due"],
        invoice["currency"],
        customer=subscription["customer"],
        description="Subscription creation" if first else "Subscription update",
        setup_future_usage="off_session",
    )
    invoices.ask(account, invoice, intent)
    return intent


def _refusing(method: Json, invoice: Json) -> Card | None:
    card = cards.CARDS[cards.last4(method)]
    if card.code:
        return card
    later = invoice["billing_reason"] == "subscription_cycle"
    return cards.DECLINED if card.last4 == cards.FAILS_LATER and later else None


def _try_again(account: Account, subscription: Json, invoice: Json) -> None:
    attempts = invoice["attempt_count"]
    again = invoice["created"] + RETRY_DAYS[attempts] * _DAY if attempts < len(RETRY_DAYS) else None
    invoices.failed(account, invoice, again)
    if again is None:
        subscriptions.end(account, subscription, "payment_failed")
        return
    account.later(again, RETRY, invoice["id"])
    subscriptions.change(account, subscription, status="past_due")


def retry_when_due(account: Account, identity: str) -> None:
    """Charge the card once more for an invoice that is still open."""
    invoice = account.store.must(identity)
    subscription = account.store.must(invoice["parent"]["subscription_details"]["subscription"])
    if invoice["status"] == "open" and subscription["status"] in ALIVE:
        _pay(account, subscription, invoice)


def new_card(account: Account, subscription: Json, card: Card) -> None:
    """Charge another card from now on; what is open is tried with it at once, as the portal does."""
    method = customers.give_card(account, account.store.must(subscription["customer"]), card)
    subscriptions.change(account, subscription, default_payment_method=method["id"])
    about = Where("parent.subscription_details.subscription", "=", subscription["id"])
    for invoice in account.store.find("invoice", [about, Where("status", "=", "open")], oldest_first=True):
        if subscription["status"] in ALIVE:
            _pay(account, subscription, invoice)


def _to_period_end(account: Account, subscription: Json) -> None:
    end = subscription["items"]["data"][0]["current_period_end"]
    account.move_clock(max(0, end - account.now()))


BUTTONS = {
    "renew": Button("subscription", lambda account, thing, _: _to_period_end(account, thing), "subscriptions"),
    "card-declines": Button(
        "subscription",
        lambda account, thing, _: new_card(account, thing, cards.CARDS[cards.FAILS_LATER]),
        "subscriptions",
    ),
    "cancel": Button(
        "subscription",
        lambda account, thing, _: subscriptions.end(account, thing, "cancellation_requested"),
        "subscriptions",
    ),
}
ROUTES = ()
