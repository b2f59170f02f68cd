"""How large a change must be before so many answers can show it."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from feedback.measures.wilson import quantile

# Together with the level's quantile: a true change of this size is found four times out of five.
POWER = NormalDist().inv_cdf(0.80)


@dataclass(frozen=True)
class DetectableChange:
    """The smallest change an interval would tell from zero, and the one found in 80 % of cases."""

    at_all: float
    with_power: float


def detectable_change(
    rate: float, n1: float, n2: float, level: float = 0.95
) -> DetectableChange | None:
    """Return what two groups at a common rate in 0 … 1 can tell apart; None if one is empty.

    z·sqrt(p(1 - p)(1/n1 + 1/n2)), and the same with z + 0.8416 for a power of 80 %.
    """
    return detectable_change_of_mean(rate * (1 - rate), n1, n2, level)


def detectable_change_of_mean(
    variance: float, n1: float, n2: float, level: float = 0.95
) -> DetectableChange | None:
    """Return the same for a mean, or an NPS, given the variance of one answer."""
    if n1 <= 0 or n2 <= 0:
        return None
    error = sqrt(variance * (1 / n1 + 1 / n2))
    z = quantile(level)
    return DetectableChange(z * error, (z + POWER) * error)


def nps_variance(detractors: int, passives: int, promoters: int) -> float | None:
    """Return the variance of one answer taken as -1, 0 or 1, in 0 … 1; None without answers."""
    n = detractors + passives + promoters
    if n == 0:
        return None
    nps = (promoters - detractors) / n
    return (promoters + detractors) / n - nps * nps
