"""A funnel instead of a league table: how far chance alone carries somebody with n answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from feedback.measures.wilson import quantile


@dataclass(frozen=True)
class OverDispersion:
    """How much more people scatter than chance allows: the ratio, and the extra spread."""

    phi: float
    tau: float


def funnel_limits(
    centre: float, n: float, level: float = 0.95, tau: float = 0.0
) -> tuple[float, float] | None:
    """Return the limits about a common rate in 0 … 1 for n answers, clipped; None for n = 0.

    p ∓ z·sqrt(p(1 - p)/n + τ²). With τ = 0 somebody lies outside exactly where their Wilson
    interval leaves the centre out. Source: D. J. Spiegelhalter, Statistics in Medicine 24 (2005),
    1185–1202.
    """
    if not 0 <= centre <= 1:
        raise ValueError(centre)
    if n <= 0:
        return None
    half = quantile(level) * sqrt(centre * (1 - centre) / n + tau * tau)
    return max(0.0, centre - half), min(1.0, centre + half)


def over_dispersion(people: Sequence[tuple[int, int]], centre: float) -> OverDispersion | None:
    """Return how the people scatter about the centre; None with fewer than two, or no room.

    Standard scores are pulled in to their 10th and 90th percentile, so that the few who are truly
    outside widen no limits for themselves; φ is the mean of their squares. Where I·φ > I - 1
    for I people, τ² = (I·φ - (I - 1)) / (Σw - Σw²/Σw) with w = n/(p(1 - p)), else 0. Source:
    Spiegelhalter, Statistics in Medicine 24 (2005), 1185–1202.
    """
    room = centre * (1 - centre)
    known = [(x, n) for x, n in people if n > 0]
    if len(known) < 2 or room <= 0:
        return None
    scores = sorted((x / n - centre) / sqrt(room / n) for x, n in known)
    low, high = _percentile(scores, 0.1), _percentile(scores, 0.9)
    phi = sum(min(max(score, low), high) ** 2 for score in scores) / len(scores)
    excess = len(scores) * phi - (len(scores) - 1)
    if excess <= 0:
        return OverDispersion(phi, 0.0)
    weights = [n / room for _, n in known]
    whole = sum(weights)
    return OverDispersion(phi, sqrt(excess / (whole - sum(w * w for w in weights) / whole)))


def _percentile(values: Sequence[float], share: float) -> float:
    """Return the percentile of sorted values with linear interpolation (R's type 7)."""
    place = (len(values) - 1) * share
    index = int(place)
    if index + 1 == len(values):
        return values[index]
    return values[index] + (place - index) * (values[index + 1] - values[index])
