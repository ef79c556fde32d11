"""How Stripe's objects look: for each kind the fields it always has, and which of them are links to other objects.

The skeletons hold every field that Stripe's OpenAPI document (2026-05-27.dahlia, MIT) calls required or nullable, and
what the generated classes of stripe-python 16.1.0 (2026-10-28.endive) add.
"""

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.stripe.store import Json

_SKELETONS = Path(__file__).with_name("skeletons")


@cache
def _skeleton(kind: str) -> Json:
    body: Json = json.loads((_SKELETONS / f"{kind}.json").read_text("utf-8"))
    return body


def blank(kind: str, **fields: Any) -> Json:
    """Return a new object of `kind` with `fields` filled in; raises KeyError for a field the kind does not have."""
    made: Json = deepcopy(_skeleton(kind)["fields"])
    unknown = fields.keys() - made.keys()
    if unknown:
        raise KeyError(f"{kind} has no {', '.join(sorted(unknown))}")
    return made | fields


def links(kind: str) -> frozenset[str]:
    """Return the names of the fields of `kind` that hold another object's id and can be expanded."""
    return frozenset(_skeleton(kind)["links"]) if (_SKELETONS / f"{kind}.json").exists() else frozenset()
