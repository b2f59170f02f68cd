"""The beta distribution: its cumulative share and the shares' places, without a library."""

from math import exp, lgamma, log

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

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


def beta_shares(x: Numbers, a: Numbers, b: Numbers, log_betas: Numbers) -> Numbers:
    """Return I_x(a, b) for arrays of one shape, the same way; `log_betas` is ln B(a, b).

    For thousands of values at once, of which each would cost Python a hundred steps.
    """
    swapped = x >= (a + 1) / (a + b + 2)
    near, far = np.where(swapped, 1 - x, x), np.where(swapped, x, 1 - x)
    one, other = np.where(swapped, b, a), np.where(swapped, a, b)
    with np.errstate(divide="ignore"):
        front = np.exp(one * np.log(near) + other * np.log(far) - log_betas)
    shares = front * _fractions(near, one, other) / one
    found: Numbers = np.where(swapped, 1 - shares, shares)
    return found


def _fractions(x: Numbers, a: Numbers, b: Numbers) -> Numbers:
    c = np.ones_like(x)
    d = 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    result = d.copy()
    for m in range(1, _ROUNDS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for numerator in (even, odd):
            d = 1 / _away_from_zero(1 + numerator * d)
            c = _away_from_zero(1 + numerator / c)
            result *= c * d
        if np.all(np.abs(c * d - 1) < 1e-15):
            break
    return result


def _away_from_zero(values: Numbers) -> Numbers:
    return np.where(np.abs(values) > _SMALLEST, values, _SMALLEST)
