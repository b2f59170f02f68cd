"""What stands second beside a figure: the mean of a CSAT, the share of easy answers of a CES."""

from collections.abc import Mapping

from feedback.measures.endpoint_adjusted import endpoint_adjusted
from feedback.measures.estimate import LEVEL, Counts, Estimate
from feedback.measures.tango import tango
from feedback.measures.wilson import wilson


def mean_of(counts: Counts, lowest: int, highest: int) -> Estimate | None:
    """Return the mean on the scale with its endpoint-adjusted interval; None without answers."""
    interval = endpoint_adjusted(counts, lowest, highest, LEVEL)
    if interval is None:
        return None
    n = sum(counts.values())
    return Estimate(sum(score * times for score, times in counts.items()) / n, *interval, n)


def share_from(counts: Counts, least: int) -> Estimate | None:
    """Return the share of answers of at least so much, in 0 … 1, with Wilson's interval."""
    n = sum(counts.values())
    good = sum(times for score, times in counts.items() if score >= least)
    interval = wilson(good, n, LEVEL)
    return None if interval is None else Estimate(good / n, *interval, n)


def balance(counts: Counts, lowest_good: int, highest_bad: int) -> Estimate | None:
    """Return the share of good answers less that of bad ones, in -1 … 1, with Tango's interval."""
    n = sum(counts.values())
    good = sum(times for score, times in counts.items() if score >= lowest_good)
    bad = sum(times for score, times in counts.items() if score <= highest_bad)
    interval = tango(good, bad, n, LEVEL)
    return None if interval is None else Estimate((good - bad) / n, *interval, n)


def secondary(metric: str, counts: Counts) -> Mapping[str, Estimate]:
    """Return what stands beside the metric's figure, by name; nothing without answers.

    CSAT: "mean", on 1 … 5. CES: "share", that of 5 to 7 on the scale 1–7, and "index", that of 6
    and 7 less that of 1 to 3. NPS has nothing beside it. Never what anybody is ordered by: a
    mean of satisfaction hides how the answers are spread.
    """
    found: dict[str, Estimate | None] = {}
    if metric == "csat":
        found["mean"] = mean_of(counts, 1, 5)
    elif metric == "ces":
        found["share"] = share_from(counts, 5)
        found["index"] = balance(counts, 6, 3)
    return {name: estimate for name, estimate in found.items() if estimate is not None}
