"""People for the tests of funnels, the same each time."""

import random
from math import sqrt

from feedback.measures.funnel_limits import funnel_limits
from feedback.reports.chart_points import Funnel, FunnelDot, FunnelLimits

CENTRE = 0.8


def limits(most: int, tau: float = 0.0) -> tuple[FunnelLimits, ...]:
    """Return the limits from one answer to the most."""
    steps = [1 + (sqrt(most) - 1) * step / 40 for step in range(41)]
    found = []
    for n in (step * step for step in steps):
        inner = funnel_limits(CENTRE, n, 0.95, tau)
        outer = funnel_limits(CENTRE, n, 0.998, tau)
        assert inner is not None
        assert outer is not None
        found.append(FunnelLimits(n, inner, outer))
    return tuple(found)


def people(count: int, *dots: FunnelDot, tau: float = 0.0) -> Funnel:
    """Return so many people who differ by chance only, beside those given."""
    dice = random.Random(11)  # noqa: S311
    crowd = []
    for number in range(count):
        n = max(1, int(dice.lognormvariate(2.4, 0.8)))
        good = sum(dice.random() < CENTRE for _ in range(n))
        crowd.append(FunnelDot(f"Person {number}", n, good / n))
    everybody = (*crowd, *dots)
    most = max((dot.n for dot in everybody), default=1)
    return Funnel(everybody, CENTRE, limits(most), limits(most, tau) if tau else ())
