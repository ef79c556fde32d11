"""What each door that a browser opens by GET reads of the query in its address (what stands after the "?")."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.shape.source import Function, Module, dotted, modules

# Stands for whatever nobody can name who reads the source.
ANYTHING = "*"
WHOLE = {"request.values", "request.query_string", "request.full_path"}
_IN_TEMPLATES = re.compile(
    r"""['"](\w+)['"] (?:not )?in request\.args"""
    r"""|request\.args(?:(?:\.get\(|\[)['"](\w+)|\.(?!get\b)(\w+)|)"""
)
_Place = tuple[str, str]  # a module's name, and a name in it


def doors(root: Path) -> dict[str, set[str]]:
    """Return each GET door of the package by its endpoint, with the names that it, or what it uses, reads."""
    source = Source(root)
    return {
        endpoint: source.read_by((name, view.name))
        for name, module in source.modules.items()
        for endpoint, view in _views(module)
    }


def read_by_templates(root: Path) -> dict[str, set[str]]:
    """Return each template that reads the query itself, with the names."""
    found: dict[str, set[str]] = {}
    for path in sorted((root / "templates").rglob("*.html")):
        for match in _IN_TEMPLATES.finditer(path.read_text(encoding="utf-8")):
            name = next(filter(None, match.groups()), ANYTHING)
            found.setdefault(path.relative_to(root / "templates").as_posix(), set()).add(name)
    return found


def _views(module: Module) -> Iterator[tuple[str, Function]]:
    blueprint = next((_text(call.args[0]) for call in module.calls() if dotted(call.func) == "Blueprint"), "")
    for view in module.functions():
        for call in view.decorator_list:
            if isinstance(call, ast.Call) and _takes_get(call):
                named = [_text(word.value) for word in call.keywords if word.arg == "endpoint"]
                yield f"{blueprint}.{(named or [view.name])[0]}", view


def _takes_get(call: ast.Call) -> bool:
    return dotted(call.func).rpartition(".")[2] in ("get", "route")


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ANYTHING


class Source:
    """The package, each name in it followed to where it is defined."""

    def __init__(self, root: Path) -> None:
        self.modules = {
            ".".join(module.parts).removesuffix(".__init__"): module for module in modules(root, "campaigns")
        }
        self.imported = {name: dict(self._imports(module)) for name, module in self.modules.items()}
        self.defined: Mapping[str, Mapping[str, ast.stmt]] = {
            name: {node.name: node for node in module.tree.body if isinstance(node, Function | ast.ClassDef)}
            for name, module in self.modules.items()
        }

    def _imports(self, module: Module) -> Iterator[tuple[str, _Place]]:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("campaigns"):
                for alias in node.names:
                    yield alias.asname or alias.name, (node.module or "", alias.name)

    def read_by(self, view: _Place) -> set[str]:
        """Return the names that a function reads of the query, and all that it uses anywhere in the package."""
        found, seen, waiting = set[str](), set[_Place](), [view]
        while waiting:
            place = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            module, name = place
            if name in self.imported.get(module, {}):
                waiting.append(self.imported[module][name])
            elif node := self.defined.get(module, {}).get(name):
                found |= set(_names_read(node))
                waiting += self._used(module, node)
        return found

    def _used(self, module: str, node: ast.stmt) -> Iterator[_Place]:
        """Yield what a function names and does not make itself. A decorator is another's."""
        own = {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
        own |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
        for each in _body(node):
            if isinstance(each, ast.Name) and each.id not in own:
                yield module, each.id
            elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
                package, name = self.imported[module].get(each.value.id, ("", ""))
                yield f"{package}.{name}", each.attr


def _body(node: ast.stmt) -> Iterator[ast.AST]:
    for statement in getattr(node, "body", []):
        yield from ast.walk(statement)


def _names_read(node: ast.stmt) -> Iterator[str]:
    parents = {child: parent for parent in _body(node) for child in ast.iter_child_nodes(parent)}
    for each in parents:
        if isinstance(each, ast.Attribute) and dotted(each) in WHOLE:
            yield ANYTHING
        elif isinstance(each, ast.Attribute) and dotted(each) == "request.args":
            yield from _told(_key(each, parents), node)


def _key(args: ast.Attribute, parents: Mapping[ast.AST, ast.AST]) -> ast.AST | None:
    """Return the expression under which `request.args` is read, or None where all of it is handed on."""
    around = parents[args]
    match around:
        case ast.Attribute(attr="get" | "getlist"):
            call = parents[around]
            return call.args[0] if isinstance(call, ast.Call) and call.args else None
        case ast.Subscript():
            return around.slice
        case ast.Compare(ops=[ast.In() | ast.NotIn()]):
            return around.left
    return None


def _told(key: ast.AST | None, node: ast.stmt) -> Iterator[str]:
    """Yield the names that `key` stands for: a text, or a loop's variable over texts."""
    loops = [each for each in _body(node) if isinstance(each, ast.comprehension | ast.For)]
    over = [each.iter for each in loops if isinstance(key, ast.Name) and ast.unparse(each.target) == key.id]
    if over and isinstance(over[0], ast.Tuple | ast.List):
        yield from map(_text, over[0].elts)
    else:
        yield _text(key) if isinstance(key, ast.expr) else ANYTHING
