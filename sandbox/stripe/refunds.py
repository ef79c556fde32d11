"""Refunds: all or part of a charge goes back; the fee does not."""

from sandbox.stripe import balance_transactions, currencies, fraud_warnings, ids, shapes
from sandbox.stripe.account import Account
from sandbox.stripe.api import Call, Route
from sandbox.stripe.errors import ApiError, exclusive, no_such
from sandbox.stripe.events import emit
from sandbox.stripe.lists import page
from sandbox.stripe.params import PAGING, Choice, Metadata, NotHere, Request, Text, Whole
from sandbox.stripe.store import Json, Where


def make(
    account: Account, charge: Json, amount: int | None = None, reason: str | None = None, metadata: Json | None = None
) -> Json:
    """Refund `amount` (wire units; None: all that is left) of `charge` and return the refund. Raises ApiError.

    A charge that is not on the balance yet gives a pending refund, which is booked together with the charge.
    """
    amount = _checked_amount(charge, amount)
    _check_undisputed(account, charge)
    refund = shapes.blank(
        "refund",
        id=ids.new("re"),
        amount=amount,
        charge=charge["id"],
        created=account.now(),
        currency=charge["currency"],
        metadata=metadata or {},
        payment_intent=charge["payment_intent"],
        payment_method=charge["payment_method"],
        reason=reason,
    )
    account.store.add(refund)
    if charge["balance_transaction"]:
        refund["balance_transaction"] = balance_transactions.for_refund(account, refund, charge)["id"]
    else:
        refund |= {"status": "pending", "pending_reason": "charge_pending"}
    account.store.save(refund)
    emit(account, "refund.created", refund)
    refunded = charge["amount_refunded"] + amount
    before = account.changed(charge, amount_refunded=refunded, refunded=refunded == charge["amount"])
    emit(account, "charge.refunded", charge, before)
    if charge["refunded"]:
        fraud_warnings.settle(account, charge)
    return refund


def _checked_amount(charge: Json, amount: int | None) -> int:
    left = charge["amount"] - charge["amount_refunded"]
    if charge["status"] != "succeeded":
        raise ApiError(
            f"Charge {charge['id']} did not succeed, so there is nothing to refund.", param="charge", saved=True
        )
    if not left:
        text = f"Charge {charge['id']} has already been refunded."
        raise ApiError(text, code="charge_already_refunded", saved=True)
    asked = left if amount is None else amount
    currencies.check_whole(asked, charge["currency"], "amount")
    if asked > left:
        wanted, there = (currencies.written(value, charge["currency"]) for value in (asked, left))
        text = f"Refund amount ({wanted}) is greater than unrefunded amount on charge ({there})"
        raise ApiError(text, param="amount", saved=True)
    return asked


def _check_undisputed(account: Account, charge: Json) -> None:
    """Raise ApiError where the bank has taken the money back; an inquiry can be answered with a refund."""
    standing = [Where("charge", "=", charge["id"]), Where("is_charge_refundable", "=", False)]
    if charge["disputed"] and account.store.find("dispute", standing, limit=1):
        text = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise ApiError(text, code="charge_disputed", saved=True)


def book_pending(account: Account, charge: Json) -> None:
    """Book the refunds that were waiting for `charge` to reach the balance."""
    waiting = [Where("charge", "=", charge["id"]), Where("status", "=", "pending")]
    for refund in account.store.find("refund", waiting, oldest_first=True):
        before = {name: refund[name] for name in ("balance_transaction", "pending_reason", "status")}
        del refund["pending_reason"]
        booked = balance_transactions.for_refund(account, refund, charge)
        account.changed(refund, balance_transaction=booked["id"], status="succeeded")
        emit(account, "refund.updated", refund, before)
        emit(account, "charge.refund.updated", refund, before)


def _created(call: Call) -> Json:
    params = call.params
    fields = (params.get(name) for name in ("amount", "reason", "metadata"))
    return make(call.account, _charge_to_refund(call), *fields)


def _charge_to_refund(call: Call) -> Json:
    named = [name for name in ("charge", "payment_intent") if name in call.params]
    if not named:
        text = "One of the following params should be provided for this request: payment_intent or charge."
        raise ApiError(text, code="parameter_missing")
    if len(named) == 2:
        raise exclusive(*named)
    kind = named[0]
    found = call.account.store.get(call.params[kind], kind)
    if found is None:
        raise no_such(kind, call.params[kind], kind)
    return found if kind == "charge" else _charge_of(call.account, found)


def _charge_of(account: Account, intent: Json) -> Json:
    if intent["status"] != "succeeded":
        text = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        raise ApiError(text, param="payment_intent", saved=True)
    return account.store.must(intent["latest_charge"])


def _retrieved(call: Call) -> Json:
    refund = call.account.store.get(call.id, "refund")
    if refund is None:
        raise no_such("refund", call.id)
    return refund


_CREATE = Request(
    {
        "amount": Whole(1),
        "charge": Text(),
        "metadata": Metadata(),
        "payment_intent": Text(),
        "reason": Choice(("duplicate", "fraudulent", "requested_by_customer")),
        **{name: NotHere() for name in ("currency", "customer", "instructions_email", "origin")},
        **{name: NotHere() for name in ("refund_application_fee", "reverse_transfer")},
    }
)
_FILTERS = ("charge", "payment_intent")
_LIST = Request({**PAGING, **dict.fromkeys(_FILTERS, Text())})

ROUTES = [
    Route("POST", "/v1/refunds", _created, _CREATE),
    Route("GET", "/v1/refunds", lambda call: page(call, "refund", _FILTERS), _LIST),
    Route("GET", "/v1/refunds/<identity>", _retrieved),
]
