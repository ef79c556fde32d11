"""Invoices: what a subscription asks for one period, and the payments made on it.

At this API version an invoice names no charge and no payment intent: `invoice_payments` does, and the subscription
stands in `parent`. Not like Stripe: a renewal's invoice is final at once, not after an hour as a draft.
"""

from sandbox.stripe import ids, shapes
from sandbox.stripe.account import Account
from sandbox.stripe.api import Call, Route
from sandbox.stripe.errors import no_such
from sandbox.stripe.events import emit
from sandbox.stripe.expand import included
from sandbox.stripe.lists import listed, page
from sandbox.stripe.params import PAGING, Choice, Request, Shape, Text
from sandbox.stripe.store import Json, Where


def draft(account: Account, subscription: Json, customer: Json, lines: list[Json], reason: str) -> Json:
    """Store an invoice over `lines` (invoice lines as `line` makes them) and return it, still a draft."""
    identity, total = ids.new("in"), sum(entry["amount"] for entry in lines)
    for entry in lines:
        entry["invoice"] = identity
    period = lines[0]["period"]
    invoice = shapes.blank(
        "invoice",
        id=identity,
        amount_due=total,
        amount_remaining=total,
        billing_reason=reason,
        created=account.now(),
        currency=subscription["currency"],
        customer=customer["id"],
        customer_email=customer["email"],
        customer_name=customer["name"],
        lines=listed(f"/v1/invoices/{identity}/lines", lines),
        parent=_parent(subscription),
        period_end=period["start"],
        period_start=period["start"],
        subtotal=total,
        subtotal_excluding_tax=total,
        total=total,
        total_excluding_tax=total,
    )
    account.store.add(invoice)
    emit(account, "invoice.created", invoice)
    return invoice


def _parent(subscription: Json) -> Json:
    details = {"metadata": subscription["metadata"], "subscription": subscription["id"]}
    return {"quote_details": None, "subscription_details": details, "type": "subscription_details"}


def line(subscription: str, item: str | None, price: Json, quantity: int, text: str, period: tuple[int, int]) -> Json:
    """Return one line of an invoice; `item` is the subscription's item, or None for what is paid once."""
    amount = price["unit_amount"] * quantity
    details = {
        "invoice_item": None,
        "proration": False,
        "proration_details": {"credited_items": None},
        "subscription": subscription,
        "subscription_item": item or ids.new("si"),
    }
    return shapes.blank(
        "line_item",
        id=ids.new("il"),
        amount=amount,
        currency=price["currency"],
        description=text,
        parent={
            "invoice_item_details": None,
            "subscription_item_details": details,
            "type": "subscription_item_details",
        },
        period={"start": period[0], "end": period[1]},
        pricing={
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        quantity=quantity,
        quantity_decimal=str(quantity),
        subscription=subscription,
        subtotal=amount,
    )


def finalize(account: Account, invoice: Json) -> None:
    """Make a draft final: it gets its number and can be paid."""
    customer = account.store.must(invoice["customer"])
    number = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}"
    account.changed(customer, next_invoice_sequence=customer["next_invoice_sequence"] + 1)
    moments = {**invoice["status_transitions"], "finalized_at": account.now()}
    account.changed(invoice, effective_at=account.now(), number=number, status="open", status_transitions=moments)
    emit(account, "invoice.finalized", invoice)


def ask(account: Account, invoice: Json, intent: Json) -> Json:
    """Store and return the payment that `intent` shall make on the invoice."""
    payment = shapes.blank(
        "invoice_payment",
        id=ids.new("inpay"),
        amount_requested=invoice["amount_due"],
        created=account.now(),
        currency=invoice["currency"],
        invoice=invoice["id"],
        payment={"payment_intent": intent["id"], "type": "payment_intent"},
    )
    return account.store.add(payment)


def paid(account: Account, invoice: Json, payment: Json) -> None:
    """Note that a payment was made and the invoice is paid."""
    now, amount = account.now(), invoice["amount_due"]
    account.changed(
        payment, amount_paid=amount, status="paid", status_transitions={"canceled_at": None, "paid_at": now}
    )
    account.changed(
        invoice,
        amount_paid=amount,
        amount_remaining=0,
        attempt_count=invoice["attempt_count"] + 1,
        attempted=True,
        auto_advance=False,
        next_payment_attempt=None,
        status="paid",
        status_transitions={**invoice["status_transitions"], "paid_at": now},
    )
    emit(account, "invoice.paid", invoice)
    emit(account, "invoice.payment_succeeded", invoice)
    emit(account, "invoice_payment.paid", payment)


def failed(account: Account, invoice: Json, next_attempt: int | None) -> None:
    """Note that an attempt to be paid failed; `next_attempt` is when it is tried again."""
    count = invoice["attempt_count"] + 1
    fields = {"attempt_count": count, "attempted": True, "auto_advance": next_attempt is not None}
    account.changed(invoice, next_payment_attempt=next_attempt, **fields)
    emit(account, "invoice.payment_failed", invoice)


def give_up(account: Account, invoice: Json, status: str) -> None:
    """End an invoice unpaid: "void" or "uncollectible"."""
    moment = {"void": "voided_at", "uncollectible": "marked_uncollectible_at"}[status]
    moments = {**invoice["status_transitions"], moment: account.now()}
    account.changed(invoice, auto_advance=False, status=status, status_transitions=moments)
    emit(account, {"void": "invoice.voided", "uncollectible": "invoice.marked_uncollectible"}[status], invoice)


def payments_of(account: Account, invoice: str) -> list[Json]:
    """Return the payments on an invoice, the newest first."""
    return account.store.find("invoice_payment", [Where("invoice", "=", invoice)])


@included("invoice", "payments")
def _payments(account: Account, invoice: Json) -> Json:
    return listed("/v1/invoice_payments", payments_of(account, invoice["id"]))


def _retrieved(call: Call) -> Json:
    invoice = call.account.store.get(call.id, "invoice")
    if invoice is None:
        raise no_such("invoice", call.id)
    return invoice


def _listed(call: Call) -> Json:
    extra = []
    if "subscription" in call.params:
        extra.append(Where("parent.subscription_details.subscription", "=", call.params["subscription"]))
    return page(call, "invoice", ("customer", "status"), extra)


def _payment_retrieved(call: Call) -> Json:
    payment = call.account.store.get(call.id, "invoice_payment")
    if payment is None:
        raise no_such("invoice payment", call.id)
    return payment


def _payments_listed(call: Call) -> Json:
    extra = [Where(f"payment.{name}", "=", value) for name, value in call.params.get("payment", {}).items()]
    return page(call, "invoice_payment", ("invoice", "status"), extra)


_STATUSES = ("draft", "open", "paid", "uncollectible", "void")
_LIST = Request({**PAGING, "customer": Text(), "status": Choice(_STATUSES), "subscription": Text()})
_PAYMENT = Shape({"payment_intent": Text(), "type": Choice(("payment_intent",))}, ["type"])
_PAYMENTS = Request(
    {**PAGING, "invoice": Text(), "payment": _PAYMENT, "status": Choice(("canceled", "open", "paid"))},
)

ROUTES = [
    Route("GET", "/v1/invoices", _listed, _LIST),
    Route("GET", "/v1/invoices/<identity>", _retrieved),
    Route("GET", "/v1/invoice_payments", _payments_listed, _PAYMENTS),
    Route("GET", "/v1/invoice_payments/<identity>", _payment_retrieved),
]
