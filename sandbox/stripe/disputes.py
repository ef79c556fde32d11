"""Disputes: a giver's bank asks (an inquiry, where no money moves) or takes the money back (a dispute).

https://docs.stripe.com/disputes/how-disputes-work: the amount and a fee are debited when a dispute opens, and the
amount comes back when it is won. `balance_transactions` has 0 entries (an inquiry, or nothing withdrawn yet), 1
(withdrawn) or 2 (withdrawn and reinstated). The fee stays with Stripe whoever wins: countries differ in this.
"""

from collections.abc import Mapping

from sandbox.stripe import balance_transactions, currencies, fraud_warnings, ids, shapes
from sandbox.stripe.account import Account
from sandbox.stripe.api import Call, Route
from sandbox.stripe.buttons import Button
from sandbox.stripe.errors import ApiError, no_such
from sandbox.stripe.events import emit
from sandbox.stripe.lists import page
from sandbox.stripe.params import PAGING, Request, Text
from sandbox.stripe.store import Json, Where

DAYS_TO_ANSWER = 9
_DAY = 24 * 3600
_ASKED = ("warning_needs_response", "warning_under_review")
_FOUGHT = ("needs_response", "under_review")


def inquire(account: Account, charge: Json, reason: str = "fraudulent") -> Json:
    """Store an inquiry about `charge` and return it: nothing is withdrawn. Raises ApiError."""
    return _opened(account, charge, None, reason, inquiry=True)


def dispute(
    account: Account, charge: Json, amount: int | None = None, reason: str = "fraudulent", *, withdrawn: bool = True
) -> Json:
    """Store a dispute about `charge` and return it. Raises ApiError.

    `amount` (wire units) is what the bank asks back: all that is left unless given, and more than the charge where
    the exchange rate moved. Without `withdrawn` the money moves later, by `withdraw`.
    """
    made = _opened(account, charge, amount, reason, inquiry=False)
    return withdraw(account, made) if withdrawn else made


def _opened(account: Account, charge: Json, amount: int | None, reason: str, *, inquiry: bool) -> Json:
    _check_disputable(account, charge)
    made = shapes.blank(
        "dispute",
        id=ids.new("dp"),
        amount=charge["amount"] - charge["amount_refunded"] if amount is None else amount,
        charge=charge["id"],
        created=account.now(),
        currency=charge["currency"],
        is_charge_refundable=inquiry,
        payment_intent=charge["payment_intent"],
        reason=reason,
        status=_ASKED[0] if inquiry else _FOUGHT[0],
    )
    made["evidence_details"]["due_by"] = account.now() + DAYS_TO_ANSWER * _DAY
    made["payment_method_details"]["card"]["case_type"] = "inquiry" if inquiry else "chargeback"
    account.store.add(made)
    account.changed(charge, disputed=True)
    emit(account, "charge.dispute.created", made)
    fraud_warnings.settle(account, charge)
    return made


def _check_disputable(account: Account, charge: Json) -> None:
    if charge["status"] != "succeeded" or not charge["balance_transaction"]:
        raise ApiError(f"Charge {charge['id']} is not on the balance, so it cannot be disputed.")
    if charge["refunded"]:
        raise ApiError(f"Charge {charge['id']} has been refunded, so there is nothing left to dispute.")
    if any(made["status"] in _ASKED + _FOUGHT for made in of_charge(account, charge["id"])):
        raise ApiError(f"Charge {charge['id']} is disputed already.")


def of_charge(account: Account, charge: str) -> list[Json]:
    """Return the disputes of a charge, the newest first."""
    return account.store.find("dispute", [Where("charge", "=", charge)])


def escalate(account: Account, made: Json) -> Json:
    """Turn an inquiry into a dispute: now the money is withdrawn. Returns the dispute; raises ApiError."""
    _check_status(made, _ASKED)
    details = {"card": {**made["payment_method_details"]["card"], "case_type": "chargeback"}, "type": "card"}
    fields = {"is_charge_refundable": False, "payment_method_details": details, "status": _FOUGHT[0]}
    before = account.changed(made, **fields)
    emit(account, "charge.dispute.updated", made, before)
    return withdraw(account, made)


