"""The beta distribution: its cumulative share and the shares' places, without a library."""

from math import exp, lgamma, log

_SMALLEST = 1e-300
_ROUNDS = 500


def log_beta(a: float, b: float) -> float:
    """Return the natural logarithm of the beta function."""
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def beta_share(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b), for a, b > 0 and x in 0 … 1.

    By its continued fraction (NIST Digital Library of Mathematical Functions, 8.17.22), evaluated
    from the side on which it converges quickly by the modified method of Lentz.
    """
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    front = exp(a * log(x) + b * log(1 - x) - log_beta(a, b))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > _SMALLEST else _SMALLEST)
    result = d
    for m in range(1, _ROUNDS):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + numerator * d
            d = 1 / (d if abs(d) > _SMALLEST else _SMALLEST)
            c = 1 + numerator / c
            c = c if abs(c) > _SMALLEST else _SMALLEST
            result *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return result


def beta_place(share: float, a: float, b: float) -> float:
    """Return the x at which I_x(a, b) is the share, by bisection: the same digits every time."""
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if beta_share(middle, a, b) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2
