"""Draws which interactions are asked about. Rules only: no database, no clock, no chance."""

from hashlib import sha256

_DIGITS = 13


def is_drawn(rate: float, seed: int, source: str, external_id: str) -> bool:
    """Tell whether an interaction is among those a touchpoint asks about; `rate` is in 0 … 1.

    The same seed draws the same interactions every time, on any machine and in any order; whoever
    is drawn at a low rate is also drawn at every higher one.
    """
    # A line between the parts keeps ("a", "b1") and ("ab", "1") apart.
    told = sha256(f"{seed}\n{source}\n{external_id}".encode()).hexdigest()[:_DIGITS]
    return int(told, 16) < rate * float(16**_DIGITS)
