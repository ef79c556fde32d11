"""Charges: one attempt each to take the money, and the moment Stripe books it."""

from sandbox.stripe import balance_transactions, cards, ids, refunds, shapes
from sandbox.stripe.account import Account
from sandbox.stripe.api import Call, Route
from sandbox.stripe.cards import Card
from sandbox.stripe.errors import no_such
from sandbox.stripe.events import emit
from sandbox.stripe.expand import included
from sandbox.stripe.lists import USUAL_LIMIT, listed, page
from sandbox.stripe.params import PAGING, Request, Text
from sandbox.stripe.store import Json, Where

SETTLE = "settle_charge"
DELAY_SETTING = "settlement_delay"
_CARRIED = ("currency", "customer", "description", "metadata", "receipt_email", "statement_descriptor_suffix")


def make(account: Account, intent: Json, method: Json) -> Json:
    """Store a charge that went through, not yet on the balance, and return it."""
    charge = _new(account, intent, method)
    charge["amount_captured"] = charge["amount"]
    account.store.add(charge)
    emit(account, "charge.succeeded", charge)
    return charge


def make_declined(account: Account, intent: Json, method: Json, card: Card) -> Json:
    """Store a charge that the card's bank declined, and return it."""
    charge = account.store.add(_new(account, intent, method) | {"captured": False})
    outcome = {
        "advice_code": "try_again_later",
        "network_status": "declined_by_network",
        "reason": card.decline,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }
    account.changed(charge, outcome={**charge["outcome"], **outcome})
    refuse(account, charge, card)
    return charge


def make_pending(account: Account, intent: Json, method: Json) -> Json:
    """Store a charge whose bank has not answered yet, and return it."""
    charge = account.store.add(_new(account, intent, method) | {"paid": False, "status": "pending"})
    emit(account, "charge.pending", charge)
    return charge


def arrive(account: Account, charge: Json) -> None:
    """Note that the bank of a pending charge has paid."""
    account.changed(charge, amount_captured=charge["amount"], paid=True, status="succeeded")
    emit(account, "charge.succeeded", charge)


def refuse(account: Account, charge: Json, reason: Card) -> None:
    """Note that the bank of a charge has refused it, in the words of `reason`."""
    failure = {"failure_code": reason.code, "failure_message": reason.message}
    account.changed(charge, paid=False, status="failed", **failure)
    emit(account, "charge.failed", charge)


def _new(account: Account, intent: Json, method: Json) -> Json:
    charge = shapes.blank(
        "charge",
        id=ids.new("ch" if method["type"] == "card" else "py"),
        amount=intent["amount"],
        billing_details=method["billing_details"],
        created=account.now(),
        payment_intent=intent["id"],
        payment_method=method["id"],
        **{name: intent[name] for name in _CARRIED},
    )
    kind = method["type"]
    if kind == "card":
        card = charge["payment_method_details"]["card"]
        card |= {"amount_authorized": charge["amount"], "last4": cards.last4(method)}
    else:
        charge["payment_method_details"] = {kind: shapes.blank(f"charge.{kind}"), "type": kind}
    return charge


def delay(account: Account) -> int:
    """Return how many seconds pass between a charge and its balance transaction."""
    return int(account.store.setting(DELAY_SETTING, 0))


def set_delay(account: Account, seconds: int) -> None:
    """Have later charges booked `seconds` after they were made; 0 books them at once."""
    account.store.set(DELAY_SETTING, seconds)


def settle_later(account: Account, charge: Json) -> None:
    """Book the charge now, or after the delay that is set.

    Stripe books it some time later too (https://docs.stripe.com/payments/payment-intents/asynchronous-capture).
    """
    if seconds := delay(account):
        account.later(account.now() + seconds, SETTLE, charge["id"])
    else:
        settle(account, charge["id"])


def settle(account: Account, identity: str) -> Json:
    """Put the charge on the balance, if it is not there yet, and return it."""
    charge = account.store.must(identity)
    if charge["balance_transaction"] or charge["status"] != "succeeded":
        return charge
    booked = balance_transactions.for_charge(account, charge)
    before = account.changed(charge, balance_transaction=booked["id"])
    emit(account, "charge.updated", charge, before)
    refunds.book_pending(account, charge)
    return charge


@included("charge", "refunds")
def _refunds(account: Account, charge: Json) -> Json:
    """Show "the 10 most recent refunds" (https://docs.stripe.com/api/refunds/list)."""
    found = account.store.find("refund", [Where("charge", "=", charge["id"])], limit=USUAL_LIMIT + 1)
    more = len(found) > USUAL_LIMIT
    return listed(f"/v1/charges/{charge['id']}/refunds", found[:USUAL_LIMIT], has_more=more)


def _retrieved(call: Call) -> Json:
    charge = call.account.store.get(call.id, "charge")
    if charge is None:
        raise no_such("charge", call.id)
    return charge


_FILTERS = ("customer", "payment_intent", "transfer_group")
_LIST = Request({**PAGING, **dict.fromkeys(_FILTERS, Text())})

ROUTES = [
    Route("GET", "/v1/charges", lambda call: page(call, "charge", _FILTERS), _LIST),
    Route("GET", "/v1/charges/<identity>", _retrieved),
]
