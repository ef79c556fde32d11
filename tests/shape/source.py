"""Reading the project's own source, without running any of it."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module, and what was taken from it (nothing for `import module`).

    `from package import module` counts as that module, where there is such a file.
    """

    line: int
    name: str
    item: str = ""

    @property
    def top(self) -> str:
        """The first part: which library, or which package of ours."""
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Module:
    """One parsed file of the tree under `root`."""

    root: Path
    path: Path
    tree: ast.Module

    @property
    def parts(self) -> tuple[str, ...]:
        """The dotted name's parts: campaigns, signatures, rules."""
        return self.path.relative_to(self.root).with_suffix("").parts

    @property
    def folder(self) -> str:
        """Which part of the package it belongs to: signatures for campaigns/signatures/rules.py; else its own name."""
        return self.parts[1] if len(self.parts) > 1 else self.parts[0]

    @property
    def stem(self) -> str:
        """The file's name without .py."""
        return self.path.stem

    def at(self, line: int) -> str:
        """Return where something stands, as editors take it."""
        return f"{self.path.relative_to(self.root)}:{line}"

    def imports(self) -> Iterator[Import]:
        """Yield what the file imports anywhere, inside functions and for type checkers too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (Import(node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                yield from (Import(node.lineno, self._full(base, alias.name), alias.name) for alias in node.names)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        # One dot is the file's own package; each further dot goes one up.
        above = self.parts[: -node.level]
        return ".".join([*above, *([node.module] if node.module else [])])

    def _full(self, base: str, name: str) -> str:
        place = self.root.joinpath(*base.split("."), name)
        return f"{base}.{name}" if place.with_suffix(".py").exists() or place.is_dir() else base

    def functions(self) -> Iterator[Function]:
        """Yield each function and method, nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node

    def calls(self) -> Iterator[ast.Call]:
        """Yield each call."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node


def modules(root: Path, *places: str) -> Iterator[Module]:
    """Yield the parsed files of `places` (folders, or single files), in order."""
    for place in places:
        start = root / place
        files = sorted(start.rglob("*.py")) if start.is_dir() else [start] if start.exists() else []
        for path in files:
            yield Module(root, path, _parsed(path, path.stat().st_mtime_ns))


@cache
def _parsed(path: Path, _changed: int) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for that expression; for a call or an index within it, what stands before."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return dotted(node.func) + "()"
    return ""


def write_tree(root: Path, files: Mapping[str, str]) -> Path:
    """Write a tiny project under `root`, for a rule to be broken in."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def assert_none(complaints: Sequence[str]) -> None:
    """Fail with each complaint on a line of its own."""
    assert not complaints, "\n" + "\n".join(complaints)
