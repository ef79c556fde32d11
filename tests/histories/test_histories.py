"""A gift is booked exactly once under any order of events: thousands of random steps on each database."""

import os
import secrets
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.histories import machine
from tests.histories.site import Site

STEPS = int(os.environ.get("HISTORIES_STEPS") or 5_000)  # fewer while one looks for a fault
ROUND = settings(
    max_examples=25, stateful_step_count=50, deadline=None, derandomize=False, database=None, print_blob=True,
    suppress_health_check=list(HealthCheck), phases=[Phase.generate],
)  # fmt: skip


@pytest.mark.prove
def test_after_every_step_of_random_histories_the_books_agree_with_the_provider(
    make_site: Callable[[], Site], capsys: pytest.CaptureFixture[str]
) -> None:
    first = _first_seed()
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


def _first_seed() -> int:
    """The one that is asked for; on CI always the same: what is new there is the change, and not the dice."""
    asked, is_ci = os.environ.get("HISTORIES_SEED"), "CI" in os.environ
    return int(asked) if asked else 1 if is_ci else secrets.randbelow(10**9)
