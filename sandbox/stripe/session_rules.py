"""What a new Checkout Session may ask for, and the rules about it that no schema holds."""

from sandbox.stripe import currencies
from sandbox.stripe.account import Account
from sandbox.stripe.errors import ApiError, exclusive, missing, no_such, not_here
from sandbox.stripe.params import (
    Address,
    Choice,
    Each,
    Email,
    Flag,
    Metadata,
    NotHere,
    Parameter,
    Request,
    Shape,
    Text,
    Whole,
)
from sandbox.stripe.store import Json

SHORTEST_SECONDS = 30 * 60
LONGEST_SECONDS = 24 * 3600

MODES = ("payment", "setup", "subscription")
# Arabic is not among them: Stripe's page does not speak it.
LOCALES = """auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb nl pl pt
    pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW""".split()

_RECURRING = Shape({"interval": Choice(("day", "week", "month", "year")), "interval_count": Whole(1)}, ["interval"])
_PRODUCT = Shape(
    {
        "name": Text(),
        "description": Text(40000),
        "images": Each(Address(), 8),
        "metadata": Metadata(),
        "tax_code": NotHere(),
        "unit_label": NotHere(),
    },
    ["name"],
)
_PRICE = Shape(
    {
        "currency": Text(3),
        "unit_amount": Whole(0),
        "product_data": _PRODUCT,
        "recurring": _RECURRING,
        "product": NotHere("stored products; send `product_data`"),
        "tax_behavior": NotHere(),
        "unit_amount_decimal": NotHere(),
    },
    ["currency", "unit_amount", "product_data"],
)
_LINE_ITEM = Shape(
    {
        "price_data": _PRICE,
        "quantity": Whole(1, 999_999),
        "metadata": Metadata(),
        "price": NotHere("stored prices; send `price_data`"),
        "adjustable_quantity": NotHere(),
        "dynamic_tax_rates": NotHere(),
        "tax_rates": NotHere(),
    },
    ["price_data", "quantity"],
)
_INTENT: dict[str, Parameter] = {
    "capture_method": Choice(("automatic", "automatic_async")),
    "description": Text(1000),
    "metadata": Metadata(),
    "receipt_email": Email(),
    "statement_descriptor": Text(22),
    "statement_descriptor_suffix": Text(22),
}
_INTENT_NOT_HERE = (
    "application_fee_amount", "on_behalf_of", "setup_future_usage", "shipping", "transfer_data", "transfer_group",
)  # fmt: skip
_MESSAGE = Shape({"message": Text(1200)}, ["message"])
_NOT_HERE = (
    "after_expiration", "allow_promotion_codes", "allowed_payment_method_types", "automatic_tax",
    "billing_address_collection", "branding_settings", "consent_collection", "custom_fields", "customer_account",
    "customer_update", "discounts", "excluded_payment_method_types", "integration_identifier", "invoice_creation",
    "managed_payments", "name_collection", "optional_items", "origin_context", "payment_method_collection",
    "payment_method_configuration", "payment_method_data", "payment_method_options", "permissions",
    "phone_number_collection", "redirect_on_completion", "return_url", "saved_payment_method_options",
    "setup_intent_data", "shipping_address_collection", "shipping_options", "tax_id_collection", "wallet_options",
)  # fmt: skip


_SUBSCRIPTION_NOT_HERE = (
    "application_fee_percent", "billing_cycle_anchor", "billing_mode", "default_tax_rates", "invoice_settings",
    "on_behalf_of", "pending_invoice_item_interval", "proration_behavior", "transfer_data", "trial_end",
    "trial_period_days", "trial_settings",
)  # fmt: skip
_SUBSCRIPTION = Shape(
    {"description": Text(500), "metadata": Metadata(), **{name: NotHere() for name in _SUBSCRIPTION_NOT_HERE}}
)


