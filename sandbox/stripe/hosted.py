"""The payment page a session's `url` leads to. No card number is asked for."""

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.stripe import cards, currencies, paying
from sandbox.stripe.account import Account
from sandbox.stripe.expand import HIDDEN
from sandbox.stripe.params import looks_like_email
from sandbox.stripe.store import Json

Page = str | tuple[str, int] | Response


def pages(account: Account) -> Blueprint:
    """Return the payment page's addresses."""
    blueprint = Blueprint("hosted", __name__, template_folder="templates")

    @blueprint.get("/pay/<identity>")
    def show(identity: str) -> Page:
        with account.store.transaction():
            account.catch_up()
            return _page(account, account.store.get(identity, "checkout.session"))

    @blueprint.post("/pay/<identity>")
    def attempt(identity: str) -> Page:
        with account.store.transaction():
            account.catch_up()
            return _attempted(account, account.store.get(identity, "checkout.session"))

    return blueprint


def _page(account: Account, session: Json | None) -> Page:
    if session is None:
        return render_template("pay_unknown.html"), 404
    if session["status"] != "open":
        return render_template("pay_closed.html", session=session, total=_total(session))
    return _form(account, session, _known_email(account, session), declined=_declined(account, session))


def _known_email(account: Account, session: Json) -> str:
    known = account.store.must(session["customer"])["email"] if session["customer"] else session["customer_email"]
    return known or ""


def _declined(account: Account, session: Json) -> str:
    error = session["payment_intent"] and account.store.must(session["payment_intent"])["last_payment_error"]
    return str(error["message"] if error else session[HIDDEN].get("declined", ""))


def _form(account: Account, session: Json, email: str, *, declined: str = "", invalid: bool = False) -> str:
    return render_template(
        "pay.html",
        session=session,
        lines=[_line(account, item) for item in session[HIDDEN]["items"]],
        total=_total(session),
        email=email,
        declined=declined,
        cards=cards.CARDS.values(),
        debit=session["mode"] == "payment" and session["currency"] in cards.DEBITS,
        invalid=invalid,
    )


def _line(account: Account, item: Json) -> Json:
    product = account.store.must(item["price"]["product"])
    return {
        "name": product["name"],
        "description": product["description"],
        "quantity": item["quantity"],
        "amount": currencies.written(item["amount_total"], item["currency"]),
    }


def _total(session: Json) -> str:
    return currencies.written(session["amount_total"], session["currency"])


def _attempted(account: Account, session: Json | None) -> Page:
    if session is None:
        return _page(account, session)
    paying_now = request.form.get("do") == "pay"
    if session["status"] == "complete" and paying_now:
        return _returned(session)  # the button was pressed twice
    if session["status"] != "open":
        return _page(account, session)
    email = _known_email(account, session) or request.form.get("email", "").strip()
    if not looks_like_email(email):
        return _form(account, session, email, invalid=True), 400
    means = request.form.get("card", cards.GOOD.last4) if paying_now else cards.DECLINED.last4
    if paying.attempt(account, session, email, means):
        return _returned(session)
    return redirect(f"/pay/{session['id']}", 303)


def _returned(session: Json) -> Response:
    return redirect(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]), 303)
