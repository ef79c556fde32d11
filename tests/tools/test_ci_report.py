"""The run is red where a kind of test was left out that had to run."""

import pytest

pytest_plugins = ["pytester"]

A_PASSING = "import pytest\n@pytest.mark.browser\ndef test_it():\n    pass\n"
A_SKIPPED = "import pytest\n@pytest.mark.browser\ndef test_it():\n    pytest.skip('no browser')\n"
SKIPPED_BY_MARK = (
    "import pytest\n@pytest.mark.browser\n@pytest.mark.skipif(True, reason='none')\ndef test_it():\n    pass\n"
)
SKIPPED_BY_FIXTURE = """
import pytest
@pytest.fixture
def page():
    pytest.skip('no browser')
@pytest.mark.browser
def test_it(page):
    pass
"""
UNMARKED = "def test_it():\n    pass\n"


def outcome(pytester: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    pytester.makeini("[pytest]\nmarkers = browser: drives a browser")
    pytester.makepyfile(source + "\ndef test_another():\n    pass\n")
    return pytester.runpytest_inprocess("-p", "tools.ci_report", *options)


@pytest.mark.parametrize(
    ("source", "status"),
    [
        (A_PASSING, pytest.ExitCode.OK),
        (A_SKIPPED, pytest.ExitCode.TESTS_FAILED),
        (SKIPPED_BY_MARK, pytest.ExitCode.TESTS_FAILED),
        (SKIPPED_BY_FIXTURE, pytest.ExitCode.TESTS_FAILED),
        (UNMARKED, pytest.ExitCode.TESTS_FAILED),
    ],
)
def test_a_run_that_must_have_browser_tests_is_green_only_with_them(
    pytester: pytest.Pytester, source: str, status: pytest.ExitCode
) -> None:
    assert outcome(pytester, source, "--must-run=browser").ret == status


def test_the_same_run_is_green_where_nobody_asked_for_them(pytester: pytest.Pytester) -> None:
    assert outcome(pytester, A_SKIPPED).ret == pytest.ExitCode.OK


def test_the_reason_stands_above_the_closing_line(pytester: pytest.Pytester) -> None:
    lines = outcome(pytester, A_SKIPPED, "--must-run=browser").outlines
    reason = next(n for n, line in enumerate(lines) if "1 tests marked browser were left out" in line)
    assert "1 passed, 1 skipped" in lines[-1]
    assert reason < len(lines) - 1


@pytest.mark.prove
def test_the_reports_of_several_processes_are_counted_together(pytester: pytest.Pytester) -> None:
    assert outcome(pytester, A_PASSING, "--must-run=browser", "-n", "2").ret == pytest.ExitCode.OK
    assert outcome(pytester, A_SKIPPED, "--must-run=browser", "-n", "2").ret == pytest.ExitCode.TESTS_FAILED
