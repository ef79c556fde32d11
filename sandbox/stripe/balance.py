"""The balance: the sum of the balance transactions, by currency."""

from sandbox.stripe.account import Account
from sandbox.stripe.api import Call, Route
from sandbox.stripe.store import Json

_SUMS = """
    SELECT json_extract(body, '$.currency') AS currency,
           SUM(CASE json_extract(body, '$.status') WHEN 'available' THEN json_extract(body, '$.net') ELSE 0 END),
           SUM(CASE json_extract(body, '$.status') WHEN 'pending' THEN json_extract(body, '$.net') ELSE 0 END)
    FROM objects WHERE kind = 'balance_transaction' GROUP BY currency ORDER BY currency
"""


def of(account: Account) -> Json:
    """Return the balance object; an account without movements has nothing in US dollars."""
    sums = account.store.rows(_SUMS) or [("usd", 0, 0)]
    return {
        "object": "balance",
        "available": [_part(currency, available) for currency, available, _ in sums],
        "livemode": False,
        "pending": [_part(currency, pending) for currency, _, pending in sums],
    }


def _part(currency: str, amount: int) -> Json:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


def _retrieved(call: Call) -> Json:
    return of(call.account)


ROUTES = [Route("GET", "/v1/balance", _retrieved)]
