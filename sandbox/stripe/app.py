"""The stand-in as one web application: Stripe's API under /v1, the payment page under /pay, the control page at /."""

from pathlib import Path
from types import ModuleType

from flask import Flask

from sandbox import look
from sandbox.clock import Clock
from sandbox.stripe import (
    api,
    balance,
    balance_transactions,
    charges,
    control,
    customers,
    debits,
    disputes,
    events,
    fraud_warnings,
    hosted,
    invoices,
    own_account,
    paying,
    payment_intents,
    payouts,
    portal,
    refunds,
    renewals,
    sessions,
    subscriptions,
    webhook_endpoints,
)
from sandbox.stripe.account import CLOCK_SETTING, Account
from sandbox.stripe.store import Store

RESOURCES: tuple[ModuleType, ...] = (
    sessions,
    payment_intents,
    charges,
    balance_transactions,
    refunds,
    disputes,
    fraud_warnings,
    debits,
    payouts,
    customers,
    subscriptions,
    renewals,
    invoices,
    portal,
    events,
    balance,
    webhook_endpoints,
    own_account,
)
ACTIONS = {
    sessions.EXPIRE: sessions.expire_when_due,
    charges.SETTLE: charges.settle,
    balance_transactions.AVAILABLE: balance_transactions.make_available,
    paying.AFTERWARDS: paying.afterwards,
    debits.FINISH: debits.finish_when_due,
    refunds.FAIL: refunds.fail_when_due,
    refunds.FINISH: refunds.finish_when_due,
    subscriptions.RENEW: renewals.renew_when_due,
    renewals.RETRY: renewals.retry_when_due,
    payouts.DAILY: payouts.pay_out_daily,
    payouts.ARRIVE: payouts.arrive_when_due,
}


def open_account(path: Path, base_url: str) -> Account:
    """Return the account kept in the SQLite file at `path`; `base_url` is where the stand-in is reached."""
    store = Store(path)
    clock = Clock(store.setting(CLOCK_SETTING, 0))
    return Account(store, clock, base_url, ACTIONS)


def move_clock(account: Account, seconds: int) -> None:
    """Move the account's time forward and do what has become due; the move outlives a restart."""
    account.move_clock(seconds)


def create_app(account: Account, places: look.Places) -> Flask:
    """Return the web application for `account`."""
    app = Flask(__name__, static_folder=None)
    look.dress(app, places)
    api.serve(app, account, [route for resource in RESOURCES for route in resource.ROUTES])
    app.register_blueprint(hosted.pages(account))
    app.register_blueprint(portal.pages(account))
    buttons = {name: button for resource in RESOURCES for name, button in getattr(resource, "BUTTONS", {}).items()}
    app.register_blueprint(control.pages(account, buttons))
    return app
