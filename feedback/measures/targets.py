"""Targets: met, not met, or not decided, and how often a target would be unjust."""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

from feedback.measures.binomial import probability
from feedback.measures.detectable_change import POWER
from feedback.measures.wilson import quantile, wilson

Outcome = Literal["met", "not_met", "undecided"]


def target_outcome(low: float | None, high: float | None, target: float) -> Outcome:
    """Return "met" only if the whole interval reaches it, "not_met" only if none of it does.

    In between, and without answers, it is "undecided": a wrong cut of pay is worse than a late one.
    """
    if low is None or high is None:
        return "undecided"
    if low >= target:
        return "met"
    return "not_met" if high < target else "undecided"


def wrongly_failed(true_rate: float, n: int, target: float) -> tuple[float, float] | None:
    """Return how often somebody who truly has a rate fails a target by chance, given n answers.

    First by the bare number (share < target), then by the interval (all of it below the target);
    exact binomial probabilities in 0 … 1, of use where true_rate ≥ target. None for n = 0.
    """
    if n == 0:
        return None
    bare = by_interval = 0.0
    for x in range(n + 1):
        chance = probability(x, n, true_rate)
        interval = wilson(x, n)
        # Half a unit in the last place: 17 of 20 is 85 %, whatever binary fractions make of it.
        bare += chance * (x / n < target - 1e-12)
        by_interval += chance * (interval is not None and interval[1] < target)
    return bare, by_interval


@dataclass(frozen=True)
class AnswersToDecide:
    """How many answers decide a target for a share that lies so far below it.

    `if_so`: where the answers show exactly that share; `with_power`: in four cases of five of
    somebody whose true rate it is. Numbers of answers, not rounded.
    """

    if_so: float
    with_power: float


def answers_to_decide(
    target: float, distance: float, level: float = 0.95
) -> AnswersToDecide | None:
    """Return the answers it takes to call a share `distance` below a target "not met".

    Both in 0 … 1; None where the share would be below zero or the distance is none. Wilson's upper
    end is below t exactly where (p - t)² > z²·t(1 - t)/n, since it inverts the score test: so
    n = z²·t(1 - t)/d². With power, n = (z·sqrt(t(1 - t)) + 0.8416·sqrt(p(1 - p)))²/d².
    """
    rate = target - distance
    if distance <= 0 or rate < -1e-12:
        return None
    rate = max(rate, 0.0)
    z, at_target = quantile(level), sqrt(target * (1 - target))
    at_rate = sqrt(rate * (1 - rate))
    return AnswersToDecide(
        (z * at_target / distance) ** 2, ((z * at_target + POWER * at_rate) / distance) ** 2
    )
