"""Payouts: money goes from the balance to the bank, by itself every day or when asked, and may come back.

https://docs.stripe.com/payouts/reconciliation: an automatic payout names the movements it pays out; of a manual one
nobody knows. A payout that was `paid` can still fail: the bank sends the money back.
"""

from collections.abc import Mapping

from sandbox.stripe import balance, balance_transactions, currencies, ids, shapes
from sandbox.stripe.account import Account
from sandbox.stripe.api import Call, Route
from sandbox.stripe.buttons import Button
from sandbox.stripe.errors import ApiError, no_such
from sandbox.stripe.events import emit
from sandbox.stripe.expand import HIDDEN
from sandbox.stripe.lists import page
from sandbox.stripe.params import PAGING, Choice, Metadata, NotHere, Range, Request, Text, Whole
from sandbox.stripe.store import Json, Where

DAILY, ARRIVE = "pay_out_daily", "payout_arrives"
DAILY_SETTING = "daily_payouts"
_DAY = 24 * 3600
_DAYS_TO_ARRIVE = 2


def set_daily(account: Account, daily: bool) -> None:
    """Have everything available paid out at the end of each day (UTC), or not."""
    account.store.set(DAILY_SETTING, daily)
    if daily:
        account.later(_next_midnight(account.now()), DAILY, "account")


def is_daily(account: Account) -> bool:
    """Say whether payouts are made by themselves."""
    return bool(account.store.setting(DAILY_SETTING, False))


def pay_out_daily(account: Account, subject: str) -> None:
    """Make the day's payouts and come back tomorrow, unless they have been switched off."""
    if is_daily(account):
        pay_out(account)
        account.later(_next_midnight(account.now()), DAILY, subject)


def _next_midnight(now: int) -> int:
    return (now // _DAY + 1) * _DAY


def pay_out(account: Account) -> list[Json]:
    """Pay out everything that is available and was not paid out, by currency; a balance below zero stays."""
    return [made for part in balance.of(account)["available"] if (made := _automatic(account, part["currency"]))]


def _automatic(account: Account, currency: str) -> Json | None:
    """Pay out the movements no automatic payout has had; those of manual payouts are among them, as minus."""
    open_ = [Where("currency", "=", currency), Where("status", "=", "available"), Where(f"{HIDDEN}.payout", "is", None)]
    movements = account.store.find("balance_transaction", open_)
    total = sum(movement["net"] for movement in movements)
    if total <= 0:
        return None
    made = _made(account, total, currency, automatic=True, reconciliation_status="completed")
    own = account.store.must(made["balance_transaction"])
    for movement in (own, *movements):
        account.store.save({**movement, HIDDEN: {"payout": made["id"]}})
    emit(account, "payout.reconciliation_completed", made)
    return made


def make(account: Account, amount: int, currency: str, metadata: Json | None = None, text: str | None = None) -> Json:
    """Pay out `amount` (wire units) because somebody asked. Returns the payout; raises ApiError."""
    available = {part["currency"]: part["amount"] for part in balance.of(account)["available"]}.get(currency, 0)
    if amount > available:
        refusal = "You have insufficient funds in your Stripe account for this transfer."
        raise ApiError(refusal, code="balance_insufficient", saved=True)
    currencies.check_whole(amount, currency, "amount")
    return _made(account, amount, currency, metadata=metadata or {}, description=text)


def _made(account: Account, amount: int, currency: str, **fields: object) -> Json:
    arrival = (account.now() // _DAY + _DAYS_TO_ARRIVE) * _DAY
    payout = shapes.blank(
        "payout",
        id=ids.new("po"),
        amount=amount,
        arrival_date=arrival,
        created=account.now(),
        currency=currency,
        destination="ba_sandbox",
        trace_id={"status": "pending", "value": None},
        **{"description": "STRIPE PAYOUT", **{name: value for name, value in fields.items() if value is not None}},
    )
    booked = balance_transactions.for_payout(account, payout, "payout")
    payout["balance_transaction"] = booked["id"]
    account.store.add(payout)
    emit(account, "payout.created", payout)
    account.later(arrival, ARRIVE, payout["id"])
    return payout


def arrive_when_due(account: Account, identity: str) -> None:
    """Let the payout arrive at the bank, unless it has failed or has arrived."""
    payout = account.store.must(identity)
    if payout["status"] == "pending":
        arrive(account, payout)


def arrive(account: Account, payout: Json) -> Json:
    """Let a payout arrive at the bank. Returns it; raises ApiError."""
    if payout["status"] != "pending":
        raise ApiError(f"Payout {payout['id']} is {payout['status']}, not pending.")
    trace = {"status": "supported", "value": f"SANDBOX{payout['id'][-10:].upper()}"}
    before = account.changed(payout, status="paid", trace_id=trace)
    emit(account, "payout.updated", payout, before)
    emit(account, "payout.paid", payout)
    return payout


def fail(account: Account, payout: Json) -> Json:
    """Let the bank send a payout back, before or after it was paid. Returns it; raises ApiError."""
    if payout["status"] == "failed":
        raise ApiError(f"Payout {payout['id']} has failed already.")
    back = balance_transactions.for_payout(account, payout, "payout_failure")
    before = account.changed(
        payout,
        failure_balance_transaction=back["id"],
        failure_code="account_closed",
        failure_message="The bank account has been closed.",
        status="failed",
    )
    emit(account, "payout.updated", payout, before)
    emit(account, "payout.failed", payout)
    return payout


def _created(call: Call) -> Json:
    params = call.params
    currency = params["currency"].lower()
    return make(call.account, params["amount"], currency, params.get("metadata"), params.get("description"))


def _retrieved(call: Call) -> Json:
    payout = call.account.store.get(call.id, "payout")
    if payout is None:
        raise no_such("payout", call.id)
    return payout


def _listed(call: Call) -> Json:
    return page(call, "payout", ("status",), call.params.get("arrival_date", []))


def _failed_pressed(account: Account, payout: Json, _: Mapping[str, str]) -> None:
    fail(account, payout)


_CREATE = Request(
    {
        "amount": Whole(1),
        "currency": Text(3),
        "description": Text(),
        "metadata": Metadata(),
        **{name: NotHere() for name in ("destination", "method", "payout_method", "source_type")},
        "statement_descriptor": NotHere(),
    },
    ["amount", "currency"],
)
_STATUSES = ("canceled", "failed", "in_transit", "paid", "pending")
_LIST = Request({**PAGING, "arrival_date": Range(), "destination": NotHere(), "status": Choice(_STATUSES)})

BUTTONS = {
    "payout-arrives": Button("payout", lambda account, payout, _: arrive(account, payout), "payouts"),
    "payout-fails": Button("payout", _failed_pressed, "payouts"),
}
ROUTES = [
    Route("POST", "/v1/payouts", _created, _CREATE),
    Route("GET", "/v1/payouts", _listed, _LIST),
    Route("GET", "/v1/payouts/<identity>", _retrieved),
]
