"""What an operator reads when a setting is missing or wrong: one sentence, no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.make import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[2]


def start(tmp_path: Path, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "INSTANCE_PATH": str(tmp_path), **settings}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "Set SECRET_KEY to at least 32 random characters"),
        (ENVIRONMENT | {"INSTANCE_PATH": "/dev/null/instance"}, "/dev/null/instance cannot be used: Not a directory."),
    ],
)
def test_a_wrong_setting_is_one_clear_sentence(tmp_path: Path, settings: dict[str, str], sentence: str) -> None:
    result = start(tmp_path, "-m", "flask", "--app", "app", "routes", **settings)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith(sentence)
    assert result.stderr.count("\n") == 1


def test_a_server_that_imports_the_application_reads_the_same_sentence(tmp_path: Path) -> None:
    without_a_key = {name: value for name, value in ENVIRONMENT.items() if name != "ENCRYPTION_KEY"}
    result = start(tmp_path, "-c", "import app", **without_a_key)
    assert result.returncode == 1
    assert result.stderr.startswith("Set ENCRYPTION_KEY to 32 random bytes")
    assert "Traceback" not in result.stderr
