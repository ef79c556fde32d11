"""An oracle for Stripe's wire format: the classes and parameter types that stripe-python is generated with.

`check_call(method, path, sent, status, body)` and `check_object(body)` return what is wrong, a sentence each.
`stripe_document` offers the same two functions, and the recorder asks both.

The source is read, not run: many names are imported for type checkers only. Enums are typed `Literal[...] | str`, and
here only the literals count. What it cannot see: whether an optional field may be absent or must be null.
"""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import stripe
from stripe._object_classes import OBJECT_CLASSES

_ROOT = Path(stripe.__file__).parent
# How JSON writes each plain type, and how a form does.
_PLAIN: dict[str, tuple[Any, str]] = {
    "int": (int, r"-?\d+"), "bool": (bool, "true|false"), "float": ((int, float), r"-?[\d.]+"),
    "str": (str, "(?s).*"), "Decimal": (str, r"-?[\d.]+"),
}  # fmt: skip


@dataclass(frozen=True)
class Scope:
    """A class of the SDK, with the classes around it: where a name in its annotations is looked up."""

    module: str
    chain: tuple[ast.ClassDef, ...] = ()

    @cache  # noqa: B019 - there are as many scopes as classes
    def find(self, name: str) -> "Scope | None":
        """Return the class that `name` means here, or None for a name that is no class of the SDK."""
        for depth in range(len(self.chain), 0, -1):
            inside = [n for n in self.chain[depth - 1].body if isinstance(n, ast.ClassDef) and n.name == name]
            if inside:
                return Scope(self.module, (*self.chain[:depth], inside[0]))
        found = _names(self.module).get(name)
        if isinstance(found, ast.ClassDef):
            return Scope(self.module, (found,))
        return Scope(found[0]).find(found[1]) if found and found[0].startswith("stripe.") else None

    @cache  # noqa: B019
    def fields(self) -> dict[str, ast.expr]:
        """Return the annotations of the class; what it takes from a parent is not part of the wire format."""
        named = {ast.unparse(n.target): n.annotation for n in self.chain[-1].body if isinstance(n, ast.AnnAssign)}
        return {name: kind for name, kind in named.items() if not _source(kind).startswith("ClassVar")}

    @cache  # noqa: B019
    def needed(self) -> frozenset[str]:
        """Return the fields that are always there."""
        open_ended = ("NotRequired[", "Optional[")
        return frozenset(name for name, kind in self.fields().items() if not _source(kind).startswith(open_ended))


@cache
def _source(kind: ast.expr) -> str:
    return ast.unparse(kind)


@cache
def _read(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@cache
def _names(module: str) -> dict[str, Any]:
    """Return the top-level classes of a module and what it imports, also for type checkers only."""
    names: dict[str, Any] = {}
    path = _ROOT.parent / (module.replace(".", "/") + ".py")
    for node in ast.walk(ast.parse(path.read_text("utf-8"))) if path.exists() else ():
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
        elif isinstance(node, ast.ClassDef):
            names.setdefault(node.name, node)
    return names


@cache
def routes() -> dict[tuple[str, str], tuple[Scope, str | None, ast.expr]]:
    """Return, for each (method, path pattern): where it is defined, its parameters' class, and what it returns."""
    found: dict[tuple[str, str], tuple[Scope, str | None, ast.expr]] = {}
    for file in _ROOT.rglob("*_service.py"):
        scope = Scope(".".join(file.relative_to(_ROOT.parent).with_suffix("").parts))
        for method in (n for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, ast.FunctionDef)):
            call = re.search(r"self\._request\('(\w+)', '(/v1/[^']*)'", ast.unparse(method))
            if call and method.returns:
                params = re.search(r"params: .*?(\w+Params)\b", ast.unparse(method.args))
                found[call[1].upper(), call[2]] = (scope, params and params[1], method.returns)
    return found


