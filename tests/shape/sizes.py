"""How long files and functions are, and whether they say what they return."""

import ast
import statistics
from pathlib import Path

from tests.shape.source import Function, modules

CODE = ("campaigns", "sandbox", "tools", "bench", "app.py")
WITH_TESTS = (*CODE, "tests")
FILE_LINES = 400
FUNCTION_LINES = 60
MEDIAN_LINES = 8


def lines_of(function: Function) -> int:
    """Return the lines of a function with its signature and sentence, without its decorators."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def long_files(root: Path) -> list[str]:
    """Return each file of more than FILE_LINES lines."""
    sizes = [
        (module, len(module.path.read_text(encoding="utf-8").splitlines())) for module in modules(root, *WITH_TESTS)
    ]
    return [f"{module.at(size)} {size} lines" for module, size in sizes if size > FILE_LINES]


def long_functions(root: Path) -> list[str]:
    """Return each function of more than FUNCTION_LINES lines."""
    return [
        f"{module.at(function.lineno)} {function.name}: {lines_of(function)} lines"
        for module in modules(root, *WITH_TESTS)
        for function in module.functions()
        if lines_of(function) > FUNCTION_LINES
    ]


def median_function(root: Path) -> float:
    """Return the median length of the functions that run; nothing at all counts as 0."""
    sizes = [lines_of(function) for module in modules(root, *CODE) for function in module.functions()]
    return statistics.median(sizes) if sizes else 0


def unannotated(root: Path) -> list[str]:
    """Return each function that does not say what it returns, and each parameter without a type."""
    return [
        f"{module.at(function.lineno)} {function.name}: {missing}"
        for module in modules(root, *WITH_TESTS)
        for function in module.functions()
        if (missing := ", ".join(_unannotated_in(function)))
    ]


def _unannotated_in(function: Function) -> list[str]:
    every = function.args
    given = [*every.posonlyargs, *every.args, *every.kwonlyargs, *filter(None, [every.vararg, every.kwarg])]
    bare = [argument.arg for argument in given if argument.annotation is None and not _is_self(argument, function)]
    return bare if function.returns else [*bare, "return"]


def _is_self(argument: ast.arg, function: Function) -> bool:
    return argument.arg in ("self", "cls") and argument is (function.args.posonlyargs + function.args.args)[0]
