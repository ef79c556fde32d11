"""Events: what happened, with a snapshot of the object at that moment."""

import time
from typing import Any

from sandbox.stripe import ids, queue, scheduling, shapes
from sandbox.stripe.account import API_VERSION, Account
from sandbox.stripe.api import Call, Route
from sandbox.stripe.errors import exclusive, no_such
from sandbox.stripe.expand import show
from sandbox.stripe.lists import page
from sandbox.stripe.params import PAGING, Each, Flag, Request, Text
from sandbox.stripe.store import Json, Where

# "You can list events going back up to 30 days" (https://docs.stripe.com/api/events/list).
KEPT_SECONDS = 30 * 24 * 3600
MOST_TYPES = 20


def emit(account: Account, what: str, thing: Json, before: Json | None = None) -> Json:
    """Store an event of type `what` about `thing` and queue it for every endpoint that wants it; returns the event.

    `before` holds the earlier values of the fields that changed.
    """
    data: dict[str, Any] = {"object": show(account, thing)}
    if before:
        data["previous_attributes"] = before
    endpoints = [end for end in account.store.find("webhook_endpoint") if _wants(end, what)]
    event = shapes.blank(
        "event",
        id=ids.new("evt"),
        api_version=endpoints[0]["api_version"] if endpoints else API_VERSION,
        created=account.now(),
        data=data,
        pending_webhooks=len(endpoints),
        request={"id": account.asked.request, "idempotency_key": account.asked.idempotency_key},
        type=what,
    )
    account.store.add(event)
    for endpoint in endpoints:
        scheduling.send(account.store, event["id"], endpoint["id"], time.time())
    return event


def _wants(endpoint: Json, what: str) -> bool:
    wanted = endpoint["enabled_events"]
    return endpoint["status"] == "enabled" and ("*" in wanted or what in wanted)


def deliver_again(account: Account, event: str) -> None:
    """Send `event` once more to every endpoint, whatever became of it before."""
    endpoints = [end["id"] for end in account.store.find("webhook_endpoint")]
    queue.again(account.store, event, endpoints, time.time())


def _listed(call: Call) -> Json:
    params = call.params
    if "type" in params and "types" in params:
        raise exclusive("type", "types")
    where = [Where("created", ">=", call.account.now() - KEPT_SECONDS)]
    if "types" in params:
        where.append(Where("type", "in", params["types"]))
    if "delivery_success" in params:
        where.append(Where("pending_webhooks", "=" if params["delivery_success"] else ">", 0))
    return page(call, "event", ("type",), where)


def _retrieved(call: Call) -> Json:
    event = call.account.store.get(call.id, "event")
    if event is None or event["created"] < call.account.now() - KEPT_SECONDS:
        raise no_such("event", call.id)
    return event


_LIST = Request({**PAGING, "type": Text(), "types": Each(Text(), MOST_TYPES), "delivery_success": Flag()})

ROUTES = [Route("GET", "/v1/events", _listed, _LIST), Route("GET", "/v1/events/<identity>", _retrieved)]
