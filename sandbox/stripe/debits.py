"""Bank debits: the page says thanks at once, and the bank pays or refuses days later.

https://docs.stripe.com/payments/checkout/fulfill-orders: `checkout.session.completed` comes with payment_status
`unpaid`, and `checkout.session.async_payment_succeeded` or `…_failed` tells the end.
"""

from sandbox.stripe import cards, charges, payment_intents, sessions
from sandbox.stripe.account import Account
from sandbox.stripe.buttons import Button
from sandbox.stripe.errors import ApiError
from sandbox.stripe.expand import HIDDEN
from sandbox.stripe.store import Json

FINISH = "finish_debit"
DAYS = 4
_REFUSED = cards.Card("", "", "account_closed", "", "The customer's bank account has been closed.")


def begin(account: Account, session: Json, email: str, kind: str, *, fails: bool) -> Json:
    """Start a debit of the bank account; the bank answers after DAYS of the account's time. Returns the charge."""
    intent = payment_intents.for_session(account, session)
    method = cards.debit(account, email, kind)
    account.changed(session, payment_method_types=[kind], payment_method_options={})
    account.changed(intent, payment_method_types=[kind], payment_method_options={})
    charge = charges.make_pending(account, intent, method)
    account.store.save(charge | {HIDDEN: {"fails": fails}})
    payment_intents.process(account, intent, charge)
    sessions.complete(account, session, email, payment_status="unpaid")
    account.later(account.now() + DAYS * 24 * 3600, FINISH, charge["id"])
    return charge


def finish_when_due(account: Account, identity: str) -> None:
    """Let the bank answer, unless it has been made to by hand."""
    charge = account.store.must(identity)
    if charge["status"] == "pending":
        refuse(account, charge) if charge[HIDDEN]["fails"] else arrive(account, charge)


def arrive(account: Account, charge: Json) -> None:
    """Let the bank pay. Raises ApiError where it has answered already."""
    intent, session = _waiting(account, charge)
    charges.arrive(account, charge)
    payment_intents.succeed(account, intent, charge)
    sessions.finish(account, session, paid=True)
    charges.settle_later(account, charge)


def refuse(account: Account, charge: Json) -> None:
    """Let the bank refuse: nothing was ever on the balance. Raises ApiError where it has answered already."""
    intent, session = _waiting(account, charge)
    charges.refuse(account, charge, _REFUSED)
    payment_intents.fail(account, intent, charge, account.store.must(charge["payment_method"]))
    sessions.finish(account, session, paid=False)


def _waiting(account: Account, charge: Json) -> tuple[Json, Json]:
    if charge["status"] != "pending":
        raise ApiError(f"Charge {charge['id']} is {charge['status']}: its bank has answered already.")
    intent = account.store.must(charge["payment_intent"])
    return intent, sessions.of_intent(account, intent["id"])


BUTTONS = {
    "bank-pays": Button("charge", lambda account, charge, _: arrive(account, charge), "charges"),
    "bank-refuses": Button("charge", lambda account, charge, _: refuse(account, charge), "charges"),
}
ROUTES = ()
