"""Two independent proportions: their difference, its interval, and its test."""

from dataclasses import dataclass
from math import erfc, sqrt

from feedback.measures.wilson import wilson


@dataclass(frozen=True)
class Difference:
    """A difference with the interval it could as well have been; `p` where there is a test."""

    value: float
    low: float
    high: float
    p: float | None = None

    @property
    def verdict(self) -> str:
        """Return "higher", "lower", or "cannot_tell" where the interval takes in zero."""
        if self.low > 0:
            return "higher"
        return "lower" if self.high < 0 else "cannot_tell"


def newcombe(x1: float, n1: float, x2: float, n2: float, level: float = 0.95) -> Difference | None:
    """Return x1/n1 - x2/n2 with Newcombe's interval; None where either group is empty.

    Square-and-add of the two Wilson intervals, Newcombe's method 10: with p = x/n, lower end
    d - sqrt((p1 - l1)² + (u2 - p2)²), upper end d + sqrt((u1 - p1)² + (p2 - l2)²).
    Source: R. G. Newcombe, Statistics in Medicine 17 (1998), 873–890. `p` is of the N - 1 chi²
    test (I. Campbell, Statistics in Medicine 26 (2007), 3661–3675), 1 where both shares are 0 or
    both are 1. Proportions lie in 0 … 1, the difference in -1 … 1. Counts may be effective ones.
    """
    first, second = wilson(x1, n1, level), wilson(x2, n2, level)
    if first is None or second is None:
        return None
    p1, p2 = x1 / n1, x2 / n2
    difference = p1 - p2
    low = difference - sqrt((p1 - first[0]) ** 2 + (second[1] - p2) ** 2)
    high = difference + sqrt((first[1] - p1) ** 2 + (p2 - second[0]) ** 2)
    return Difference(difference, max(-1.0, low), min(1.0, high), _n_minus_1(x1, n1, x2, n2))


def _n_minus_1(x1: float, n1: float, x2: float, n2: float) -> float:
    total, hits = n1 + n2, x1 + x2
    if hits in (0, total):
        return 1.0
    cross = x1 * (n2 - x2) - x2 * (n1 - x1)
    chi_square = cross * cross * (total - 1) / (n1 * n2 * hits * (total - hits))
    # With one degree of freedom, chi² is the square of a standard normal.
    return erfc(sqrt(chi_square / 2))
