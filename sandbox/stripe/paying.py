"""What a person does on the payment page: pay, or have the card declined."""

from sandbox.stripe import charges, ids, payment_intents, sessions, shapes
from sandbox.stripe.account import Account
from sandbox.stripe.store import Json

GOOD_CARD = "4242"
DECLINED_CARD = "0002"


def pay(account: Account, session: Json, email: str) -> None:
    """Pay an open session and book what follows, with the events in the order Stripe usually makes them."""
    intent = payment_intents.for_session(account, session)
    method = account.store.add(_method(account, email, GOOD_CARD))
    charge = charges.make(account, intent, method)
    payment_intents.succeed(account, intent, charge)
    sessions.complete(account, session, email)
    charges.settle_later(account, charge)


def decline(account: Account, session: Json, email: str) -> None:
    """Let the bank decline the card: the session stays open and can still be paid."""
    intent = payment_intents.for_session(account, session)
    method = account.store.add(_method(account, email, DECLINED_CARD))
    charge = charges.make_declined(account, intent, method)
    payment_intents.fail(account, intent, charge, method)


def _method(account: Account, email: str, last4: str) -> Json:
    method = shapes.blank("payment_method", id=ids.new("pm"), created=account.now())
    method["billing_details"]["email"] = email
    method["card"]["last4"] = last4
    return method
