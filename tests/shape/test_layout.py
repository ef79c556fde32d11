"""The tests mirror the package, and every dependency is accounted for."""

import re
from pathlib import Path

import pytest

from tests.shape.source import ROOT, assert_none, write_tree

# Folders of tests that stand for no folder of the package.
ACROSS = {"deploy", "fakes", "faults", "fuzz", "histories", "journeys", "shape"}
ELSEWHERE = {"sandbox", "tools", "bench", "migrations"}
LISTS = ("requirements.in", "requirements-dev.in")


def folders_without_a_twin(root: Path) -> list[str]:
    """Return each folder of tests for which there is nothing of that name to test."""
    folders = sorted(path.name for path in (root / "tests").iterdir() if path.is_dir() and any(path.glob("*.py")))
    return [f"tests/{name} mirrors nothing" for name in folders if name not in ACROSS and not _is_tested(root, name)]


def _is_tested(root: Path, name: str) -> bool:
    inside = root / "campaigns" / name
    return inside.is_dir() or inside.with_suffix(".py").exists() or (name in ELSEWHERE and (root / name).is_dir())


def misplaced_tests(root: Path) -> list[str]:
    """Return each test file that stands in no folder of its own, or whose name no tool would find."""
    loose = [path.name for path in (root / "tests").glob("test_*.py")]
    return [f"tests/{name} belongs into a folder" for name in sorted(loose) if name != "test_settings.py"]


def unexplained_dependencies(root: Path) -> list[str]:
    """Return each direct dependency that docs/dependencies.md does not name in a table."""
    page = root / "docs" / "dependencies.md"
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    explained = set(re.findall(r"^\| `([^`]+)`", text, re.MULTILINE))
    return [f"{name}: {line}" for name in LISTS for line in _direct(root / name) if line not in explained]


def _direct(file: Path) -> list[str]:
    lines = [line.split("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines()]
    return [re.split(r"[<>=!~; ]", line)[0] for line in lines if line and not line.startswith("-")]


def test_every_folder_of_tests_mirrors_one_of_the_package() -> None:
    assert_none(folders_without_a_twin(ROOT))


def test_every_test_stands_in_the_folder_of_what_it_tests() -> None:
    assert_none(misplaced_tests(ROOT))


def test_every_direct_dependency_is_accounted_for() -> None:
    assert_none(unexplained_dependencies(ROOT))


@pytest.mark.parametrize(
    ("folder", "complaints"),
    [
        ("signatures", []),
        ("settings", []),
        ("tools", []),
        ("journeys", []),
        ("drawer", ["tests/drawer mirrors nothing"]),
        ("migrations", ["tests/migrations mirrors nothing"]),
    ],
)
def test_a_folder_of_tests_for_nothing_is_noticed(tmp_path: Path, folder: str, complaints: list[str]) -> None:
    code = ("campaigns/signatures/rules.py", "campaigns/settings.py", "tools/demo.py")
    tree = write_tree(tmp_path, dict.fromkeys((*code, f"tests/{folder}/test_a.py"), ""))
    assert folders_without_a_twin(tree) == complaints


def test_a_test_without_a_folder_is_noticed(tmp_path: Path) -> None:
    assert misplaced_tests(write_tree(tmp_path, {"tests/test_things.py": ""})) != []


def test_a_dependency_that_nobody_explains_is_noticed(tmp_path: Path) -> None:
    files = {
        "requirements.in": "# what for\nflask>=3.1,<3.2\nflask-security[mfa]>=5.9\nsegno\n",
        "requirements-dev.in": "-c requirements.txt\npytest\n",
        "docs/dependencies.md": "| `flask` | a |\n| `flask-security[mfa]` | b |\nsegno draws\n| `pytest` | c |\n",
    }
    assert unexplained_dependencies(write_tree(tmp_path, files)) == ["requirements.in: segno"]
