"""Checkout Sessions: create, get, list, expire, and their line items."""

from typing import Any

from sandbox.stripe import ids, line_items, payment_intents, shapes
from sandbox.stripe.account import Account
from sandbox.stripe.api import Call, Route
from sandbox.stripe.errors import ApiError, no_such
from sandbox.stripe.events import emit
from sandbox.stripe.expand import HIDDEN, included
from sandbox.stripe.lists import listed, page
from sandbox.stripe.params import PAGING, Choice, Email, Request, Shape, Text
from sandbox.stripe.session_rules import CREATE, LONGEST_SECONDS, check
from sandbox.stripe.store import Json, Where

EXPIRE = "expire_session"


def _created(call: Call) -> Json:
    account, params = call.account, call.params
    check(account, params)
    identity = ids.new("cs_test")
    items = [line_items.make(account, sent) for sent in params["line_items"]]
    total = sum(item["amount_total"] for item in items)
    now = account.now()
    session = shapes.blank(
        "checkout.session",
        id=identity,
        amount_subtotal=total,
        amount_total=total,
        created=now,
        currency=items[0]["currency"],
        expires_at=params.get("expires_at", now + LONGEST_SECONDS),
        url=f"{account.base_url}/pay/{identity}",
        **_echoed(params),
    )
    session[HIDDEN] = {"items": items, **{name: params.get(name, {}) for name in _KEPT}}
    account.later(session["expires_at"], EXPIRE, identity)
    return account.store.add(session)


_KEPT = ("payment_intent_data", "subscription_data")
_ECHOED = (
    "adaptive_pricing", "cancel_url", "client_reference_id", "customer", "customer_email", "locale", "metadata",
    "mode", "submit_type", "success_url",
)  # fmt: skip


def _echoed(params: Json) -> dict[str, Any]:
    """Return the fields that a session simply keeps from its request."""
    kept = {name: params[name] for name in _ECHOED if name in params}
    if "customer_email" in params:
        kept["customer_details"] = customer_details(params["customer_email"])
    if "custom_text" in params:
        kept["custom_text"] = shapes.blank("checkout.session")["custom_text"] | params["custom_text"]
    return kept


def customer_details(email: str) -> Json:
    """Return what a session knows about the person who pays."""
    return shapes.blank("customer_details", email=email)


def _retrieved(call: Call) -> Json:
    return _found(call)


def _found(call: Call) -> Json:
    session = call.account.store.get(call.id, "checkout.session")
    if session is None:
        raise no_such("checkout.session", call.id, "session")
    return session


def _listed(call: Call) -> Json:
    details = call.params.pop("customer_details", {})
    if "email" in details:
        call.params["customer_details.email"] = details["email"]
    return page(call, "checkout.session", _FILTERS)


def _expired(call: Call) -> Json:
    session = _found(call)
    if session["status"] != "open":
        text = (
            "Only Checkout Sessions with a status in ['open'] can be expired. "
            f"This Checkout Session has a status of {session['status']}."
        )
        raise ApiError(text, saved=True)
    return expire(call.account, session)


def expire(account: Account, session: Json) -> Json:
    """Close an open session, and with it the payment that was tried in it. Returns the session."""
    account.changed(session, status="expired", url=None)
    emit(account, "checkout.session.expired", session)
    if session["payment_intent"]:
        payment_intents.cancel(account, account.store.must(session["payment_intent"]))
    return session


def expire_when_due(account: Account, identity: str) -> None:
    """Close the session if it is still open: its time is over."""
    session = account.store.must(identity)
    if session["status"] == "open":
        expire(account, session)


def complete(account: Account, session: Json, email: str, payment_status: str = "paid") -> None:
    """Close a session that has been paid by `email`, or whose bank will answer later ("unpaid")."""
    fields = {"status": "complete", "payment_status": payment_status, "url": None}
    account.changed(session, customer_details=customer_details(email), **fields)
    emit(account, "checkout.session.completed", session)


def finish(account: Account, session: Json, *, paid: bool) -> None:
    """Note how the bank has answered at last; a session that was never paid stays complete and unpaid."""
    if paid:
        account.changed(session, payment_status="paid")
    emit(account, f"checkout.session.async_payment_{'succeeded' if paid else 'failed'}", session)


def of_intent(account: Account, intent: str) -> Json:
    """Return the session that `intent` pays. Raises LookupError where there is none."""
    found = account.store.find("checkout.session", [Where("payment_intent", "=", intent)], limit=1)
    if not found:
        raise LookupError(intent)
    return found[0]


@included("checkout.session", "line_items")
def _line_items(_account: Account, session: Json) -> Json:
    return listed(f"/v1/checkout/sessions/{session['id']}/line_items", session[HIDDEN]["items"])


def _listed_line_items(call: Call) -> Json:
    return _line_items(call.account, _found(call))


_FILTERS = ("customer", "payment_intent", "payment_link", "status", "subscription", "customer_details.email")
_LIST = Request(
    {
        **PAGING,
        **dict.fromkeys(("customer", "payment_intent", "payment_link", "subscription"), Text()),
        "status": Choice(("complete", "expired", "open")),
        "customer_details": Shape({"email": Email()}, ["email"]),
    }
)

ROUTES = [
    Route("POST", "/v1/checkout/sessions", _created, CREATE),
    Route("GET", "/v1/checkout/sessions", _listed, _LIST),
    Route("GET", "/v1/checkout/sessions/<identity>", _retrieved),
    Route("POST", "/v1/checkout/sessions/<identity>/expire", _expired),
    Route("GET", "/v1/checkout/sessions/<identity>/line_items", _listed_line_items),
]
