"""Subscriptions: their state, and what the API may change of it. `renewals` moves them through time.

Not like Stripe: nothing is prorated, so a change of items must say `proration_behavior=none`; there are no trials.
"""

from sandbox.stripe import ids, shapes
from sandbox.stripe.account import Account
from sandbox.stripe.api import Call, Route
from sandbox.stripe.errors import ApiError, no_such
from sandbox.stripe.events import emit
from sandbox.stripe.expand import HIDDEN
from sandbox.stripe.line_items import price_of
from sandbox.stripe.lists import listed, page
from sandbox.stripe.params import (
    PAGING,
    Choice,
    Each,
    Flag,
    Metadata,
    NotHere,
    OrNothing,
    Request,
    Shape,
    Text,
    Whole,
)
from sandbox.stripe.periods import start
from sandbox.stripe.store import Json

ALIVE = ("active", "past_due")
RENEW = "renew_subscription"


def make(account: Account, customer: str, method: str, sold: list[Json], data: Json) -> Json:
    """Store an active subscription for the recurring ones of a session's line items, and return it."""
    identity, now = ids.new("sub"), account.now()
    recurring = sold[0]["price"]["recurring"]
    end = start(now, recurring, 1)
    items = [_item(identity, entry["price"], entry["quantity"], (now, end)) for entry in sold]
    subscription = shapes.blank(
        "subscription",
        id=identity,
        billing_cycle_anchor=now,
        created=now,
        currency=sold[0]["currency"],
        customer=customer,
        default_payment_method=method,
        items=listed(f"/v1/subscription_items?subscription={identity}", items),
        start_date=now,
        **data,
    )
    subscription[HIDDEN] = {"period": 0}
    account.store.add(subscription)
    account.later(end, RENEW, identity)
    emit(account, "customer.subscription.created", subscription)
    return subscription


def _item(subscription: str, price: Json, quantity: int, period: tuple[int, int]) -> Json:
    return shapes.blank(
        "subscription_item",
        id=ids.new("si"),
        created=period[0],
        current_period_end=period[1],
        current_period_start=period[0],
        plan=_plan(price),
        price=price,
        quantity=quantity,
        subscription=subscription,
    )


def _plan(price: Json) -> Json:
    """Return the older name of a price, which items still carry."""
    recurring = price["recurring"]
    return shapes.blank(
        "plan",
        id=price["id"],
        amount=price["unit_amount"],
        amount_decimal=price["unit_amount_decimal"],
        created=price["created"],
        currency=price["currency"],
        interval=recurring["interval"],
        interval_count=recurring["interval_count"],
        product=price["product"],
    )


def change(account: Account, subscription: Json, **fields: object) -> None:
    """Store new values of some fields and tell of it, where anything has changed."""
    if before := account.changed(subscription, **fields):
        emit(account, "customer.subscription.updated", subscription, before)


def end(account: Account, subscription: Json, reason: str) -> Json:
    """Cancel a subscription now. `reason`: cancellation_requested or payment_failed. Returns it; raises ApiError."""
    if subscription["status"] == "canceled":
        raise no_such("subscription", subscription["id"])
    now = account.now()
    details = {"comment": None, "feedback": None, "reason": reason}
    fields = {"cancellation_details": details, "ended_at": now, "status": "canceled"}
    account.changed(subscription, canceled_at=subscription["canceled_at"] or now, **fields)
    emit(account, "customer.subscription.deleted", subscription)
    return subscription


def cancel_at_period_end(account: Account, subscription: Json, wanted: bool) -> None:
    """Let the subscription end with its period, or take that back."""
    end_at = subscription["items"]["data"][0]["current_period_end"]
    details = {"comment": None, "feedback": None, "reason": "cancellation_requested" if wanted else None}
    fields = {"cancel_at": end_at if wanted else None, "canceled_at": account.now() if wanted else None}
    change(account, subscription, cancel_at_period_end=wanted, cancellation_details=details, **fields)


