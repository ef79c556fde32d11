"""Early fraud warnings: the card's bank thinks a charge fraudulent, and no money has moved yet.

"actionable" until the charge is disputed or wholly refunded (https://docs.stripe.com/api/radar/early_fraud_warnings).
"""

from sandbox.stripe import ids, shapes
from sandbox.stripe.account import Account
from sandbox.stripe.api import Call, Route
from sandbox.stripe.buttons import Button
from sandbox.stripe.errors import ApiError, no_such
from sandbox.stripe.events import emit
from sandbox.stripe.lists import page
from sandbox.stripe.params import PAGING, Request, Text
from sandbox.stripe.store import Json, Where

KIND = "radar.early_fraud_warning"


def warn(account: Account, charge: Json, fraud_type: str = "made_with_stolen_card") -> Json:
    """Store a warning about `charge` and return it. Raises ApiError for a charge that did not succeed."""
    if charge["status"] != "succeeded":
        raise ApiError(f"Charge {charge['id']} did not succeed, so nobody can call it fraudulent.")
    warning = shapes.blank(
        KIND,
        id=ids.new("issfr"),
        actionable=not charge["disputed"] and not charge["refunded"],
        charge=charge["id"],
        created=account.now(),
        fraud_type=fraud_type,
        payment_intent=charge["payment_intent"],
    )
    account.store.add(warning)
    emit(account, f"{KIND}.created", warning)
    return warning


def settle(account: Account, charge: Json) -> None:
    """Note that there is nothing more to do about the warnings of a charge that was disputed or wholly refunded."""
    for warning in account.store.find(KIND, [Where("charge", "=", charge["id"]), Where("actionable", "=", True)]):
        before = account.changed(warning, actionable=False)
        emit(account, f"{KIND}.updated", warning, before)


def _retrieved(call: Call) -> Json:
    warning = call.account.store.get(call.id, KIND)
    if warning is None:
        raise no_such("early fraud warning", call.id)
    return warning


_FILTERS = ("charge", "payment_intent")
_LIST = Request({**PAGING, **dict.fromkeys(_FILTERS, Text())})

BUTTONS = {"warn-of-fraud": Button("charge", lambda account, charge, _: warn(account, charge), "charges")}
ROUTES = [
    Route("GET", "/v1/radar/early_fraud_warnings", lambda call: page(call, KIND, _FILTERS), _LIST),
    Route("GET", "/v1/radar/early_fraud_warnings/<identity>", _retrieved),
]
