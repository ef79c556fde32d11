"""Balance transactions: every movement of the account's money, with its fee. `net = amount - fee`.

The balance is kept in the currency of the payment; nothing is converted.
"""

from typing import Any

from sandbox.stripe import cards, currencies, ids, shapes
from sandbox.stripe.account import Account
from sandbox.stripe.api import Call, Route
from sandbox.stripe.errors import ApiError, no_such
from sandbox.stripe.expand import HIDDEN
from sandbox.stripe.lists import page
from sandbox.stripe.params import PAGING, Request, Text
from sandbox.stripe.store import Json, Where

AVAILABLE = "make_available"
_DAY = 24 * 3600
_DAYS_TO_WAIT = 2


def for_charge(account: Account, charge: Json) -> Json:
    """Book a payment: gross, fee, and available at the start of the second day after (UTC)."""
    fee = currencies.fee(charge["amount"], charge["currency"])
    return book(
        account,
        amount=charge["amount"],
        currency=charge["currency"],
        description=charge["description"],
        fee=fee,
        fee_details=[_fee_detail(fee, charge["currency"])],
        source=charge["id"],
        kind=_kind(charge, "charge", "payment"),
        available_on=account.now() if cards.last4(charge) == cards.AT_ONCE else _day_after_next(account.now()),
    )


def for_refund(account: Account, refund: Json, charge: Json) -> Json:
    """Book money going back: the fee stays with Stripe. It leaves the balance when the charge's own money is there."""
    paid = account.store.must(charge["balance_transaction"])
    return book(
        account,
        amount=-refund["amount"],
        currency=refund["currency"],
        description="REFUND FOR CHARGE" + (f" ({charge['description']})" if charge["description"] else ""),
        source=refund["id"],
        kind=_kind(charge, "refund", "payment_refund"),
        reporting_category="refund",
        available_on=max(account.now(), paid["available_on"]),
    )


def for_failed_refund(account: Account, refund: Json) -> Json:
    """Book what a failed refund brings back."""
    return book(
        account,
        amount=refund["amount"],
        currency=refund["currency"],
        description="REFUND FAILURE",
        source=refund["id"],
        kind="refund_failure",
        available_on=account.now(),
    )


def for_payout(account: Account, payout: Json, kind: str) -> Json:
    """Book what goes to the bank (kind "payout"), or comes back from it ("payout_failure")."""
    sign, name = (-1, "STRIPE PAYOUT") if kind == "payout" else (1, "STRIPE PAYOUT FAILURE")
    return book(
        account,
        amount=sign * payout["amount"],
        currency=payout["currency"],
        description=name,
        source=payout["id"],
        kind=kind,
        reporting_category=kind if kind == "payout" else "payout_reversal",
        available_on=account.now(),
    )


def _kind(charge: Json, card: str, other: str) -> str:
    return card if charge["payment_method_details"]["type"] == "card" else other


def _day_after_next(now: int) -> int:
    return (now // _DAY + _DAYS_TO_WAIT) * _DAY


def for_dispute(account: Account, dispute: Json, fee: int) -> Json:
    """Book what a dispute takes: the amount, and a fee on top. It leaves the balance at once."""
    return book(
        account,
        amount=-dispute["amount"],
        currency=dispute["currency"],
        description=f"Chargeback withdrawal for {dispute['charge']}",
        fee=fee,
        fee_details=[_fee_detail(fee, dispute["currency"], "Dispute fee")],
        source=dispute["id"],
        kind="adjustment",
        reporting_category="dispute",
        available_on=account.now(),
    )


def for_dispute_won(account: Account, dispute: Json) -> Json:
    """Book what comes back when a dispute is won: the amount, without the fee."""
    return book(
        account,
        amount=dispute["amount"],
        currency=dispute["currency"],
        description=f"Chargeback reversal for {dispute['charge']}",
        source=dispute["id"],
        kind="adjustment",
        reporting_category="dispute_reversal",
        available_on=account.now(),
    )


def book(account: Account, *, amount: int, fee: int = 0, available_on: int, kind: str, **fields: Any) -> Json:
    """Store one movement and return it; its reporting category is its kind unless `fields` says otherwise."""
    movement = shapes.blank(
        "balance_transaction",
        id=ids.new("txn"),
        amount=amount,
        available_on=available_on,
        created=account.now(),
        fee=fee,
        net=amount - fee,
        status="pending" if available_on > account.now() else "available",
        type=kind,
        **{"reporting_category": kind, **fields},
    )
    if movement["status"] == "pending":
        account.later(available_on, AVAILABLE, movement["id"])
    return account.store.add(movement)


def make_available(account: Account, identity: str) -> None:
    """Note that a movement's money can now be used."""
    account.changed(account.store.must(identity), status="available")


def _fee_detail(fee: int, currency: str, description: str = "Stripe processing fees") -> Json:
    return {"amount": fee, "application": None, "currency": currency, "description": description, "type": "stripe_fee"}


def _retrieved(call: Call) -> Json:
    movement = call.account.store.get(call.id, "balance_transaction")
    if movement is None:
        raise no_such("balance transaction", call.id)
    return movement


def _listed(call: Call) -> Json:
    """List all, or what an automatic payout paid out, its own movement among them."""
    if (payout := call.params.get("payout")) is None:
        return page(call, "balance_transaction", _FILTERS)
    found = call.account.store.get(payout, "payout")
    if found is None:
        raise no_such("payout", payout, "payout", status=400)
    if not found["automatic"]:
        text = "Balance transaction history can only be filtered on automatic transfers, not manual."
        raise ApiError(text, param="payout")
    return page(call, "balance_transaction", _FILTERS, [Where(f"{HIDDEN}.payout", "=", payout)])


_FILTERS = ("currency", "source", "type")
_LIST = Request({**PAGING, **dict.fromkeys((*_FILTERS, "payout"), Text())})

ROUTES = [
    Route("GET", "/v1/balance_transactions", _listed, _LIST),
    Route("GET", "/v1/balance_transactions/<identity>", _retrieved),
]
