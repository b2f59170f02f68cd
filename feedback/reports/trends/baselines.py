"""Holds each period against a frozen baseline: its limits, and whether it is news."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from feedback.measures.control_chart import ControlChart, Mark, laney, laney_nps, xmr

# So many periods make a baseline; what comes after is held against it and does not move it.
BASELINE = 12


@dataclass(frozen=True)
class Period:
    """How often each score was given, `{}` where nothing is shown; and whether more will come."""

    counts: Mapping[int, int]
    provisional: bool = False

    @property
    def is_settled(self) -> bool:
        """Tell whether it may be part of a baseline, and be news."""
        return bool(self.counts) and not self.provisional


@dataclass(frozen=True)
class Progress:
    """How far a baseline is: so many periods, and whether all their answers are alike.

    From answers without any difference no limit can be computed: the first other one, however
    likely it was, would lie outside.
    """

    have: int
    is_flat: bool = False

    @property
    def is_whole(self) -> bool:
        """Tell whether there are as many as it takes."""
        return self.have >= BASELINE


@dataclass(frozen=True)
class Controlled:
    """What holds for one period: the middle, the limits for its number of answers, and its mark.

    All are None where there is no baseline; limits and mark also where nothing is shown.
    `baseline` is that of its stretch between two breaks.
    """

    centre: float | None = None
    limits: tuple[float, float] | None = None
    mark: Mark | None = None
    after_break: bool = False
    baseline: Progress = Progress(0)


def controlled(
    metric: str, periods: Sequence[Period], starts: Sequence[date], breaks: Collection[date] = ()
) -> list[Controlled]:
    """Return what holds for each period in order, `starts` being their first days.

    Each break begins a baseline with the next whole period; the period a break falls into holds
    answers to both and belongs to neither. The baseline is the first twelve settled periods with
    answers. A period that is not settled gets limits and never a mark, nor does it make a run.
    """
    found: list[Controlled] = []
    for places, is_mixed in _stretches(starts, breaks):
        part = [periods[place] for place in places]
        points = [Controlled()] if is_mixed else _held(metric, part)
        if found:
            points[0] = replace(points[0], after_break=True)
        found += points
    return found


def _stretches(starts: Sequence[date], breaks: Collection[date]) -> list[tuple[range, bool]]:
    """Return the places between breaks, and whether it is one period with a break inside it."""
    edges = {0, len(starts)}
    mixed = set()
    for place, (start, after) in enumerate(pairwise([*starts, date.max])):
        here = [day for day in breaks if start <= day < after]
        if here:
            edges.add(place)
        if any(day > start for day in here):
            edges.add(place + 1)
            mixed.add(place)
    return [(range(i, after), i in mixed) for i, after in pairwise(sorted(edges))]


def _held(metric: str, periods: Sequence[Period]) -> list[Controlled]:
    settled = [place for place, period in enumerate(periods) if period.is_settled]
    progress = Progress(min(len(settled), BASELINE))
    if not progress.is_whole:
        return [Controlled(baseline=progress) for _period in periods]
    until = settled[BASELINE - 1] + 1
    # What is not settled is a gap when it comes to marks; it has limits all the same.
    marks = _chart(metric, [p.counts if p.is_settled else {} for p in periods], until)
    limits = _chart(metric, [period.counts for period in periods], until)
    if marks is None or limits is None:
        return [Controlled(baseline=replace(progress, is_flat=True)) for _period in periods]
    return [
        Controlled(
            limits.centre,
            None if limit.low is None or limit.high is None else (limit.low, limit.high),
            mark.mark,
            baseline=progress,
        )
        for limit, mark in zip(limits.points, marks.points, strict=True)
    ]


def _chart(metric: str, periods: Sequence[Mapping[int, int]], until: int) -> ControlChart | None:
    """Return the chart of the metric's kind; None where the baseline has no spread at all."""
    if metric == "ces":
        return _of_means(periods, until)
    chart = (
        laney([(_sum(one, 4, 5), sum(one.values())) for one in periods], until)
        if metric == "csat"
        else laney_nps([(_sum(one, 0, 6), _sum(one, 7, 8), _sum(one, 9, 10)) for one in periods],
                       until)
    )  # fmt: skip
    sides = {_side(metric, score) for one in periods[:until] for score, n in one.items() if n}
    return chart if len(sides) > 1 else None


def _of_means(periods: Sequence[Mapping[int, int]], until: int) -> ControlChart | None:
    """Return a chart of the means of those periods that have one, the others as gaps."""
    there = [place for place, one in enumerate(periods) if one]
    means = [_mean(periods[place]) for place in there]
    chart = xmr(means, sum(1 for place in there if place < until))
    if chart is None or chart.points[0].low == chart.points[0].high:
        return None
    points = dict(zip(there, chart.points, strict=True))
    gap = replace(chart.points[0], value=None, low=None, high=None, mark=None)
    return replace(chart, points=tuple(points.get(i, gap) for i in range(len(periods))))


def _mean(counts: Mapping[int, int]) -> float:
    return sum(score * times for score, times in counts.items()) / sum(counts.values())


def _sum(counts: Mapping[int, int], first: int, last: int) -> int:
    return sum(times for score, times in counts.items() if first <= score <= last)


def _side(metric: str, score: int) -> int:
    if metric == "csat":
        return int(score >= 4)
    return (score >= 9) - (score <= 6)
