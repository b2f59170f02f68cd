"""Targets: met, not met, or not decided, and how often a target would be unjust."""

from typing import Literal

from feedback.measures.binomial import probability
from feedback.measures.wilson import wilson

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
