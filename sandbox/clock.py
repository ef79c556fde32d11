"""The sandbox's own time, which can be moved forward."""

import time
from collections.abc import Callable


class Clock:
    """The machine's time plus `ahead` seconds."""

    def __init__(self, ahead: int = 0, wall: Callable[[], float] = time.time) -> None:
        self.ahead = ahead
        self._wall = wall

    def now(self) -> int:
        """Return seconds since 1970 in the sandbox's time."""
        return int(self._wall()) + self.ahead

    def move(self, seconds: int) -> None:
        """Move forward by `seconds`; raises ValueError for a step back."""
        if seconds < 0:
            raise ValueError("the clock only moves forward")
        self.ahead += seconds
