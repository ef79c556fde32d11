"""Background threads that do one step at a time and stop when asked."""

import sys
import threading
import traceback
from collections.abc import Callable


class Loop(threading.Thread):
    """Calls `step` again and again; `step` returns the longest pause before its next turn, in seconds.

    Setting `bell` ends a pause early.
    """

    def __init__(self, name: str, step: Callable[[], float], bell: threading.Event | None = None) -> None:
        super().__init__(name=name, daemon=True)
        self._step = step
        self._bell = bell or threading.Event()
        self._ending = threading.Event()

    def run(self) -> None:
        while not self._ending.is_set():
            self._bell.clear()
            pause = self._one_step()
            if pause > 0 and not self._ending.is_set():
                self._bell.wait(pause)

    def _one_step(self) -> float:
        try:
            return self._step()
        except Exception:
            # One bad turn must not end the thread: say what happened and try again.
            if not self._ending.is_set():
                traceback.print_exc(file=sys.stderr)
            return 1.0

    def stop(self, patience: float = 5.0) -> None:
        """End the thread; waits at most `patience` seconds for the step it is in."""
        self._ending.set()
        self._bell.set()
        self.join(patience)
