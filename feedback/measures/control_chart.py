"""Trends as control charts: what is the system's own noise, and what is news."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Literal

Mark = Literal["outside", "run"]

RUN = 8
_D2 = 1.128
_XMR = 2.66


@dataclass(frozen=True)
class ControlPoint:
    """A point with the limits that hold for its own number of answers; None where it has none."""

    value: float | None
    low: float | None
    high: float | None
    mark: Mark | None = None


@dataclass(frozen=True)
class ControlChart:
    """The centre, how much more than chance the points scatter, and every point in order."""

    centre: float
    sigma_z: float
    points: tuple[ControlPoint, ...]


def laney(
    counts: Sequence[tuple[int, int]], baseline: int | None = None, floor: float = 1.0
) -> ControlChart | None:
    """Return Laney's p' chart of (good answers, answers) per period; None without any answers.

    Centre p and limits p ∓ 3·s·σz with s = sqrt(p(1 - p)/n) of each period, clipped to 0 … 1; σz is
    the mean moving range of the standard scores over 1.128, and not below `floor` (1 keeps thin
    charts of one person from claiming more than chance allows; 0 is Laney's own). Centre, σz come
    from the first `baseline` periods, all where None. Periods without answers are gaps: they break
    neither a moving range nor a run. Source: D. B. Laney, Quality Engineering 14 (2002), 531–537.
    """
    basis = [(x, n) for x, n in counts[:baseline] if n > 0]
    total = sum(n for _, n in basis)
    if total == 0:
        return None
    centre = sum(x for x, _ in basis) / total
    return _chart(
        [x / n if n > 0 else None for x, n in counts],
        [n for _, n in counts],
        centre=centre,
        variance=centre * (1 - centre),
        baseline=baseline,
        floor=floor,
        ends=(0.0, 1.0),
    )


def laney_nps(
    groups: Sequence[tuple[int, int, int]], baseline: int | None = None, floor: float = 1.0
) -> ControlChart | None:
    """Return the same chart for NPS, given (detractors, passives, promoters) per period.

    s is sqrt(var/n) with var the variance of one answer over the baseline; limits are clipped to
    -1 … 1. None without any answers.
    """
    basis = [sum(part) for part in zip(*groups[:baseline], strict=True)] or [0, 0, 0]
    total = sum(basis)
    if total == 0:
        return None
    centre = (basis[2] - basis[0]) / total
    sizes = [sum(one) for one in groups]
    return _chart(
        [(one[2] - one[0]) / n if n else None for one, n in zip(groups, sizes, strict=True)],
        sizes,
        centre=centre,
        variance=(basis[2] + basis[0]) / total - centre * centre,
        baseline=baseline,
        floor=floor,
        ends=(-1.0, 1.0),
    )


def xmr(values: Sequence[float], baseline: int | None = None) -> ControlChart | None:
    """Return the chart of individual values and moving ranges; None with fewer than two.

    Limits centre ∓ 2.66·mean moving range, with no range left out for being large. For means and
    durations, whose answers have no known variance. `sigma_z` is 1. Source: W. A. Shewhart's
    individuals chart as in D. C. Montgomery, Introduction to Statistical Quality Control, 6.4; the
    constant is 3/1.128 rounded as the NHS does.
    """
    basis = values[:baseline]
    if len(basis) < 2:
        return None
    centre = sum(basis) / len(basis)
    ranges = [abs(b - a) for a, b in pairwise(basis)]
    half = _XMR * sum(ranges) / len(ranges)
    points = [ControlPoint(value, centre - half, centre + half) for value in values]
    return ControlChart(centre, 1.0, _marked(points, centre))


def _chart(
    values: Sequence[float | None],
    sizes: Sequence[int],
    *,
    centre: float,
    variance: float,
    baseline: int | None,
    floor: float,
    ends: tuple[float, float],
) -> ControlChart:
    errors = [sqrt(variance / n) if n > 0 else 0.0 for n in sizes]
    scores = [
        (value - centre) / error
        for value, error in zip(values[:baseline], errors[:baseline], strict=True)
        if value is not None and error > 0
    ]
    ranges = [abs(b - a) for a, b in pairwise(scores)]
    sigma_z = max(floor, sum(ranges) / len(ranges) / _D2) if ranges else max(floor, 1.0)
    points = []
    for value, error in zip(values, errors, strict=True):
        if value is None:
            points.append(ControlPoint(None, None, None))
            continue
        half = 3 * error * sigma_z
        points.append(ControlPoint(value, max(ends[0], centre - half), min(ends[1], centre + half)))
    return ControlChart(centre, sigma_z, _marked(points, centre))


def _marked(points: Sequence[ControlPoint], centre: float) -> tuple[ControlPoint, ...]:
    """Mark by two rules only: outside the limits, or one of a run of eight on one side."""
    runs = _in_runs([point.value for point in points], centre)
    marked = []
    for point, in_run in zip(points, runs, strict=True):
        mark: Mark | None = "run" if in_run else None
        if point.value is not None and point.low is not None and point.high is not None:
            # A hair's breadth, so that a limit clipped to the end of the scale is no news.
            outside = point.value < point.low - 1e-12 or point.value > point.high + 1e-12
            mark = "outside" if outside else mark
        marked.append(ControlPoint(point.value, point.low, point.high, mark))
    return tuple(marked)


def _in_runs(values: Sequence[float | None], centre: float) -> list[bool]:
    """Return which values belong to eight or more in a row on one side; one on the line ends it."""
    found, run, side = [False] * len(values), list[int](), 0
    for index, value in enumerate(values):
        if value is None:
            continue
        here = (value > centre) - (value < centre)
        if here == 0 or here != side:
            run, side = [], here
        if here != 0:
            run.append(index)
        if len(run) >= RUN:
            for member in run:
                found[member] = True
    return found
