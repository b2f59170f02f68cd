"""Exact tests on counts: one proportion against a rate, and two proportions against each other."""

from math import exp, lgamma, log


def log_choose(n: int, k: int) -> float:
    """Return the natural logarithm of n over k."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def probability(x: int, n: int, rate: float) -> float:
    """Return the binomial probability of exactly x among n at a rate in 0 … 1."""
    if rate <= 0 or rate >= 1:
        return float(x == (0 if rate <= 0 else n))
    return exp(log_choose(n, x) + x * log(rate) + (n - x) * log(1 - rate))


def mid_p(x: int, n: int, rate: float) -> float | None:
    """Return the two-sided mid-P of x among n where the rate is expected; None for n = 0.

    Twice the smaller tail, in which the observed count itself weighs one half, and at most 1.
    Source: H. O. Lancaster, JASA 56 (1961), 223–234. Raises ValueError unless 0 ≤ x ≤ n and the
    rate lies in 0 … 1.
    """
    if not 0 <= x <= n or not 0 <= rate <= 1:
        raise ValueError(f"{x} of {n} against {rate}")
    if n == 0:
        return None
    here = probability(x, n, rate)
    # The shorter sum is both quicker and, in the far tails, more exact.
    if x <= n * rate:
        tail = sum(probability(k, n, rate) for k in range(x)) + here / 2
    else:
        tail = sum(probability(k, n, rate) for k in range(x + 1, n + 1)) + here / 2
    return min(1.0, 2 * tail)


def fisher_more(x1: int, n1: int, x2: int, n2: int) -> float | None:
    """Return the one-sided exact P that the first share is not larger than the second.

    Fisher's test with all margins held: the hypergeometric probability of x1 or more in the first
    group. None where either group is empty. Raises ValueError unless 0 ≤ x ≤ n in both.
    """
    if not (0 <= x1 <= n1 and 0 <= x2 <= n2):
        raise ValueError(f"{x1} of {n1} and {x2} of {n2}")
    if n1 == 0 or n2 == 0:
        return None
    total, hits = n1 + n2, x1 + x2
    whole = log_choose(total, hits)
    most = min(n1, hits)
    chances = (
        exp(log_choose(n1, k) + log_choose(n2, hits - k) - whole)
        for k in range(x1, most + 1)
        if 0 <= hits - k <= n2
    )
    return min(1.0, sum(chances))