def withdraw(account: Account, made: Json) -> Json:
    """Take the amount and the fee from the balance, once. Returns the dispute; raises ApiError."""
    _check_status(made, _FOUGHT)
    if made["balance_transactions"]:
        raise ApiError(f"The money of {made['id']} has been withdrawn already.")
    movement = balance_transactions.for_dispute(account, made, currencies.dispute_fee(made["currency"]))
    before = account.changed(made, balance_transactions=[movement])
    emit(account, "charge.dispute.funds_withdrawn", made, before)
    return made


def answer(account: Account, made: Json) -> Json:
    """Note that evidence was sent and the bank looks at it. Returns the dispute; raises ApiError."""
    _check_status(made, (_ASKED[0], _FOUGHT[0]))
    details = {**made["evidence_details"], "has_evidence": True, "submission_count": 1}
    status = _ASKED[1] if made["status"] in _ASKED else _FOUGHT[1]
    before = account.changed(made, evidence_details=details, status=status)
    emit(account, "charge.dispute.updated", made, before)
    return made


def win(account: Account, made: Json) -> Json:
    """End a dispute for us: what was withdrawn comes back, without the fee. Returns the dispute; raises ApiError."""
    _check_status(made, _FOUGHT)
    if made["balance_transactions"]:
        movement = balance_transactions.for_dispute_won(account, made)
        before = account.changed(made, balance_transactions=[*made["balance_transactions"], movement])
        emit(account, "charge.dispute.funds_reinstated", made, before)
    return _closed(account, made, "won", refundable=True)


def lose(account: Account, made: Json) -> Json:
    """End a dispute against us: nothing comes back. Returns the dispute; raises ApiError."""
    _check_status(made, _FOUGHT)
    return _closed(account, made, "lost", refundable=False)


def close_inquiry(account: Account, made: Json) -> Json:
    """End an inquiry that never became a dispute. Returns it; raises ApiError."""
    _check_status(made, _ASKED)
    return _closed(account, made, "warning_closed", refundable=True)


def _closed(account: Account, made: Json, status: str, *, refundable: bool) -> Json:
    before = account.changed(made, is_charge_refundable=refundable, status=status)
    emit(account, "charge.dispute.closed", made, before)
    return made


def _check_status(made: Json, allowed: tuple[str, ...]) -> None:
    if made["status"] not in allowed:
        raise ApiError(f"Dispute {made['id']} is {made['status']}; this can only be done to {' or '.join(allowed)}.")


def _retrieved(call: Call) -> Json:
    found = call.account.store.get(call.id, "dispute")
    if found is None:
        raise no_such("dispute", call.id)
    return found


def _dispute_pressed(account: Account, charge: Json, fields: Mapping[str, str]) -> None:
    if fields.get("how") == "inquiry":
        inquire(account, charge)
    else:
        dispute(account, charge, withdrawn=fields.get("how") != "later")


_FILTERS = ("charge", "payment_intent")
_LIST = Request({**PAGING, **dict.fromkeys(_FILTERS, Text())})

BUTTONS = {
    "dispute": Button("charge", _dispute_pressed, "disputes"),
    "withdraw": Button("dispute", lambda account, made, _: withdraw(account, made), "disputes"),
    "escalate": Button("dispute", lambda account, made, _: escalate(account, made), "disputes"),
    "answer": Button("dispute", lambda account, made, _: answer(account, made), "disputes"),
    "win": Button("dispute", lambda account, made, _: win(account, made), "disputes"),
    "lose": Button("dispute", lambda account, made, _: lose(account, made), "disputes"),
    "close-inquiry": Button("dispute", lambda account, made, _: close_inquiry(account, made), "disputes"),
}
ROUTES = [
    Route("GET", "/v1/disputes", lambda call: page(call, "dispute", _FILTERS), _LIST),
    Route("GET", "/v1/disputes/<identity>", _retrieved),
]
