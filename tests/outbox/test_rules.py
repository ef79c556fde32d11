"""Pauses grow, and end."""

from datetime import timedelta

from campaigns.outbox.rules import MAX_ATTEMPTS, next_try
from tests.fakes.clock import START


def test_the_first_pause_is_seconds_and_none_is_longer_than_an_hour() -> None:
    pauses = [when - START for attempt in range(1, MAX_ATTEMPTS) if (when := next_try(attempt, START))]
    assert pauses[0] == timedelta(seconds=2)
    assert max(pauses) == pauses[-1] == timedelta(hours=1)


def test_no_pause_is_shorter_than_the_one_before() -> None:
    tries = [next_try(attempt, START) for attempt in range(1, MAX_ATTEMPTS)]
    assert None not in tries
    assert tries == sorted(tries, key=str)


def test_a_night_without_a_mail_server_is_outlasted() -> None:
    pauses = [when - START for attempt in range(1, MAX_ATTEMPTS) if (when := next_try(attempt, START))]
    assert sum(pauses, timedelta()) > timedelta(hours=12)


def test_after_the_last_attempt_it_is_given_up() -> None:
    assert next_try(MAX_ATTEMPTS - 1, START) is not None
    assert next_try(MAX_ATTEMPTS, START) is None
    assert next_try(MAX_ATTEMPTS + 1, START) is None
