"""Stripe's form encoding: `a[b][0][c]=v` is a tree."""

import re
from collections.abc import Iterable

from sandbox.stripe.errors import ApiError

# What a request carries before it is checked: text at the leaves, and mappings above them.
Tree = dict[str, "str | Tree"]

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def tree(pairs: Iterable[tuple[str, str]]) -> Tree:
    """Return the tree that the names spell; `[]` counts up from 0. Raises ApiError for a name that spells none."""
    root: Tree = {}
    for name, value in pairs:
        *branches, leaf = _steps(name)
        here = root
        for step in branches:
            below = here.setdefault(_numbered(step, here), {})
            if isinstance(below, str):
                raise ApiError(f"Invalid {name}: it is sent both as a value and as an object.", param=name)
            here = below
        here[_numbered(leaf, here)] = value
    return root


def _steps(name: str) -> list[str]:
    match = _NAME.fullmatch(name)
    if not match:
        raise ApiError(f"Invalid parameter name: {name}", param=name)
    return [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]


def _numbered(step: str, here: Tree) -> str:
    return step or str(len(here))
