"""Whose account it is that a key opens."""

from sandbox.stripe import shapes
from sandbox.stripe.api import Call, Route
from sandbox.stripe.store import Json

OWN_ID = "acct_sandbox"


def _retrieved(_call: Call) -> Json:
    return shapes.blank("account", id=OWN_ID, country="US", default_currency="usd", type="standard")


ROUTES = [Route("GET", "/v1/account", _retrieved)]
