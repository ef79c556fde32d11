"""PaymentIntents, as Checkout makes them: one for a session, from the first attempt to pay."""

from sandbox.stripe import ids, shapes
from sandbox.stripe.account import Account
from sandbox.stripe.api import Call, Route
from sandbox.stripe.errors import no_such
from sandbox.stripe.events import emit
from sandbox.stripe.expand import HIDDEN
from sandbox.stripe.lists import page
from sandbox.stripe.params import PAGING, Request, Text
from sandbox.stripe.store import Json


def for_session(account: Account, session: Json) -> Json:
    """Return the session's PaymentIntent; the first attempt makes it."""
    if session["payment_intent"]:
        return account.store.must(session["payment_intent"])
    data = session[HIDDEN]["payment_intent_data"]
    intent = make(account, session["amount_total"], session["currency"], **data)
    account.changed(session, payment_intent=intent["id"])
    return intent


def make(account: Account, amount: int, currency: str, **fields: object) -> Json:
    """Store an intent over `amount` (wire units) and return it."""
    identity = ids.new("pi")
    intent = shapes.blank(
        "payment_intent",
        id=identity,
        amount=amount,
        client_secret=f"{identity}_secret_{ids.secret(25)}",
        created=account.now(),
        currency=currency,
        **fields,
    )
    account.store.add(intent)
    emit(account, "payment_intent.created", intent)
    return intent


def succeed(account: Account, intent: Json, charge: Json) -> None:
    """Book `charge` as the one that paid the intent."""
    account.changed(
        intent,
        amount_received=charge["amount"],
        last_payment_error=None,
        latest_charge=charge["id"],
        payment_method=charge["payment_method"],
        status="succeeded",
    )
    emit(account, "payment_intent.succeeded", intent)


def process(account: Account, intent: Json, charge: Json) -> None:
    """Note that the bank behind `charge` will answer later."""
    fields = {"latest_charge": charge["id"], "payment_method": charge["payment_method"], "status": "processing"}
    account.changed(intent, last_payment_error=None, **fields)
    emit(account, "payment_intent.processing", intent)


def fail(account: Account, intent: Json, charge: Json, method: Json) -> None:
    """Note that `charge` was declined; the intent waits for another means of payment."""
    error = {
        "charge": charge["id"],
        "code": charge["failure_code"],
        "doc_url": f"https://docs.stripe.com/error-codes#{charge['failure_code'].replace('_', '-')}",
        "message": charge["failure_message"],
        "payment_method": method,
        "type": "card_error" if method["type"] == "card" else "invalid_request_error",
    }
    if method["type"] == "card":
        error |= {"advice_code": "try_again_later", "decline_code": charge["outcome"]["reason"]}
    fields = {"latest_charge": charge["id"], "payment_method": None, "status": "requires_payment_method"}
    account.changed(intent, last_payment_error=error, **fields)
    emit(account, "payment_intent.payment_failed", intent)


def cancel(account: Account, intent: Json) -> None:
    """End an intent that was never paid, because its session has expired."""
    if intent["status"] != "requires_payment_method":
        return
    account.changed(intent, canceled_at=account.now(), cancellation_reason="expired", status="canceled")
    emit(account, "payment_intent.canceled", intent)


def _retrieved(call: Call) -> Json:
    intent = call.account.store.get(call.id, "payment_intent")
    if intent is None:
        raise no_such("payment_intent", call.id, "intent")
    return intent


_LIST = Request({**PAGING, "customer": Text()})

ROUTES = [
    Route("GET", "/v1/payment_intents", lambda call: page(call, "payment_intent", ("customer",)), _LIST),
    Route("GET", "/v1/payment_intents/<identity>", _retrieved),
]
