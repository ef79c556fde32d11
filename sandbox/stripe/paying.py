"""What a person does on the payment page: pay with a card or from a bank account, or have the card declined."""

from collections.abc import Callable

from sandbox.stripe import cards, charges, debits, disputes, fraud_warnings, payment_intents, renewals, sessions
from sandbox.stripe.account import Account
from sandbox.stripe.cards import Card
from sandbox.stripe.store import Json

AFTERWARDS = "what_the_card_does_next"


def attempt(account: Account, session: Json, email: str, means: str) -> bool:
    """Pay an open session with a card (its last four digits) or a bank debit; say whether the page is done with."""
    kind = cards.DEBITS.get(session["currency"])
    if session["mode"] == "subscription":
        return _subscribe(account, session, email, cards.CARDS.get(means, cards.GOOD))
    if kind and means in (cards.DEBIT_PAYS, cards.DEBIT_FAILS):
        debits.begin(account, session, email, kind, fails=means == cards.DEBIT_FAILS)
        return True
    card = cards.CARDS.get(means, cards.GOOD)
    if card.code:
        decline(account, session, email, card)
        return False
    pay(account, session, email, card)
    return True


def _subscribe(account: Account, session: Json, email: str, card: Card) -> bool:
    (renewals.decline if card.code else renewals.subscribe)(account, session, email, card)
    return not card.code


def pay(account: Account, session: Json, email: str, card: Card = cards.GOOD) -> None:
    """Pay an open session and book what follows, with the events in the order Stripe usually makes them."""
    intent = payment_intents.for_session(account, session)
    charge = charges.make(account, intent, cards.method(account, email, card))
    payment_intents.succeed(account, intent, charge)
    sessions.complete(account, session, email)
    charges.settle_later(account, charge)
    if card.last4 in _NEXT:
        account.later(account.now() + charges.delay(account), AFTERWARDS, charge["id"])


def decline(account: Account, session: Json, email: str, card: Card = cards.DECLINED) -> None:
    """Let the bank decline the card: the session stays open and can still be paid."""
    intent = payment_intents.for_session(account, session)
    method = cards.method(account, email, card)
    charge = charges.make_declined(account, intent, method, card)
    payment_intents.fail(account, intent, charge, method)


_NEXT: dict[str, Callable[[Account, Json], object]] = {
    cards.DISPUTED: disputes.dispute,
    cards.NOT_RECEIVED: lambda account, charge: disputes.dispute(account, charge, reason="product_not_received"),
    cards.INQUIRED: disputes.inquire,
    cards.WARNED: fraud_warnings.warn,
}


def afterwards(account: Account, identity: str) -> None:
    """Do what the test card of a charge does by itself, now that the charge is on the balance."""
    charge = account.store.must(identity)
    if charge["balance_transaction"] and not charge["refunded"] and not charge["disputed"]:
        _NEXT[cards.last4(charge)](account, charge)
