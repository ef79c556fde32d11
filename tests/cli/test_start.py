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


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in ENVIRONMENT.items() if key != name}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "Set SECRET_KEY to at least 32 random characters"),
        (without("ENCRYPTION_KEY"), "Set ENCRYPTION_KEY to 32 random bytes"),
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
    result = start(tmp_path, "-c", "import app")
    assert result.returncode == 1
    assert result.stderr.startswith("Set SECRET_KEY")
    assert "Traceback" not in result.stderr


def test_with_its_settings_the_application_is_there(tmp_path: Path) -> None:
    result = start(tmp_path, "-W", "error", "-c", "from app import app; print(app.name)", **ENVIRONMENT)
    assert (result.returncode, result.stdout, result.stderr) == (0, "campaigns\n", "")
