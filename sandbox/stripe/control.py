"""The page at `/`: what has happened on the account, and buttons for what Stripe's dashboard would do."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, abort, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.stripe import balance, charges, currencies, events, fraud_warnings, payouts, queue, refunds, scheduling
from sandbox.stripe.account import Account
from sandbox.stripe.buttons import Button
from sandbox.stripe.control_switches import SWITCHES, Switch
from sandbox.stripe.errors import ApiError
from sandbox.stripe.queue import Delivery
from sandbox.stripe.store import Json

SHOWN = 50
LONGEST_DELAY = 30 * 24 * 3600

Page = str | tuple[str, int] | Response


def pages(account: Account, buttons: Mapping[str, Button]) -> Blueprint:
    """Return the control page and what its buttons do; `buttons` by the word that ends their address."""
    blueprint = Blueprint("control", __name__, template_folder="templates")

    @blueprint.get("/")
    def show() -> Page:
        with account.store.transaction():
            account.catch_up()
            return _page(account)

    @blueprint.post("/control/settlement")
    def settlement() -> Page:
        with account.store.transaction():
            return _settlement_set(account)

    @blueprint.post("/control/charges/<identity>/settle")
    def settle(identity: str) -> Page:
        with account.store.transaction():
            charges.settle(account, _known(account, identity, "charge")["id"])
            return redirect("/#charges", 303)

    @blueprint.post("/control/charges/<identity>/refund")
    def refund(identity: str) -> Page:
        with account.store.transaction():
            return _refunded(account, _known(account, identity, "charge"))

    @blueprint.post("/control/events/<identity>/deliver")
    def deliver(identity: str) -> Page:
        with account.store.transaction():
            events.deliver_again(account, _known(account, identity, "event")["id"])
            return redirect("/#events", 303)

    @blueprint.get("/control/delivery")
    def delivery() -> Response:
        return jsonify(asdict(scheduling.plan(account.store)))

    @blueprint.post("/control/<word>")
    def switch(word: str) -> Page:
        with account.store.transaction():
            return _switched(account, SWITCHES.get(word) or abort(404))

    @blueprint.post("/control/<identity>/<word>")
    def press(identity: str, word: str) -> Page:
        with account.store.transaction():
            return _pressed(account, identity, buttons.get(word) or abort(404))

    return blueprint


def _pressed(account: Account, identity: str, button: Button) -> Page:
    thing = _known(account, identity, button.kind)
    try:
        with account.store.transaction():
            account.catch_up()
            button.press(account, thing, request.form)
    except ApiError as refusal:
        return _page(account, refusal=refusal.message), 400
    return redirect(f"/#{button.anchor}", 303)


def _switched(account: Account, act: Switch) -> Page:
    try:
        with account.store.transaction():
            account.catch_up()
            anchor = act(account, request.form)
    except ApiError as refusal:
        return _page(account, refusal=refusal.message), 400
    return redirect(f"/#{anchor}", 303)


def _known(account: Account, identity: str, kind: str) -> Json:
    thing = account.store.get(identity, kind)
    if thing is None:
        abort(404)
    return thing


def _page(account: Account, **problem: Any) -> str:
    endpoints = [end for end in account.store.find("webhook_endpoint") if end["status"] == "enabled"]
    return render_template(
        "control.html",
        problem=problem,
        shown=SHOWN,
        balance=[_balance(part, account) for part in balance.of(account)["available"]],
        delay=charges.delay(account),
        endpoint=endpoints[0] if endpoints else None,
        sessions=[_session(session) for session in account.store.find("checkout.session", limit=SHOWN)],
        charges=[_charge(account, charge) for charge in account.store.find("charge", limit=SHOWN)],
        disputes=[_dispute(made) for made in account.store.find("dispute", limit=SHOWN)],
        plan=scheduling.plan(account.store),
        refunds=[_written(made) for made in account.store.find("refund", limit=SHOWN)],
        held=refunds.held(account),
        subscriptions=[_subscription(made) for made in account.store.find("subscription", limit=SHOWN)],
        payouts=[_written(made) for made in account.store.find("payout", limit=SHOWN)],
        daily=payouts.is_daily(account),
        now=_time(account.now()),
        warned={warning["charge"] for warning in account.store.find(fraud_warnings.KIND)},
        events=[_event(account, event) for event in account.store.find("event", limit=SHOWN)],
    )


def _balance(part: Json, account: Account) -> Json:
    currency = part["currency"]
    pending = {other["currency"]: other["amount"] for other in balance.of(account)["pending"]}
    return {
        "available": currencies.written(part["amount"], currency),
        "pending": currencies.written(pending[currency], currency),
    }


def _session(session: Json) -> Json:
    return session | {
        "when": _time(session["created"]),
        "total": currencies.written(session["amount_total"], session["currency"]),
        "email": (session["customer_details"] or {}).get("email"),
    }


def _charge(account: Account, charge: Json) -> Json:
    currency = charge["currency"]
    movement = account.store.get(charge["balance_transaction"] or "")
    left = charge["amount"] - charge["amount_refunded"]
    return charge | {
        "when": _time(charge["created"]),
        "total": currencies.written(charge["amount"], currency),
        "fee": currencies.written(movement["fee"], currency) if movement else None,
        "back": currencies.written(charge["amount_refunded"], currency) if charge["amount_refunded"] else None,
        "left": _plain(left, currency) if charge["status"] == "succeeded" and left else None,
        "code": currency.upper(),
    }


def _written(made: Json) -> Json:
    """Add what a person reads of an object that has an amount."""
    return made | {"when": _time(made["created"]), "total": currencies.written(made["amount"], made["currency"])}


def _subscription(made: Json) -> Json:
    ends = made["items"]["data"][0]["current_period_end"]
    return {**made, "items": None, "when": _time(made["created"]), "until": currencies.day(ends)}


def _dispute(made: Json) -> Json:
    return _written(made) | {"withdrawn": len(made["balance_transactions"])}


def _event(account: Account, event: Json) -> Json:
    deliveries = queue.of_event(account.store, event["id"])
    subject = event["data"]["object"].get("id", "")
    last = deliveries[0] if deliveries else None
    return event | {"when": _time(event["created"]), "subject": subject, "last": last, "next": _next(last)}


def _next(last: Delivery | None) -> str | None:
    return _time(last.next_at) if last and last.state == "waiting" and last.attempts else None


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _plain(amount: int, currency: str) -> str:
    return currencies.written(amount, currency).split()[0].replace(",", "")


def _settlement_set(account: Account) -> Page:
    seconds = request.form.get("seconds", "").strip()
    if request.form.get("settlement") != "delayed":
        charges.set_delay(account, 0)
    elif seconds.isascii() and seconds.isdecimal() and 1 <= int(seconds) <= LONGEST_DELAY:
        charges.set_delay(account, int(seconds))
    else:
        return _page(account, longest_delay=LONGEST_DELAY), 400
    return redirect("/#settlement", 303)


def _refunded(account: Account, charge: Json) -> Page:
    typed = request.form.get("amount", "").strip()
    try:
        amount = Decimal(typed).scaleb(currencies.kind(charge["currency"]).places)
        if not amount.is_finite() or amount != int(amount) or amount < 1:
            raise InvalidOperation
        with account.store.transaction():
            refunds.make(account, charge, int(amount), "requested_by_customer")
    except InvalidOperation:
        return _page(account, wrong_amount=typed), 400
    except ApiError as refusal:
        return _page(account, refusal=refusal.message), 400
    return redirect("/#charges", 303)
