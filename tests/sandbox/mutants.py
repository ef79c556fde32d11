"""Every way to spoil one thing in an object or a request that Stripe could have sent or taken."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]
Json = dict[str, Any]
GONE = object()
# No link of any object leads to one of these.
WRONG_OBJECT = {"id": "bal_1", "object": "balance"}


@dataclass(frozen=True)
class Mutant:
    """`what` was done at `path` to get `body`."""

    what: str
    path: Path
    body: Json

    @property
    def place(self) -> str:
        """Return the path as text; any key of metadata is *."""
        steps = [str(step) for step in self.path]
        return re.sub(r"\bmetadata\.\w+", "metadata.*", ".".join(steps))


def of_object(sound: Json, links: frozenset[str]) -> Iterator[Mutant]:
    """Yield `sound` with each of its fields dropped, made null, of another type, or another word; with a field that
    nobody knows; and with each of its links leading to an object of another kind.

    Objects of another kind inside it are left alone: they have mutants of their own.
    """
    yield Mutant("added", (), {**sound, "colour": "red"})
    for path, value in _fields(sound):
        yield _changed("dropped", sound, path, GONE)
        if value is not None:
            yield _changed("null", sound, path, None)
            yield _changed("type", sound, path, 7 if isinstance(value, str | list | dict) else "seven")
        if isinstance(value, str):
            yield _changed("word", sound, path, "blue")
        if _plain_object(value):
            yield _changed("added", sound, path, {**value, "colour": "red"})
        if path[0] in links and len(path) == 1:
            yield _changed("link", sound, path, WRONG_OBJECT)


def of_request(sound: Json) -> Iterator[Mutant]:
    """Yield the form's tree with each parameter left out, sent as something else, or with an unknown one beside it."""
    yield Mutant("added", (), {**sound, "colour": "red"})
    for path, value in _fields(sound):
        yield _changed("dropped", sound, path, GONE)
        if isinstance(value, dict):
            yield _changed("added", sound, path, {**value, "colour": "red"})
            yield _changed("type", sound, path, "seven")
        else:
            yield _changed("word", sound, path, "blue")
            yield _changed("type", sound, path, {"0": value})


def _fields(thing: Json | list[Any], above: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield the path and the value of every field; of a list only the first entry counts."""
    pairs = thing.items() if isinstance(thing, dict) else enumerate(thing[:1])
    for step, value in pairs:
        path = (*above, step)
        if isinstance(thing, dict):
            yield path, value
        if isinstance(value, list) or _plain_object(value):
            yield from _fields(value, path)


def _plain_object(value: Any) -> bool:
    return isinstance(value, dict) and not isinstance(value.get("object"), str)


def _changed(what: str, sound: Json, path: Path, value: Any) -> Mutant:
    body = here = deepcopy(sound)
    for step in path[:-1]:
        here = here[step]  # type: ignore[index]  # a path leads through lists too
    if value is GONE:
        del here[path[-1]]  # type: ignore[arg-type]
    else:
        here[path[-1]] = deepcopy(value)  # type: ignore[index]
    return Mutant(what, path, body)
