"""Customers: whoever pays again, with an e-mail address and the card to charge."""

from sandbox.stripe import cards, ids, shapes
from sandbox.stripe.account import Account
from sandbox.stripe.api import Call, Route
from sandbox.stripe.cards import Card
from sandbox.stripe.errors import no_such
from sandbox.stripe.events import emit
from sandbox.stripe.lists import page
from sandbox.stripe.params import PAGING, Email, Metadata, Request, Text
from sandbox.stripe.store import Json


def make(account: Account, email: str | None = None, name: str | None = None, metadata: Json | None = None) -> Json:
    """Store a customer and return it."""
    customer = shapes.blank("customer", id=ids.new("cus"), created=account.now(), email=email, name=name)
    customer |= {"invoice_prefix": ids.secret(8).upper(), "metadata": metadata or {}}
    account.store.add(customer)
    emit(account, "customer.created", customer)
    return customer


def of_session(account: Account, session: Json, email: str) -> Json:
    """Return the customer of a Checkout Session: the one it was opened for, or a new one."""
    if session["customer"]:
        return account.store.must(session["customer"])
    customer = make(account, email)
    account.changed(session, customer=customer["id"])
    return customer


def give_card(account: Account, customer: Json, card: Card) -> Json:
    """Keep `card` with the customer and return it as means of payment."""
    method = cards.method(account, customer["email"], card)
    account.changed(method, customer=customer["id"])
    emit(account, "payment_method.attached", method)
    return method


def _created(call: Call) -> Json:
    return make(call.account, *(call.params.get(name) for name in ("email", "name", "metadata")))


def _retrieved(call: Call) -> Json:
    customer = call.account.store.get(call.id, "customer")
    if customer is None:
        raise no_such("customer", call.id)
    return customer


_CREATE = Request({"email": Email(), "metadata": Metadata(), "name": Text(256)})
_LIST = Request({**PAGING, "email": Text()})

ROUTES = [
    Route("POST", "/v1/customers", _created, _CREATE),
    Route("GET", "/v1/customers", lambda call: page(call, "customer", ("email",)), _LIST),
    Route("GET", "/v1/customers/<identity>", _retrieved),
]
