"""Pure decisions about membership."""

from datetime import timedelta
from typing import Final

KIND: Final = "membership"
DUES: Final = "dues"
LONGEST_TIER: Final = 60
LONGEST_WORDS: Final = 300
# A form sent again leads to the page of its first time: see donations.rules for why so short and so long.
UNOPENED_FOR: Final = timedelta(minutes=1)
OPENED_FOR: Final = timedelta(hours=1)
NEVER_JOINED_KEPT: Final = timedelta(days=30)
RECEIPT_KEPT: Final = timedelta(days=3653)  # ten years
SHOWN: Final = ("active", "past_due", "paused", "ended")
