"""Where events are sent."""

from sandbox.stripe import ids, shapes
from sandbox.stripe.account import API_VERSION, Account
from sandbox.stripe.api import Call, Route
from sandbox.stripe.errors import no_such
from sandbox.stripe.lists import page
from sandbox.stripe.params import PAGING, Request
from sandbox.stripe.store import Json


def configure(account: Account, url: str | None) -> None:
    """Make the account's one endpoint point at `url`, keeping its id and what waits for it; None switches it off."""
    with account.store.transaction():
        known = account.store.find("webhook_endpoint", limit=1)
        if url is None:
            for endpoint in known:
                account.store.save({**endpoint, "status": "disabled"})
            return
        fields = {"url": url, "api_version": API_VERSION, "status": "enabled"}
        if known:
            account.store.save({**known[0], **fields})
        else:
            new = shapes.blank("webhook_endpoint", id=ids.new("we"), created=account.now(), **fields)
            account.store.add(new)


def _retrieved(call: Call) -> Json:
    endpoint = call.account.store.get(call.id, "webhook_endpoint")
    if endpoint is None:
        raise no_such("webhook endpoint", call.id)
    return endpoint


_PAGING = {name: parameter for name, parameter in PAGING.items() if name != "created"}

ROUTES = [
    Route("GET", "/v1/webhook_endpoints", lambda call: page(call, "webhook_endpoint"), Request(_PAGING)),
    Route("GET", "/v1/webhook_endpoints/<identity>", _retrieved),
]
