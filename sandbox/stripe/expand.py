"""Showing an object: links become whole objects where `expand` asks for it."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from sandbox.stripe import shapes
from sandbox.stripe.account import Account
from sandbox.stripe.errors import ApiError
from sandbox.stripe.store import Json

# https://docs.stripe.com/expand: "Expansions have a maximum depth of four levels."
DEEPEST = 4
# What the stand-in itself must remember about an object stands under this name and is never shown.
HIDDEN = "_"

Maker = Callable[[Account, Json], Json]

# Lists that are shown only when asked for, by kind and name.
INCLUDED: dict[tuple[str, str], Maker] = {}


def included(kind: str, name: str) -> Callable[[Maker], Maker]:
    """Register a function that makes a list shown only when `expand` names it."""

    def keep(maker: Maker) -> Maker:
        INCLUDED[kind, name] = maker
        return maker

    return keep


def check(paths: Iterable[str]) -> None:
    """Raise ApiError for a path deeper than Stripe allows."""
    for path in paths:
        if path.count(".") >= DEEPEST:
            text = f"You cannot expand more than {DEEPEST} levels of a property. You tried to expand {path}."
            raise ApiError(text, param="expand")


def show(account: Account, thing: Json, paths: Iterable[str] = ()) -> Json:
    """Return a copy of `thing` as Stripe sends it, with every one of `paths` expanded. Raises ApiError."""
    shown: Json = {name: deepcopy(value) for name, value in thing.items() if name != HIDDEN}
    if shown.get("object") == "list":
        shown["data"] = [show(account, entry) for entry in thing["data"]]
    absent = shapes.links(shown.get("object", "")) - thing.keys()  # a link that is left out stays out
    for head, tails in _branches(paths).items():
        if head in absent:
            continue
        shown[head] = _opened(account, thing, head, tails)
    return shown


def _branches(paths: Iterable[str]) -> dict[str, list[str]]:
    """Sort paths by their first step: `a.b`, `a.c`, `d` give {a: [b, c], d: []}."""
    branches: dict[str, list[str]] = {}
    for path in paths:
        head, _, tail = path.partition(".")
        branches.setdefault(head, []).extend([tail] if tail else [])
    return branches


def _opened(account: Account, thing: Json, name: str, tails: list[str]) -> Any:
    kind = thing.get("object", "")
    value = thing.get(name)
    if (kind, name) in INCLUDED:
        return show(account, INCLUDED[kind, name](account, thing), tails)
    if kind == "list" and name == "data":
        return [show(account, entry, tails) for entry in thing["data"]]
    if name in shapes.links(kind):
        return show(account, account.store.must(value), tails) if isinstance(value, str) else value
    if isinstance(value, dict) and tails:
        return show(account, value, tails)
    raise ApiError(f"This property cannot be expanded ({name}).", param="expand")
