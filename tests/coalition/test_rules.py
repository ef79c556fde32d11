"""What a partner reads must not say who signed."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from campaigns.coalition.rules import days_before, last_midnight, shown


@pytest.mark.parametrize(
    ("number", "read"), [(0, None), (1, None), (9, None), (10, 10), (11, 10), (14, 10), (15, 15), (7114, 7110)]
)
def test_a_number_is_rounded_down_and_few_are_not_told(number: int, read: int | None) -> None:
    assert shown(number) == read


def test_one_person_more_or_less_among_few_is_never_seen() -> None:
    assert {shown(number) for number in range(10)} == {None}


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        (datetime(2026, 5, 4, 0, 0, tzinfo=UTC), datetime(2026, 5, 4, tzinfo=UTC)),
        (datetime(2026, 5, 4, 23, 59, 59, tzinfo=UTC), datetime(2026, 5, 4, tzinfo=UTC)),
        (datetime(2026, 5, 5, 1, 0, tzinfo=timezone(timedelta(hours=2))), datetime(2026, 5, 4, tzinfo=UTC)),
    ],
)
def test_numbers_stand_still_from_midnight_to_midnight(now: datetime, midnight: datetime) -> None:
    assert last_midnight(now) == midnight


def test_the_days_end_with_the_last_whole_one() -> None:
    days = days_before(datetime(2026, 5, 4, tzinfo=UTC))
    assert len(days) == 14
    assert (days[0], days[-1]) == (date(2026, 5, 3), date(2026, 4, 20))
