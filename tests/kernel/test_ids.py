"""Identifiers: rows in the order they were made, addresses that nobody guesses."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from campaigns.kernel.ids import derived_id, public_id, row_id

times = st.datetimes(datetime(1970, 1, 2), datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  (Hypothesis adds the zone)


@given(times)
def test_a_row_id_is_a_uuid_of_version_7(now: datetime) -> None:
    made = row_id(now)
    assert (made.version, made.variant) == (7, RFC_4122)
    assert abs((made.int >> 80) - now.timestamp() * 1000) <= 1


@given(times, st.timedeltas(timedelta(milliseconds=2), timedelta(days=1000)))
def test_rows_made_later_sort_later_as_numbers_and_as_text(now: datetime, later: timedelta) -> None:
    first, second = row_id(now), row_id(min(now + later, datetime(9999, 6, 1, tzinfo=UTC)))
    assert first < second
    assert first.hex < second.hex
    assert str(first) < str(second)


def test_rows_made_at_the_same_instant_differ() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    assert len({row_id(now) for _ in range(1000)}) == 1000


def test_the_zone_of_the_clock_makes_no_difference() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    assert row_id(now).int >> 80 == row_id(now.astimezone(timezone(timedelta(hours=5)))).int >> 80


def test_a_public_id_fits_an_address_and_never_repeats() -> None:
    made = {public_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(each) == 16 and each.isascii() and each.replace("-", "").replace("_", "").isalnum() for each in made)


def test_what_is_derived_of_a_digest_is_the_same_each_time_and_says_what_it_is() -> None:
    digests = [bytes([number]) * 32 for number in range(256)]
    made = [derived_id(digest) for digest in digests]
    assert made == [derived_id(digest) for digest in digests]
    assert len(set(made)) == 256
    assert {(each.version, each.variant) for each in made} == {(8, RFC_4122)}
