"""Several answers of one customer are not as many opinions."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from feedback.measures.wilson import wilson


@dataclass(frozen=True)
class Clustered:
    """A share with its uncertainty by customer; `effective_n` is n over the design effect."""

    value: float
    low: float
    high: float
    n: int
    error: float
    design_effect: float
    effective_n: float


def by_customer(customers: Sequence[tuple[int, int]], level: float = 0.95) -> Clustered | None:
    """Return the share of all answers, given (good answers, answers) per customer; None for none.

    The ratio estimator's variance k/(k - 1)·Σ(x - p·m)²/n² over k customers, against p(1 - p)/n:
    their ratio is the design effect, never taken below 1, and the interval is Wilson's on
    n / design effect. Source: M. I. Short, Biometrical Journal (2020), on Wilson intervals for
    clustered data; W. G. Cochran, Sampling Techniques, ch. 9A.
    """
    known = [(x, m) for x, m in customers if m > 0]
    n = sum(m for _, m in known)
    if n == 0:
        return None
    k, p = len(known), sum(x for x, _ in known) / n
    variance = 0.0
    if k > 1:
        variance = k / (k - 1) * sum((x - p * m) ** 2 for x, m in known) / n**2
    simple = p * (1 - p) / n
    # A single customer with many answers tells as much as one answer does.
    effect = float(n) if k == 1 else max(1.0, variance / simple) if simple > 0 else 1.0
    effective = n / effect
    interval = wilson(p * effective, effective, level)
    assert interval is not None  # noqa: S101 — n is positive here.
    return Clustered(p, *interval, n, sqrt(variance), effect, effective)
