"""Pure decisions about the link to a supporter's own page."""

from datetime import datetime, timedelta
from typing import Final

LINK_PURPOSE: Final = "own page"
LINK_LIFETIME: Final = timedelta(days=7)
ASKED_A_DAY: Final = 3


def may_ask(links_since_a_day: int) -> bool:
    """Return whether somebody who types an address is still mailed a link to its page today."""
    return links_since_a_day < ASKED_A_DAY


def counted_since(now: datetime) -> datetime:
    """Return the moment from which links are counted for `may_ask`."""
    return now - timedelta(days=1)
