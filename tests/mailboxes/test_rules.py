"""How often, and for how long, a link to somebody's own page is given out."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.mailboxes import rules


@pytest.mark.parametrize(("so_far", "may"), [(0, True), (rules.ASKED_A_DAY - 1, True), (rules.ASKED_A_DAY, False)])
def test_a_few_links_a_day_may_be_asked_for(so_far: int, may: bool) -> None:
    assert rules.may_ask(so_far) is may


def test_links_are_counted_for_a_day() -> None:
    now = datetime(2026, 5, 4, tzinfo=UTC)
    assert now - rules.counted_since(now) == timedelta(days=1)


def test_a_link_works_for_the_seven_days_that_the_pages_say() -> None:
    assert timedelta(days=7) == rules.LINK_LIFETIME
    assert rules.ASKED_A_DAY == 3
