"""How often a control chart cries wolf, and how often it sees one: `python bench/false_marks.py`.

Charts are made up from one seed, so the table comes out the same each time (docs/decisions/0020).
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from feedback.measures.control_chart import laney
from feedback.reports.trends.baselines import BASELINE

CHARTS = 4000
RATE = 0.85


def marked(n: int, later: int, fall: float) -> float:
    """Return the share of charts with a mark in the periods after the baseline."""
    dice = np.random.default_rng(1)
    rates = np.full(BASELINE + later, RATE)
    rates[BASELINE:] -= fall
    found = 0
    for _ in range(CHARTS):
        counts = [(int(good), n) for good in dice.binomial(n, rates)]
        chart = laney(counts, BASELINE)
        found += chart is not None and any(point.mark for point in chart.points[BASELINE:])
    return found / CHARTS


def main() -> None:
    """Print the table."""
    print("answers a period | stable, 12 periods: marked | falls by 10 points: seen within 6")
    for n in (15, 40, 150):
        print(f"{n:16d} | {marked(n, 12, 0):26.1%} | {marked(n, 6, 0.10):33.1%}")


if __name__ == "__main__":
    main()
