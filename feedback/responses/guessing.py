"""Slows down who guesses links: misses are counted per network, in memory and per process.

A link that is right is never slowed down, so nobody behind a shared address suffers for a guesser.
Nothing is written: a guess costs a signature check and a number in this memory.
"""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from threading import Lock

MISSES = 30
WITHIN = timedelta(minutes=1)
# So many networks are remembered; with more, the one longest silent is forgotten.
NETWORKS = 10_000


class Misses:
    """The latest misses of each network."""

    def __init__(self, misses: int = MISSES, within: timedelta = WITHIN) -> None:
        self._misses, self._within = misses, within
        self._seen: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = Lock()

    def note(self, network: str, now: datetime) -> timedelta | None:
        """Count a miss; return how long this network has to wait, or None while it need not."""
        with self._lock:
            seen = self._seen.setdefault(network, deque(maxlen=self._misses + 1))
            self._seen.move_to_end(network)
            if len(self._seen) > NETWORKS:
                self._seen.popitem(last=False)
            seen.append(now)
            # With the oldest of the last so many gone, there is room for one more.
            wait = seen[0] + self._within - now
            return wait if len(seen) > self._misses and wait > timedelta(0) else None
