"""What a page shows of several features together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.pages.queries import CountShown


@pytest.mark.parametrize(
    ("total", "goal", "shown_goal", "fraction"),
    [(0, 100, 100, 0), (25, 100, 100, 0.25), (99, 100, 100, 0.99), (100, 100, 250, 0.4), (10**6, 5, 2 * 10**6, 0.5)],
)
def test_the_meter_stands_between_nothing_and_the_next_goal(
    total: int, goal: int, shown_goal: int, fraction: float
) -> None:
    count = CountShown.of(total, goal)
    assert (count.goal, count.fraction) == (shown_goal, fraction)
    assert count.is_first is (total == 0)


@given(st.integers(0, 10**8), st.integers(1, 10**8))
def test_the_meter_is_never_full_before_its_goal(total: int, goal: int) -> None:
    assert 0 <= CountShown.of(total, goal).fraction < 1
