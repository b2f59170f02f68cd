"""Wilson's score interval for a proportion."""

from math import sqrt
from statistics import NormalDist


def quantile(level: float) -> float:
    """Return the two-sided standard normal quantile: 1.959964 for level 0.95."""
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(x: float, n: float, level: float = 0.95) -> tuple[float, float] | None:
    """Return the interval (low, high) for x successes among n, both within 0 … 1.

    With p = x/n and z the normal quantile, centre (p + z²/2n)/(1 + z²/n) and half-width
    z·sqrt(p(1-p)/n + z²/4n²)/(1 + z²/n). Source: E. B. Wilson, JASA 22 (1927), 209–212.
    Where x = 0 the lower end is exactly 0, where x = n the upper end is exactly 1. None for n = 0:
    no answers say nothing. Raises ValueError unless 0 ≤ x ≤ n. n may be an effective sample size.
    """
    if not 0 <= x <= n:
        raise ValueError(f"{x} of {n}")
    if n == 0:
        return None
    z = quantile(level)
    p, zz = x / n, z * z
    centre = (p + zz / (2 * n)) / (1 + zz / n)
    half = z * sqrt(p * (1 - p) / n + zz / (4 * n * n)) / (1 + zz / n)
    low = 0.0 if x == 0 else max(0.0, centre - half)
    high = 1.0 if x == n else min(1.0, centre + half)
    return low, high
