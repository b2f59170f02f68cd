"""How often the chosen intervals hold what they promise: `python bench/coverage.py`.

Coverage is computed, not simulated, wherever every possible outcome can be listed: each outcome's
probability is exact, and it counts where its interval takes in the truth. Only the mean of five
points has too many outcomes; it is drawn with a seed. Nominal is 0.95.
"""

import random
import sys
from itertools import product
from math import exp
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from feedback.measures.binomial import log_choose, probability
from feedback.measures.endpoint_adjusted import endpoint_adjusted
from feedback.measures.newcombe import newcombe
from feedback.measures.tango import tango
from feedback.measures.wilson import wilson

SIZES = (5, 10, 20, 50, 200)
RATES = [share / 100 for share in range(50, 100)]
# Mixes of detractors, passives and promoters as surveys of service find them.
MIXES = [
    (d / 40, (40 - d - r) / 40, r / 40)
    for d, r in product(range(1, 21), range(4, 38))
    if 2 <= 40 - d - r <= 26
]
# Answers 1 to 5: two J-shapes, a hump, and all five alike.
SHAPES = (
    (0.130, 0.013, 0.029, 0.133, 0.695),
    (0.04, 0.04, 0.10, 0.30, 0.52),
    (0.10, 0.20, 0.40, 0.20, 0.10),
    (0.20, 0.20, 0.20, 0.20, 0.20),
)
DRAWS = 8000


def of_wilson(n: int) -> tuple[float, float]:
    """Return the mean and the least coverage of Wilson's interval over the rates."""
    intervals = [wilson(x, n) or (0.0, 0.0) for x in range(n + 1)]
    found = [
        sum(
            probability(x, n, rate)
            for x, (low, high) in enumerate(intervals)
            if low - 1e-12 <= rate <= high + 1e-12
        )
        for rate in RATES
    ]
    return sum(found) / len(found), min(found)


def of_tango(n: int) -> tuple[float, float]:
    """Return the mean and the least coverage of Tango's interval over the mixes."""
    states = [(plus, minus) for plus in range(n + 1) for minus in range(n + 1 - plus)]
    intervals = {state: tango(*state, n) or (0.0, 0.0) for state in states}
    ways = {
        (plus, minus): log_choose(n, plus) + log_choose(n - plus, minus) for plus, minus in states
    }
    found = []
    for minus_rate, passive, plus_rate in MIXES:
        truth = plus_rate - minus_rate
        found.append(
            sum(
                exp(ways[state])
                * plus_rate ** state[0]
                * minus_rate ** state[1]
                * passive ** (n - sum(state))
                for state, (low, high) in intervals.items()
                if low - 1e-12 <= truth <= high + 1e-12
            )
        )
    return sum(found) / len(found), min(found)


def of_newcombe(n: int) -> tuple[float, float]:
    """Return the mean and the least coverage for two groups of n over pairs of rates."""
    pairs = [(0.5 + 0.07 * i, 0.5 + 0.07 * j) for i in range(8) for j in range(8)]
    ends = {
        (x, y): (found.low, found.high)
        for x in range(n + 1)
        for y in range(n + 1)
        if (found := newcombe(x, n, y, n)) is not None
    }
    covered = []
    for one, other in pairs:
        here = [probability(x, n, one) for x in range(n + 1)]
        there = [probability(y, n, other) for y in range(n + 1)]
        covered.append(
            sum(
                here[x] * there[y]
                for (x, y), (low, high) in ends.items()
                if low - 1e-12 <= one - other <= high + 1e-12
            )
        )
    return sum(covered) / len(covered), min(covered)


def of_mean(n: int) -> tuple[float, float]:
    """Return the mean and the least coverage of the adjusted interval over the shapes, drawn."""
    draw, found = random.Random(20260), []
    for shape in SHAPES:
        truth = sum(score * share for score, share in enumerate(shape, start=1))
        inside = 0
        for _ in range(DRAWS):
            counts = dict.fromkeys(range(1, 6), 0)
            for score in draw.choices(range(1, 6), shape, k=n):
                counts[score] += 1
            low, high = endpoint_adjusted(counts, 1, 5) or (0.0, 0.0)
            inside += low <= truth <= high
        found.append(inside / DRAWS)
    return sum(found) / len(found), min(found)


METHODS = {
    "CSAT, Wilson": of_wilson,
    "NPS, Tango": of_tango,
    "two CSAT, Newcombe": of_newcombe,
    "mean of five points": of_mean,
}


def main() -> None:
    """Print the table: mean coverage, and the least in brackets."""
    print(f"{'nominal 0.95':<22}" + "".join(f"{f'n = {n}':>16}" for n in SIZES))
    for name, coverage in METHODS.items():
        cells = []
        for n in SIZES:
            print(f"\r{name:<22}… n = {n}", end="", file=sys.stderr, flush=True)
            mean, least = coverage(n)
            cells.append(f"{f'{mean:.3f} ({least:.3f})':>16}")
        print("\r" + " " * 40, end="\r", file=sys.stderr)
        print(f"{name:<22}" + "".join(cells))


if __name__ == "__main__":
    main()
