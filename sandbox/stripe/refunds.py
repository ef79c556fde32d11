"""Refunds: all or part of a charge goes back; the fee does not."""

from sandbox.stripe import balance_transactions, cards, currencies, fraud_warnings, ids, shapes
from sandbox.stripe.account import Account
from sandbox.stripe.api import Call, Route
from sandbox.stripe.buttons import Button
from sandbox.stripe.errors import ApiError, exclusive, no_such
from sandbox.stripe.events import emit
from sandbox.stripe.lists import page
from sandbox.stripe.params import PAGING, Choice, Metadata, NotHere, Request, Text, Whole
from sandbox.stripe.store import Json, Where

FAIL, FINISH = "fail_refund", "finish_refund"
HOLD_SETTING = "refunds_wait_because"
HOLDS = ("processing", "insufficient_funds")
_UNBOOKED = ("charge_pending", "insufficient_funds")
_ENDED = ("pending_reason", "status")
_CARD_WAITS = 60  # seconds of the account's time


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
    if charge["payment_method_details"]["type"] != "card":
        del refund["destination_details"]
    account.store.add(refund)
    waits = _pending_reason(account, charge)
    if waits not in _UNBOOKED:
        refund["balance_transaction"] = balance_transactions.for_refund(account, refund, charge)["id"]
    if waits:
        refund |= {"status": "pending", "pending_reason": waits}
    account.store.save(refund)
    _let_the_card_act(account, charge, refund)
    emit(account, "refund.created", refund)
    refunded = charge["amount_refunded"] + amount
    before = account.changed(charge, amount_refunded=refunded, refunded=refunded == charge["amount"])
    emit(account, "charge.refunded", charge, before)
    if charge["refunded"]:
        fraud_warnings.settle(account, charge)
    return refund


def hold(account: Account, reason: str | None) -> None:
    """Have later refunds wait: "processing" or "insufficient_funds" until finished or failed; None lets them pass."""
    account.store.set(HOLD_SETTING, reason)


def held(account: Account) -> str | None:
    """Return why later refunds wait, or None."""
    reason: str | None = account.store.setting(HOLD_SETTING, None)
    return reason


def _pending_reason(account: Account, charge: Json) -> str | None:
    if not charge["balance_transaction"]:
        return "charge_pending"
    return "processing" if cards.last4(charge) == cards.REFUNDS_LATE else held(account)


def _let_the_card_act(account: Account, charge: Json, refund: Json) -> None:
    acts = {cards.REFUNDS_LATE: FINISH, cards.REFUNDS_FAIL: FAIL}
    if action := acts.get(cards.last4(charge)):
        account.later(account.now() + _CARD_WAITS, action, refund["id"])


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
    waiting = [Where("charge", "=", charge["id"]), Where("pending_reason", "=", "charge_pending")]
    for refund in account.store.find("refund", waiting, oldest_first=True):
        finish(account, refund)


def finish(account: Account, refund: Json) -> Json:
    """Let a pending refund succeed, and book it if it is not on the balance. Returns it; raises ApiError."""
    if refund["status"] != "pending":
        raise ApiError(f"Refund {refund['id']} is {refund['status']}, not pending.")
    charge = account.store.must(refund["charge"])
    if not charge["balance_transaction"]:
        raise ApiError(f"Charge {charge['id']} is not on the balance yet, so nothing can leave it.")
    names = ("balance_transaction", "pending_reason", "status") if not refund["balance_transaction"] else _ENDED
    before = {name: refund[name] for name in names}
    del refund["pending_reason"]
    booked = refund["balance_transaction"] or balance_transactions.for_refund(account, refund, charge)["id"]
    account.changed(refund, balance_transaction=booked, status="succeeded")
    _tell(account, refund, before)
    return refund


def fail(account: Account, refund: Json, reason: str = "lost_or_stolen_card") -> Json:
    """Let a refund fail: what was booked comes back, and the charge counts as not refunded. Returns it.

    Raises ApiError for a refund that has failed, and for one that waits for its charge.
    """
    if refund["status"] not in ("pending", "succeeded") or refund.get("pending_reason") == "charge_pending":
        raise ApiError(f"Refund {refund['id']} is {refund['status']} and cannot fail now.")
    waited = refund.pop("pending_reason", None)
    refund |= {"failure_reason": None, "failure_balance_transaction": None}
    back = balance_transactions.for_failed_refund(account, refund)["id"] if refund["balance_transaction"] else None
    before = account.changed(refund, failure_balance_transaction=back, failure_reason=reason, status="failed")
    if back is None:
        del refund["failure_balance_transaction"]
        account.store.save(refund)
    charge = account.store.must(refund["charge"])
    account.changed(charge, amount_refunded=charge["amount_refunded"] - refund["amount"], refunded=False)
    _tell(account, refund, before | ({"pending_reason": waited} if waited else {}))
    emit(account, "refund.failed", refund)
    return refund


def _tell(account: Account, refund: Json, before: Json) -> None:
    emit(account, "refund.updated", refund, before)
    emit(account, "charge.refund.updated", refund, before)


def fail_when_due(account: Account, identity: str) -> None:
    """Do what a test card does whose refunds fail."""
    refund = account.store.must(identity)
    if refund["status"] != "failed" and refund.get("pending_reason") != "charge_pending":
        fail(account, refund)


def finish_when_due(account: Account, identity: str) -> None:
    """Do what a test card does whose refunds take a while."""
    refund = account.store.must(identity)
    if refund["status"] == "pending" and refund["pending_reason"] != "charge_pending":
        finish(account, refund)


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

BUTTONS = {
    "finish-refund": Button("refund", lambda account, refund, _: finish(account, refund), "refunds"),
    "fail-refund": Button("refund", lambda account, refund, _: fail(account, refund), "refunds"),
}
ROUTES = [
    Route("POST", "/v1/refunds", _created, _CREATE),
    Route("GET", "/v1/refunds", lambda call: page(call, "refund", _FILTERS), _LIST),
    Route("GET", "/v1/refunds/<identity>", _retrieved),
]
