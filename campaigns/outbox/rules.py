"""When something due is tried again, and when it is given up."""

from datetime import datetime, timedelta

# Longer than a mail or a call takes (each step is given up after 20 s), short enough that a supporter still waits.
LEASE = timedelta(minutes=2)
# A list of 100,000 names takes minutes to print.
SLOW_LEASE = timedelta(minutes=15)
MAX_ATTEMPTS = 24
_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (2, 10, 60, 300, 900))
_LAST_PAUSE = timedelta(hours=1)


def next_try(attempts: int, now: datetime) -> datetime | None:
    """Return when to try again after `attempts` failures, or None to give up and show it to a person."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return now + (_PAUSES[attempts - 1] if attempts <= len(_PAUSES) else _LAST_PAUSE)
