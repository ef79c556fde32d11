"""Pure decisions about numbers that a partner sees: none of them may say who signed.

Why these numbers: docs/decisions/0012-partners-and-news.md.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

FEWEST_SHOWN: Final = 10
STEP: Final = 5
DAYS_SHOWN: Final = 14


def shown(number: int) -> int | None:
    """Return a number as a partner reads it: rounded down to a multiple of STEP; None for fewer than FEWEST_SHOWN.

    Nobody is told from one look to the next that exactly one person more has signed.
    """
    return number // STEP * STEP if number >= FEWEST_SHOWN else None


def last_midnight(now: datetime) -> datetime:
    """Return the end of the last whole day (UTC): a partner's numbers stand still until the next."""
    return datetime.combine(now.astimezone(UTC).date(), time(), UTC)


def days_before(until: datetime) -> list[date]:
    """Return the whole days that a partner's page shows, the newest first. `until` is a midnight."""
    return [(until - timedelta(days=back)).date() for back in range(1, DAYS_SHOWN + 1)]
