"""A gift is booked exactly once under any order of events: thousands of random steps on each database."""

import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from campaigns.db import make_engine
from tests.conftest import TEMPLATE
from tests.databases import drop_database, fresh_database
from tests.histories import machine
from tests.histories.site import Site
from tests.make import appeal

STEPS = 300
ROUND = settings(
    max_examples=3, stateful_step_count=50, deadline=None, derandomize=False, database=None, print_blob=True,
    suppress_health_check=list(HealthCheck), phases=[Phase.generate],
)  # fmt: skip


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def make_site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Site]]:
    """A maker of sites, each on a fresh database."""
    undo: list[Callable[[], None]] = []

    def close() -> None:
        while undo:
            undo.pop()()

    def make() -> Site:
        close()
        if request.param == "sqlite":
            path = tmp_path / "site.sqlite3"
            shutil.copy(request.getfixturevalue("sqlite_template"), path)
            url = f"sqlite:///{path}"
        else:
            server = request.getfixturevalue("postgres")
            url = fresh_database(server, TEMPLATE)
            undo.append(lambda: drop_database(server, url))
        engine = make_engine(url)
        undo.append(engine.dispose)
        return Site.new(engine, url, tmp_path, appeal())

    yield make
    close()


@pytest.mark.prove
def test_after_every_step_of_random_histories_the_books_agree_with_the_provider(
    make_site: Callable[[], Site], capsys: pytest.CaptureFixture[str]
) -> None:
    first = int(os.environ.get("HISTORIES_SEED") or secrets.randbelow(10**9))
    histories, begun = machine.configured(make_site), time.monotonic()
    for number in range(first, first + 1_000):
        with capsys.disabled():
            print(f"\nhistories from HISTORIES_SEED={number}", flush=True)
        run_state_machine_as_test(seed(number)(histories), settings=ROUND)
        if machine.steps_of(histories) >= STEPS:
            break
    with capsys.disabled():
        print(f"\n{dict(histories.steps)} in {time.monotonic() - begun:.0f} s")
    assert machine.steps_of(histories) >= STEPS
