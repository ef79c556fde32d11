"""What the control page's forms do to the whole account: how refunds go, when money is paid out, what time it is."""

from collections.abc import Callable, Mapping

from sandbox.stripe import payouts, refunds, scheduling
from sandbox.stripe.account import Account
from sandbox.stripe.errors import ApiError
from sandbox.stripe.scheduling import Plan

MOST_DAYS = 400

Switch = Callable[[Account, Mapping[str, str]], str]


def _refunds(account: Account, form: Mapping[str, str]) -> str:
    wanted = form.get("wait", "")
    refunds.hold(account, wanted if wanted in refunds.HOLDS else None)
    return "refunds"


def _payouts(account: Account, form: Mapping[str, str]) -> str:
    if form.get("do") == "now":
        if not payouts.pay_out(account):
            raise ApiError("Nothing is available to be paid out. Money on the way becomes available with time.")
    else:
        payouts.set_daily(account, form.get("do") == "daily")
    return "payouts"


def _delivery(account: Account, form: Mapping[str, str]) -> str:
    try:
        shares = {name: float(form.get(name, 0)) / 100 for name in ("duplicate", "drop", "late")}
        times = {name: float(form.get(name, 0)) for name in ("longest", "shuffle")}
        counts = {"seed": int(form.get("seed", 0)), "at_once": int(form.get("at_once", 1))}
        scheduling.use(account.store, Plan(**shares, **times, **counts))  # type: ignore[arg-type]  # by their names
    except ValueError as problem:
        text = "Shares are from 0 to 100, times from 0 to 3600 seconds, and 1 to 32 go at the same time."
        raise ApiError(text) from problem
    return "delivery"


def _clock(account: Account, form: Mapping[str, str]) -> str:
    days = form.get("days", "").strip()
    if not (days.isascii() and days.isdecimal() and 1 <= int(days) <= MOST_DAYS):
        raise ApiError(f"The clock can be moved by 1 to {MOST_DAYS} days.")
    account.move_clock(int(days) * 24 * 3600)
    return "clock"


# Each returns the place of the page to show next, and may raise ApiError.
SWITCHES: dict[str, Switch] = {
    "refunds": _refunds,
    "payouts": _payouts,
    "clock": _clock,
    "delivery": _delivery,
}