def _updated(call: Call) -> Json:
    account, params, subscription = call.account, call.params, _retrieved(call)
    if subscription["status"] == "canceled":
        raise ApiError("A canceled subscription can only update its cancellation_details and metadata.")
    fields: Json = {name: params[name] for name in ("description", "metadata") if name in params}
    if "metadata" in fields:
        together = {**subscription["metadata"], **fields["metadata"]}
        fields["metadata"] = {key: value for key, value in together.items() if value}
    if "pause_collection" in params:
        pause = params["pause_collection"]
        fields["pause_collection"] = pause and {"resumes_at": None, **pause}
    if "default_payment_method" in params:
        fields["default_payment_method"] = _method(account, subscription, params["default_payment_method"])
    if "items" in params:
        fields["items"] = _changed_items(account, subscription, params)
    change(account, subscription, **fields)
    if "cancel_at_period_end" in params:
        cancel_at_period_end(account, subscription, params["cancel_at_period_end"])
    return subscription


def _method(account: Account, subscription: Json, identity: str) -> str:
    found = account.store.get(identity, "payment_method")
    if found is None or found["customer"] != subscription["customer"]:
        raise no_such("PaymentMethod", identity, "default_payment_method", status=400)
    return identity


def _changed_items(account: Account, subscription: Json, params: Json) -> Json:
    if params.get("proration_behavior") != "none":
        raise ApiError("This stand-in prorates nothing: send proration_behavior=none.", param="proration_behavior")
    items: Json = subscription["items"]
    asked = {entry["id"]: entry for entry in params["items"]}
    if unknown := asked.keys() - {item["id"] for item in items["data"]}:
        raise no_such("subscription item", min(unknown), "items", status=400)
    return {**items, "data": [_changed_item(account, item, asked.get(item["id"], {})) for item in items["data"]]}


def _changed_item(account: Account, item: Json, asked: Json) -> Json:
    changed = {**item, "quantity": asked.get("quantity", item["quantity"])}
    if data := asked.get("price_data"):
        if data["recurring"].get("interval") != item["price"]["recurring"]["interval"]:
            raise ApiError("This stand-in keeps the interval of a subscription.", param="items")
        price = account.store.add(price_of(account.now(), data, data["product"]))
        changed |= {"price": price, "plan": _plan(price)}
    return changed


def _retrieved(call: Call) -> Json:
    subscription = call.account.store.get(call.id, "subscription")
    if subscription is None:
        raise no_such("subscription", call.id)
    return subscription


def _listed(call: Call) -> Json:
    status = call.params.get("status")
    if status == "all":
        del call.params["status"]
    everything = page(call, "subscription", ("customer", "status"))
    if status is None:
        everything["data"] = [found for found in everything["data"] if found["status"] != "canceled"]
    return everything


def _canceled(call: Call) -> Json:
    return end(call.account, _retrieved(call), "cancellation_requested")


_RECURRING = Shape({"interval": Choice(("day", "week", "month", "year")), "interval_count": Whole(1)}, ["interval"])
_PRICE = Shape(
    {"currency": Text(3), "product": Text(), "recurring": _RECURRING, "unit_amount": Whole(0)},
    ["currency", "product", "recurring", "unit_amount"],
)
_ITEM = Shape({"id": Text(), "price_data": _PRICE, "quantity": Whole(1), "price": NotHere()}, ["id"])
_PAUSE = Shape(
    {"behavior": Choice(("keep_as_draft", "mark_uncollectible", "void")), "resumes_at": Whole()}, ["behavior"]
)
_UPDATE = Request(
    {
        "cancel_at_period_end": Flag(),
        "default_payment_method": Text(),
        "description": Text(500),
        "items": Each(_ITEM, 20),
        "metadata": Metadata(unsets=True),
        "pause_collection": OrNothing(_PAUSE),
        "proration_behavior": Choice(("always_invoice", "create_prorations", "none")),
        **{name: NotHere() for name in ("cancel_at", "coupon", "discounts", "trial_end", "billing_cycle_anchor")},
    }
)
_STATUSES = ("active", "all", "canceled", "past_due")
_LIST = Request({**PAGING, "customer": Text(), "status": Choice(_STATUSES)})

ROUTES = [
    Route("GET", "/v1/subscriptions", _listed, _LIST),
    Route("GET", "/v1/subscriptions/<identity>", _retrieved),
    Route("POST", "/v1/subscriptions/<identity>", _updated, _UPDATE),
    Route("DELETE", "/v1/subscriptions/<identity>", _canceled),
]
