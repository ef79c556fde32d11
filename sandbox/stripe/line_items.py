"""Line items, each with the one-off price and product that Stripe makes for inline price data."""

from sandbox.stripe import ids, shapes
from sandbox.stripe.account import Account
from sandbox.stripe.store import Json


def make(account: Account, sent: Json) -> Json:
    """Store the product and price of one line and return the line item, which lives inside its session."""
    data = sent["price_data"]
    product = account.store.add(_product(account.now(), data["product_data"]))
    price = account.store.add(_price(account.now(), data, product["id"]))
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


def _price(now: int, data: Json, product: str) -> Json:
    return shapes.blank(
        "price",
        id=ids.new("price"),
        created=now,
        currency=data["currency"].lower(),
        product=product,
        unit_amount=data["unit_amount"],
        unit_amount_decimal=str(data["unit_amount"]),
    )
