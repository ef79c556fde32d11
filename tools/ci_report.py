"""A pytest plugin: fail where tests of a kind were left out that this machine has to run.

    python -m pytest -p tools.ci_report --must-run=browser --must-run=postgresql

Without it a machine that lacks a browser skips the browser's tests and is green all the same.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import pytest


class MustRun:
    """Counts, for each wanted marker, the tests that ran and those that were left out."""

    def __init__(self, markers: Sequence[str]) -> None:
        self.markers = tuple(markers)
        self.ran: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one report; under xdist they come in from the workers, with their keywords."""
        for marker in self.markers:
            if marker not in report.keywords:
                continue
            if report.skipped:
                self.left_out[marker] += 1
            elif report.when == "call":
                self.ran[marker] += 1

    def complaints(self) -> Iterator[str]:
        """Yield one sentence for each marker that was not honoured."""
        for marker in self.markers:
            if self.left_out[marker]:
                yield f"{self.left_out[marker]} tests marked {marker} were left out, and this run has to run them."
            elif not self.ran[marker]:
                yield f"No test marked {marker} ran, and this run needs some."

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn a green run red where there is a complaint."""
        if session.exitstatus == pytest.ExitCode.OK and any(self.complaints()):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say why, above pytest's closing line."""
        for complaint in self.complaints():
            terminalreporter.write_line(complaint, red=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --must-run."""
    parser.addoption(
        "--must-run", action="append", default=[], metavar="MARKER", help="fail unless all tests with this marker ran"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Count where somebody asked to, and in one process only: xdist's workers report to it."""
    markers = config.getoption("--must-run")
    if markers and not hasattr(config, "workerinput"):
        config.pluginmanager.register(MustRun(markers), "must-run")