def check_call(method: str, path: str, sent: dict[str, Any], status: int, body: dict[str, Any]) -> list[str]:
    """Return what is wrong with one request (its form as a tree) and, where it was accepted, with the answer."""
    keys = [key for key in routes() if key[0] == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", key[1]), path)]
    if not keys:
        return [f"{method} {path}: no such route"]
    scope, params, returns = routes()[keys[0]]
    shape = scope.find(params) if params else None
    problems = _class(sent, shape, f"{method} {path}", True) if shape else [f"{name}: unknown" for name in sent]
    return problems + (_check(body, returns, scope, body.get("object", "?"), False) if status == 200 else [])


def check_object(body: dict[str, Any]) -> list[str]:
    """Return what is wrong with one object, which says itself of what kind it is."""
    module, name = OBJECT_CLASSES[body["object"]]
    return _class(body, Scope(module).find(name), body["object"], False)


def _class(value: Any, scope: Scope | None, at: str, wire: bool) -> list[str]:
    if not isinstance(value, dict) or scope is None:
        return [f"{at}: {value!r} is not an object"]
    fields = scope.fields()
    problems = [f"{at}.{name}: missing" for name in scope.needed() - value.keys()]
    problems += [f"{at}.{name}: unknown" for name in value.keys() - fields.keys()]
    for name in value.keys() & fields.keys():
        problems += _check(value[name], fields[name], scope, f"{at}.{name}", wire)
    return problems


def _check(value: Any, kind: ast.expr, scope: Scope, at: str, wire: bool) -> list[str]:
    match kind:
        case ast.Constant(value=str(text)):
            return _check(value, _read(text), scope, at, wire)
        case ast.BinOp(left=left, right=right):
            return _either(value, [left, right], scope, at, wire)
        case ast.Subscript(value=ast.Name(id=outer), slice=inner):
            return _generic(value, outer, inner, scope, at, wire)
        case ast.Name(id=name):
            return _plain(value, name, scope, at, wire)
    return [f"{at}: cannot read {ast.unparse(kind)}"]


def _generic(value: Any, outer: str, inner: ast.expr, scope: Scope, at: str, wire: bool) -> list[str]:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if outer == "Literal":
        known = value in [part.value for part in parts if isinstance(part, ast.Constant)]
        return [] if known else [f"{at}: {value!r} is not one of its words"]
    if outer in ("Optional", "NotRequired", "ExpandableField"):
        short = (outer == "Optional" and value is None) or (outer == "ExpandableField" and isinstance(value, str))
        return [] if short else _check(value, inner, scope, at, wire)
    if outer == "Union":
        return _either(value, parts, scope, at, wire)
    if outer in ("Dict", "UntypedStripeObject"):
        if not isinstance(value, dict):
            return [f"{at}: {value!r} is not an object"]
        return [bad for name, part in value.items() for bad in _check(part, parts[-1], scope, f"{at}[{name}]", wire)]
    if outer == "ListObject":
        envelope = isinstance(value, dict) and value.keys() == {"object", "data", "has_more", "url"}
        return _generic(value["data"], "List", inner, scope, at, wire) if envelope else [f"{at}: not a list object"]
    entries = list(value.values()) if wire and isinstance(value, dict) else value
    if outer == "List" and isinstance(entries, list):
        return [bad for n, entry in enumerate(entries) for bad in _check(entry, inner, scope, f"{at}[{n}]", wire)]
    return [f"{at}: {value!r} is not a list"]


def _either(value: Any, kinds: list[ast.expr], scope: Scope, at: str, wire: bool) -> list[str]:
    words = {_source(kind) for kind in kinds} - {"Literal['']"}  # the empty text beside any other takes a value away
    if any(word.startswith("Literal[") for word in words):
        kinds = [kind for kind in kinds if _source(kind) != "str"]
    return min((_check(value, kind, scope, at, wire) for kind in kinds), key=len)


def _plain(value: Any, name: str, scope: Scope, at: str, wire: bool) -> list[str]:
    if name not in _PLAIN:
        return [] if name == "Any" else _class(value, scope.find(name), at, wire)
    json_type, pattern = _PLAIN[name]
    in_json = isinstance(value, json_type) and (name == "bool") == isinstance(value, bool)
    in_form = isinstance(value, str) and bool(re.fullmatch(pattern, value))
    return [] if (in_form if wire else in_json) else [f"{at}: {value!r} is not {name}"]