CREATE = Request(
    {
        **{name: NotHere() for name in _NOT_HERE},
        "adaptive_pricing": Shape({"enabled": Flag()}),
        "cancel_url": Address(),
        "client_reference_id": Text(200),
        "currency": Text(3),
        "custom_text": Shape(
            dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance"), _MESSAGE)
        ),
        "customer": Text(),
        "customer_creation": Choice(("always", "if_required")),
        "customer_email": Email(),
        "expires_at": Whole(),
        "line_items": Each(_LINE_ITEM),
        "locale": Choice(LOCALES),
        "metadata": Metadata(),
        "mode": Choice(MODES),
        "payment_intent_data": Shape({**_INTENT, **{name: NotHere() for name in _INTENT_NOT_HERE}}),
        "submit_type": Choice(("auto", "book", "donate", "pay", "subscribe")),
        "subscription_data": _SUBSCRIPTION,
        "success_url": Address(),
        "ui_mode": Choice(("elements", "embedded_page", "form", "hosted_page")),
    }
)


def check(account: Account, params: Json) -> None:
    """Raise ApiError where the parameters of a new session do not fit together, or not with `account`."""
    _check_mode(params)
    _check_page(params)
    _check_customer(account, params)
    _check_expiry(params, account.now())
    _check_items(params)


def _check_mode(params: Json) -> None:
    mode = params.get("mode")
    if mode is None:
        raise missing("mode")
    for name, only in (("payment_intent_data", "payment"), ("subscription_data", "subscription")):
        if name in params and mode != only:
            raise ApiError(f"You can not pass `{name}` in `{mode}` mode.", param=name)
    if "submit_type" in params and mode == "setup":
        raise ApiError("You can not pass `submit_type` in `setup` mode.", param="submit_type")
    recurring = [item for item in params.get("line_items", []) if "recurring" in item["price_data"]]
    if mode == "payment" and recurring:
        text = (
            "You specified `payment` mode but passed a recurring price. "
            "Either switch to `subscription` mode or use only one-time prices."
        )
        raise ApiError(text, param="line_items")
    if mode == "setup":
        raise not_here("mode", "`setup` mode")
    if mode == "subscription":
        _check_recurring(recurring)


def _check_recurring(items: list[Json]) -> None:
    if not items:
        text = "You must provide at least one recurring price in `subscription` mode when using prices."
        raise ApiError(text, param="line_items")
    rhythms = [{"interval_count": 1, **item["price_data"]["recurring"]} for item in items]
    if any(rhythm != rhythms[0] for rhythm in rhythms):
        raise ApiError("All recurring prices must have the same `interval` and `interval_count`.", param="line_items")


def _check_page(params: Json) -> None:
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise not_here("ui_mode", "pages inside your own; it has the hosted page only")
    if params.get("customer_creation") == "always":
        raise not_here("customer_creation", "customers")
    if "success_url" not in params:
        raise missing("success_url")


def _check_customer(account: Account, params: Json) -> None:
    if "customer" in params and "customer_email" in params:
        raise exclusive("customer", "customer_email")
    if "customer" in params and account.store.get(params["customer"], "customer") is None:
        raise no_such("customer", params["customer"], "customer", status=400)


def _check_expiry(params: Json, now: int) -> None:
    ahead = params.get("expires_at", now + LONGEST_SECONDS) - now
    start = "The `expires_at` timestamp must be"
    if ahead < SHORTEST_SECONDS:
        raise ApiError(f"{start} at least 30 minutes from Checkout Session creation.", param="expires_at")
    if ahead > LONGEST_SECONDS:
        raise ApiError(f"{start} less than 24 hours from Checkout Session creation.", param="expires_at")


def _check_items(params: Json) -> None:
    items = params.get("line_items")
    if not items:
        raise missing("line_items")
    currency = items[0]["price_data"]["currency"].lower()
    for number, item in enumerate(items):
        _check_price(item["price_data"], currency, f"line_items[{number}][price_data]")
    if params.get("currency", currency).lower() != currency:
        raise ApiError("The `currency` you sent is not the currency of the line items.", param="currency")
    total = sum(item["price_data"]["unit_amount"] * item["quantity"] for item in items)
    currencies.check_total(total, currency)


def _check_price(price: Json, currency: str, name: str) -> None:
    code = price["currency"].lower()
    if code not in currencies.SUPPORTED:
        raise ApiError(f"Invalid currency: {code}.", param=f"{name}[currency]")
    if code != currency:
        raise ApiError("All prices on a Checkout Session must use the same currency.", param=f"{name}[currency]")
    currencies.check_whole(price["unit_amount"], code, f"{name}[unit_amount]")
