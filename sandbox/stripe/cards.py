"""The ways to pay that the payment page offers: Stripe's published test cards, and a bank debit that takes days.

https://docs.stripe.com/testing: what each number does. No number is typed here; the page lists what they do.
"""

from dataclasses import dataclass

from sandbox.stripe import ids, shapes
from sandbox.stripe.account import Account
from sandbox.stripe.store import Json

GENERIC = "Your card was declined."
# Which bank debit there is in which currency.
DEBITS = {"eur": "sepa_debit", "usd": "us_bank_account"}
DEBIT_PAYS, DEBIT_FAILS = "debit", "debit-fails"


@dataclass(frozen=True, slots=True)
class Card:
    """One test number and what happens to it: `code`, `decline` and `message` where its bank says no."""

    number: str
    title: str
    code: str = ""
    decline: str = ""
    message: str = ""

    @property
    def last4(self) -> str:
        """The last four digits, by which a charge shows its card; no two of these cards share them."""
        return self.number[-4:]


GOOD = Card("4242424242424242", "pays")
DECLINED = Card("4000000000000002", "is declined", "card_declined", "generic_decline", GENERIC)
CVC = "Your card's security code is incorrect."
SHORT = "Your card has insufficient funds."
RETRY = "An error occurred while processing your card. Try again in a little bit."
DISPUTED, NOT_RECEIVED, INQUIRED, WARNED = "0259", "2685", "1976", "5423"
REFUNDS_LATE, REFUNDS_FAIL, AT_ONCE, FAILS_LATER = "7726", "5126", "0077", "0341"
CARDS = {
    card.last4: card
    for card in (
        GOOD,
        DECLINED,
        Card("4000000000009995", "has not enough money", "card_declined", "insufficient_funds", SHORT),
        Card("4000000000009987", "was lost", "card_declined", "lost_card", GENERIC),
        Card("4000000000000069", "has expired", "expired_card", "expired_card", "Your card has expired."),
        Card("4000000000000127", "has another security code", "incorrect_cvc", "incorrect_cvc", CVC),
        Card("4000000000000119", "cannot be reached now", "processing_error", "processing_error", RETRY),
        Card("4000000000000259", "pays and is disputed as fraud"),
        Card("4000000000002685", "pays and is disputed as not received"),
        Card("4000000000001976", "pays and its bank asks (inquiry)"),
        Card("4000000000005423", "pays and its bank warns of fraud"),
        Card("4000000000007726", "pays, and refunds take a while"),
        Card("4000000000005126", "pays, and refunds fail later"),
        Card("4000000000000077", "pays, and the money is available at once"),
        Card("4000000000000341", "pays once, and is declined at every renewal"),
    )
}


def method(account: Account, email: str, card: Card) -> Json:
    """Store and return the means of payment that `card` is."""
    made = shapes.blank("payment_method", id=ids.new("pm"), created=account.now())
    made["billing_details"]["email"] = email
    made["card"]["last4"] = card.last4
    return account.store.add(made)


def debit(account: Account, email: str, kind: str) -> Json:
    """Store and return a bank account as means of payment; `kind` is one of DEBITS."""
    made = shapes.blank("payment_method", id=ids.new("pm"), created=account.now(), type=kind)
    del made["card"]
    made["billing_details"]["email"] = email
    made[kind] = shapes.blank(f"payment_method.{kind}")
    return account.store.add(made)


def last4(thing: Json) -> str:
    """Return the card's last four digits of a means of payment, or of a charge; nothing for another means."""
    details: Json = thing.get("payment_method_details") or thing
    return str(details.get("card", {}).get("last4", ""))
