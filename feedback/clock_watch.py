"""Notices a clock that jumps, by comparing it with the time that has really passed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

# A clock that was a little wrong is put right by less than this; a machine that was only asleep
# knows, where it can, how long (Linux counts that in this clock, unlike the plain one).
_JUMP = timedelta(days=1)
_TICKS = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@dataclass
class Watch:
    """Compares the clock with the time that has really passed since the worker began."""

    ticks: Callable[[], float] = lambda: time.clock_gettime(_TICKS)
    # How far the clock has been ahead of the time that passed; set back, it may come back there.
    _furthest: float | None = None

    def has_jumped(self, now: datetime) -> bool:
        """Tell whether the clock has gone forward by more than a day that did not pass."""
        ahead = now.timestamp() - self.ticks()
        before = ahead if self._furthest is None else self._furthest
        self._furthest = max(before, ahead)
        return ahead - before > _JUMP.total_seconds()
