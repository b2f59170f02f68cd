"""Ctrl-C, and the service manager's wish to stop, heard where stopping does no harm."""

import signal
from types import FrameType
from typing import Any


class Stop:
    """Lets Ctrl-C and the service manager end the import between two rows; a second one, at once.

    Anywhere else they could end it after a batch is kept and before it is counted.
    """

    def __init__(self) -> None:
        self.signal = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Stop":
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._stop)
        return self

    def __exit__(self, *what: object) -> None:
        self._restore()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.signal = number
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
