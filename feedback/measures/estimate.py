"""From counts per score to a figure that carries its count and its interval."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from feedback.measures.endpoint_adjusted import endpoint_adjusted
from feedback.measures.tango import tango
from feedback.measures.wilson import wilson

LEVEL = 0.95
Counts = Mapping[int, int]


@dataclass(frozen=True)
class Estimate:
    """A value with the interval it could as well have been, from n answers."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Definition:
    """A figure's definition: its name with version, its scale, and how it follows from counts."""

    name: str
    metric: str
    lowest: int
    highest: int
    of: Callable[[Counts], Estimate | None]


def csat(counts: Counts) -> Estimate | None:
    """Return the share of 4 and 5 on the scale 1–5, in 0 … 1; None without answers."""
    n = sum(counts.values())
    good = counts.get(4, 0) + counts.get(5, 0)
    interval = wilson(good, n, LEVEL)
    return None if interval is None else Estimate(good / n, *interval, n)


def nps(counts: Counts) -> Estimate | None:
    """Return the share of 9–10 less that of 0–6 on 0–10, within -1 … 1; None without answers."""
    n = sum(counts.values())
    promoters = sum(count for score, count in counts.items() if score >= 9)
    detractors = sum(count for score, count in counts.items() if score <= 6)
    interval = tango(promoters, detractors, n, LEVEL)
    return None if interval is None else Estimate((promoters - detractors) / n, *interval, n)


def ces(counts: Counts) -> Estimate | None:
    """Return the mean agreement on the scale 1–7; None without answers."""
    n = sum(counts.values())
    interval = endpoint_adjusted(counts, 1, 7, LEVEL)
    if interval is None:
        return None
    return Estimate(sum(score * count for score, count in counts.items()) / n, *interval, n)


DEFINITIONS: Mapping[str, Definition] = {
    "csat": Definition("csat/1", "csat", 1, 5, csat),
    "nps": Definition("nps/1", "nps", 0, 10, nps),
    "ces": Definition("ces/1", "ces", 1, 7, ces),
}
