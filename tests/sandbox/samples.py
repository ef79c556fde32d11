"""Sound objects and requests of every kind, picked from a story: the ones with most in them. Copy before you spoil."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from tests.sandbox.driving import Exchange
from tests.sandbox.mutants import Json
from tests.sandbox.story import Story

_ID = re.compile(r"/(?=\w*\d)[a-z]+_\w+$")  # no list's address has a figure in its last word


@cache
def objects(story: Story) -> dict[str, Json]:
    """Return one object of each kind but lists; what stands inside another object counts too."""
    answers = [seen.body for seen in (*story.asked, *story.seen) if seen.status == 200]
    picked: dict[str, Json] = {}
    for thing in _objects([answers, story.told]):
        if thing["object"] != "list" and _filled(thing) > _filled(picked.get(thing["object"], {})):
            picked[thing["object"]] = thing
    return picked


@cache
def requests(story: Story) -> dict[str, Exchange]:
    """Return the accepted request with most in it, by method and address; one line is enough."""
    picked: dict[str, Exchange] = {}
    for seen in story.asked:
        place = f"{seen.method} {_ID.sub('/*', seen.path)}"
        best = picked.get(place)
        lines = len(seen.sent.get("line_items", ()))
        if seen.status == 200 and lines < 2 and (best is None or len(str(seen.sent)) > len(str(best.sent))):
            picked[place] = seen
    return picked


def _objects(thing: Any) -> Iterator[Json]:
    if isinstance(thing, dict):
        if isinstance(thing.get("object"), str):
            yield thing
        thing = [*thing.values()]
    if isinstance(thing, list):
        for part in thing:
            yield from _objects(part)


def _filled(thing: Json) -> int:
    """Return how many fields hold something, in the object and in what stands in it."""
    inside = sum(_filled(value) for value in thing.values() if isinstance(value, dict))
    return inside + sum(value is not None for value in thing.values())
