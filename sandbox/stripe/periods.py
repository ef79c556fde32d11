"""When a subscription's periods begin: counted from its anchor, so that the 31st comes back after February."""

import calendar
from datetime import UTC, datetime

from sandbox.stripe.store import Json

_SECONDS = {"day": 24 * 3600, "week": 7 * 24 * 3600}
_MONTHS = {"month": 1, "year": 12}


def start(anchor: int, recurring: Json, number: int) -> int:
    """Return when period `number` begins (0 begins at `anchor`); times in seconds since 1970."""
    steps = number * int(recurring["interval_count"])
    interval = recurring["interval"]
    if interval in _SECONDS:
        return anchor + steps * _SECONDS[interval]
    first = datetime.fromtimestamp(anchor, UTC)
    months = first.year * 12 + first.month - 1 + steps * _MONTHS[interval]
    year, month = divmod(months, 12)
    day = min(first.day, calendar.monthrange(year, month + 1)[1])
    return int(first.replace(year=year, month=month + 1, day=day).timestamp())
