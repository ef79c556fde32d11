"""Files and functions stay short and say what they take and return."""

from pathlib import Path

import pytest

from tests.shape import sizes
from tests.shape.source import ROOT, assert_none, write_tree


def test_no_file_is_longer_than_one_can_hold_in_the_head() -> None:
    assert_none(sizes.long_files(ROOT))


def test_no_function_is_longer_than_a_screen() -> None:
    assert_none(sizes.long_functions(ROOT))


def test_most_functions_are_short() -> None:
    assert sizes.median_function(ROOT) <= sizes.MEDIAN_LINES


def test_every_function_says_what_it_takes_and_returns() -> None:
    assert_none(sizes.unannotated(ROOT))


@pytest.mark.parametrize(("lines", "complaints"), [(400, 0), (401, 1)])
def test_a_long_file_is_noticed(tmp_path: Path, lines: int, complaints: int) -> None:
    tree = write_tree(tmp_path, {"campaigns/pages/views.py": "\n" * lines})
    assert len(sizes.long_files(tree)) == complaints


@pytest.mark.parametrize(("lines", "complaints"), [(60, 0), (61, 1)])
def test_a_long_function_is_noticed(tmp_path: Path, lines: int, complaints: int) -> None:
    body = "    x = 1\n" * (lines - 1)
    tree = write_tree(tmp_path, {"tools/demo.py": f"def f() -> None:\n{body}"})
    assert len(sizes.long_functions(tree)) == complaints


def test_the_median_is_of_the_code_that_runs(tmp_path: Path) -> None:
    long = "def f() -> None:\n" + "    x = 1\n" * 9
    short = "def f() -> None: ...\n" * 2
    assert sizes.median_function(write_tree(tmp_path, {"campaigns/a.py": long, "tests/test_a.py": short})) == 10
    assert sizes.median_function(write_tree(tmp_path, {"sandbox/b.py": short})) == 1


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("def f(): ...", "f: return"),
        ("def f(a) -> None: ...", "f: a"),
        ("def f(*a, **b) -> None: ...", "f: a, b"),
        ("async def f(*, a) -> None: ...", "f: a"),
        ("class A:\n    def f(self): ...", "f: return"),
        ("def f() -> None:\n    def g(): ...", "g: return"),
    ],
)
def test_a_missing_annotation_is_noticed(tmp_path: Path, text: str, missing: str) -> None:
    tree = write_tree(tmp_path, {"campaigns/a.py": text})
    assert [complaint.partition(" ")[2] for complaint in sizes.unannotated(tree)] == [missing]


def test_self_and_cls_need_no_annotation(tmp_path: Path) -> None:
    text = "class A:\n    def f(self) -> None: ...\n    @classmethod\n    def g(cls) -> None: ..."
    assert sizes.unannotated(write_tree(tmp_path, {"campaigns/a.py": text})) == []
