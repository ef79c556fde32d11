"""Line items, each with the one-off price and product that Stripe makes for inline price data."""

from sandbox.stripe import ids, shapes
from sandbox.stripe.account import Account
from sandbox.stripe.store import Json

_RECURRING = {"interval_count": 1, "meter": None, "usage_type": "licensed"}


def make(account: Account, sent: Json) -> Json:
    """Store the product and price of one line and return the line item, which lives inside its session."""
    data = sent["price_data"]
    product = account.store.add(_product(account.now(), data["product_data"]))
    price = account.store.add(price_of(account.now(), data, product["id"]))
    total = data["unit_amount"] * sent["quantity"]
    return shapes.blank(
        "item",
        id=ids.new("li"),
        amount_subtotal=total,
        amount_total=total,
        currency=price["currency"],
        description=product["name"],
        metadata=sent.get("metadata", {}),
        price=price,
        quantity=sent["quantity"],
    )


def _product(now: int, data: Json) -> Json:
    return shapes.blank("product", id=ids.new("prod"), created=now, updated=now, **data)


def price_of(now: int, data: Json, product: str) -> Json:
    """Return the price that inline price data means, of the product with this id; it is not stored yet."""
    recurring = data.get("recurring")
    return shapes.blank(
        "price",
        id=ids.new("price"),
        created=now,
        currency=data["currency"].lower(),
        product=product,
        recurring=recurring and {**_RECURRING, **recurring},
        type="recurring" if recurring else "one_time",
        unit_amount=data["unit_amount"],
        unit_amount_decimal=str(data["unit_amount"]),
    )
