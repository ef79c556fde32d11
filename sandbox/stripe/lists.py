"""Lists with a cursor, newest first (https://docs.stripe.com/api/pagination)."""

from collections.abc import Sequence

from sandbox.stripe.api import Call
from sandbox.stripe.errors import exclusive, no_such
from sandbox.stripe.store import Json, Where

USUAL_LIMIT = 10


def page(call: Call, kind: str, fields: Sequence[str] = (), extra: Sequence[Where] = ()) -> Json:
    """Return the page of objects of `kind` that the request asks for.

    `fields` are parameters that must equal the object's field of the same name; `extra` are further conditions.
    """
    where = [*extra, *call.params.get("created", [])]
    where += [Where(name, "=", call.params[name]) for name in fields if name in call.params]
    limit = call.params.get("limit", USUAL_LIMIT)
    after, before = (_place(call, kind, name) for name in ("starting_after", "ending_before"))
    if after is not None and before is not None:
        raise exclusive("ending_before", "starting_after")
    backwards = before is not None
    found = call.account.store.find(
        kind, where, limit=limit + 1, older_than=after, newer_than=before, oldest_first=backwards
    )
    data = found[:limit]
    return listed(call.path, data[::-1] if backwards else data, has_more=len(found) > limit)


def _place(call: Call, kind: str, name: str) -> int | None:
    identity = call.params.get(name)
    if identity is None:
        return None
    place = call.account.store.place(identity, kind)
    if place is None:
        raise no_such(kind, identity, name, status=400)
    return place


def listed(path: str, data: list[Json], *, has_more: bool = False) -> Json:
    """Return Stripe's envelope around `data`."""
    return {"object": "list", "data": data, "has_more": has_more, "url": path}
