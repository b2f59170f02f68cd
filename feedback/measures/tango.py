"""Tango's score interval for a difference of paired proportions, which is what NPS is."""

from math import sqrt

from feedback.measures.wilson import quantile

_STEPS = 200


def tango(plus: int, minus: int, n: int, level: float = 0.95) -> tuple[float, float] | None:
    """Return the interval (low, high) for (plus - minus)/n, within -1 … 1.

    Promoters and detractors are the two discordant cells of a paired 2×2 table, so every method for
    the difference of paired proportions is one for NPS. The ends are the two δ that solve
    |b - c - nδ| / sqrt(n(2q + δ(1-δ))) = z, where b = plus, c = minus, and q, the smaller
    discordant probability at its likeliest under δ, is (sqrt(B² - 4AC) - B)/2A with A = 2n,
    B = -b - c + (2n - b + c)δ, C = -cδ(1-δ). At δ = 0 the statistic is McNemar's.
    Source: T. Tango, Statistics in Medicine 17 (1998), 891–908.
    Where minus = n the lower end is exactly -1, where plus = n the upper end is exactly 1.
    None for n = 0. Raises ValueError for counts that are negative or exceed n.
    """
    if min(plus, minus, n) < 0 or plus + minus > n:
        raise ValueError(f"{plus} and {minus} of {n}")
    if n == 0:
        return None
    z, difference = quantile(level), (plus - minus) / n
    low = -1.0 if minus == n else _root(plus, minus, n, z, -1.0, difference)
    high = 1.0 if plus == n else _root(plus, minus, n, -z, difference, 1.0)
    return low, high


def _statistic(plus: int, minus: int, n: int, delta: float) -> float:
    """Return the score statistic at δ; it falls as δ grows."""
    a = 2.0 * n
    b = -plus - minus + (2 * n - plus + minus) * delta
    c = -minus * delta * (1 - delta)
    q = (sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
    variance = n * (2 * q + delta * (1 - delta))
    distance = plus - minus - n * delta
    if variance <= 0:
        # The likeliest table leaves no room for δ: infinitely far, or exactly there.
        return 0.0 if distance == 0 else float("inf") * (1 if distance > 0 else -1)
    return distance / sqrt(variance)


def _root(plus: int, minus: int, n: int, target: float, low: float, high: float) -> float:
    """Bisect for the δ at which the statistic equals the target; the same digits every time."""
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if _statistic(plus, minus, n, middle) > target:
            low = middle
        else:
            high = middle
    return (low + high) / 2
