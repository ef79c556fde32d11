"""The billing portal: a page where a giver changes the card or ends the subscription, without a password.

https://docs.stripe.com/customer-management: the address is asked for by the site and works for a short time.
"""

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.stripe import cards, currencies, ids, renewals, shapes, subscriptions
from sandbox.stripe.account import Account
from sandbox.stripe.api import Call, Route
from sandbox.stripe.errors import missing, no_such
from sandbox.stripe.params import Address, NotHere, Request, Text
from sandbox.stripe.store import Json, Where

KIND = "billing_portal.session"
WORKS_SECONDS = 24 * 3600

Page = str | tuple[str, int] | Response


def _created(call: Call) -> Json:
    if "customer" not in call.params:
        raise missing("customer")
    customer = call.params["customer"]
    if call.account.store.get(customer, "customer") is None:
        raise no_such("customer", customer, "customer", status=400)
    identity = ids.new("bps")
    made = shapes.blank(
        KIND,
        id=identity,
        configuration="bpc_sandbox",
        created=call.account.now(),
        customer=customer,
        return_url=call.params.get("return_url"),
        url=f"{call.account.base_url}/portal/{identity}",
    )
    return call.account.store.add(made)


def pages(account: Account) -> Blueprint:
    """Return the portal's addresses."""
    blueprint = Blueprint("portal", __name__, template_folder="templates")

    @blueprint.get("/portal/<identity>")
    def show(identity: str) -> Page:
        with account.store.transaction():
            account.catch_up()
            return _page(account, _open(account, identity))

    @blueprint.post("/portal/<identity>/<subscription>")
    def change(identity: str, subscription: str) -> Page:
        with account.store.transaction():
            account.catch_up()
            portal = _open(account, identity)
            _change(account, _owned(account, portal, subscription))
            return redirect(f"/portal/{identity}", 303)

    return blueprint


def _open(account: Account, identity: str) -> Json:
    portal = account.store.get(identity, KIND)
    if portal is None or portal["created"] + WORKS_SECONDS < account.now():
        abort(404)
    return portal


def _owned(account: Account, portal: Json, identity: str) -> Json:
    found = account.store.get(identity, "subscription")
    if found is None or found["customer"] != portal["customer"] or found["status"] == "canceled":
        abort(404)
    return found


def _change(account: Account, subscription: Json) -> None:
    wanted = request.form.get("do")
    if wanted == "card":
        renewals.new_card(account, subscription, cards.CARDS.get(request.form.get("card", ""), cards.GOOD))
    else:
        subscriptions.cancel_at_period_end(account, subscription, wanted == "cancel")


def _page(account: Account, portal: Json) -> str:
    found = account.store.find("subscription", [Where("customer", "=", portal["customer"])])
    return render_template(
        "portal.html",
        portal=portal,
        subscriptions=[_shown(account, subscription) for subscription in found],
        cards=cards.CARDS.values(),
    )


def _shown(account: Account, subscription: Json) -> Json:
    method = account.store.must(subscription["default_payment_method"])
    total = sum(item["price"]["unit_amount"] * item["quantity"] for item in subscription["items"]["data"])
    first = subscription["items"]["data"][0]
    return subscription | {
        "total": currencies.written(total, subscription["currency"]),
        "every": first["price"]["recurring"]["interval"],
        "until": currencies.day(first["current_period_end"]),
        "last4": cards.last4(method),
    }


_CREATE = Request(
    {
        "customer": Text(),
        "return_url": Address(),
        **{name: NotHere() for name in ("configuration", "customer_account", "flow_data", "locale", "on_behalf_of")},
    }
)

ROUTES = [Route("POST", "/v1/billing_portal/sessions", _created, _CREATE)]
