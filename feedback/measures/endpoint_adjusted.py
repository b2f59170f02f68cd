"""An interval for the mean of answers on a bounded scale."""

from collections.abc import Mapping
from math import sqrt

from feedback.measures.wilson import quantile


def endpoint_adjusted(
    counts: Mapping[int, int], lowest: int, highest: int, level: float = 0.95
) -> tuple[float, float] | None:
    """Return the interval (low, high) for the mean of scores from lowest to highest.

    For the interval only, half an answer is added at each end of the scale; then the normal
    interval of that mean is taken, with the variance divided by the adjusted count, and clipped to
    the scale. The added ends keep a width where all answers agree, which is where the textbook
    interval has none. None for no answers.
    """
    if sum(counts.values()) == 0:
        return None
    weights = {score: float(count) for score, count in counts.items()}
    for end in (lowest, highest):
        weights[end] = weights.get(end, 0.0) + 0.5
    n = sum(weights.values())
    mean = sum(score * weight for score, weight in weights.items()) / n
    variance = sum(weight * (score - mean) ** 2 for score, weight in weights.items()) / n
    half = quantile(level) * sqrt(variance / n)
    return max(float(lowest), mean - half), min(float(highest), mean + half)
