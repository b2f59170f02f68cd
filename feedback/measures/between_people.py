"""How much people differ beyond chance, and what one's own answers are then worth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

from feedback.measures.beta import beta_place, log_beta

Counts = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Spread:
    """A beta distribution of people's true rates: its mean and its weight in answers.

    `weight` is M: a person's own n answers count for n / (n + M) of the best estimate. None where
    the answers show no difference between people beyond chance; then nobody may be compared.
    """

    mean: float
    weight: float | None

    @property
    def sd(self) -> float:
        """Return the standard deviation of true rates between people; 0 without a difference."""
        if self.weight is None:
            return 0.0
        return sqrt(self.mean * (1 - self.mean) / (self.weight + 1))


def reliability(n: float, weight: float | None) -> float:
    """Return n / (n + M), the share of variation in scores that is true; 0 without differences.

    Source: J. L. Adams, The Reliability of Provider Profiling, RAND TR-653 (2009).
    """
    return 0.0 if weight is None or n + weight == 0 else n / (n + weight)


def answers_needed(reliability_wanted: float, weight: float) -> float:
    """Return how many answers give a reliability in 0 … 1 (not included): M·R / (1 - R)."""
    if not 0 < reliability_wanted < 1:
        raise ValueError(reliability_wanted)
    return weight * reliability_wanted / (1 - reliability_wanted)


def spread_by_moments(people: Counts) -> Spread | None:
    """Return the spread by the ANOVA estimator of intra-class correlation; None for no answers.

    With k people, N answers, MSB and MSW the mean squares between and within, and
    n0 = (N - Σn²/N)/(k - 1): rho = (MSB - MSW)/(MSB + (n0 - 1)·MSW), M = 1/rho - 1. Where
    rho ≤ 0 there is no evidence of differences. Source: A. Donner, International Statistical
    Review 54 (1986), 67–82.
    """
    known = [(x, n) for x, n in people if n > 0]
    total = sum(n for _, n in known)
    if total == 0:
        return None
    mean, k = sum(x for x, _ in known) / total, len(known)
    if k < 2 or total == k:
        return Spread(mean, None)
    between = sum(n * (x / n - mean) ** 2 for x, n in known) / (k - 1)
    within = sum(x * (1 - x / n) for x, n in known) / (total - k)
    size = (total - sum(n * n for _, n in known) / total) / (k - 1)
    denominator = between + (size - 1) * within
    rho = (between - within) / denominator if denominator > 0 else 0.0
    if rho <= 0:
        return Spread(mean, None)
    return Spread(mean, max(1 / rho - 1, 0.0))


def spread_by_likelihood(people: Counts) -> Spread | None:
    """Return the likeliest beta-binomial spread; None for no answers.

    Maximises Σ ln B(x + a, n - x + b) - ln B(a, b) with a = μM and b = (1 - μ)M, over ln M by
    golden section and, for each M, over μ likewise; deterministic. Where the likelihood still rises
    at M = 100,000 there is no evidence of differences. Source: D. A. Williams, Biometrics 31
    (1975), 949–952.
    """
    known = [(x, n) for x, n in people if n > 0]
    total = sum(n for _, n in known)
    if total == 0:
        return None
    # People with the same counts need the same two logarithms: a thousand become a hundred.
    tallied: dict[tuple[int, int], int] = {}
    for pair in known:
        tallied[pair] = tallied.get(pair, 0) + 1
    hits = sum(x for x, _ in known)
    if hits in (0, total) or len(known) < 2:
        return Spread(hits / total, None)

    def likelihood(mean: float, log_weight: float) -> float:
        weight = 10**log_weight
        a, b = mean * weight, (1 - mean) * weight
        prior = log_beta(a, b)
        return sum(
            times * (log_beta(x + a, n - x + b) - prior) for (x, n), times in tallied.items()
        )

    def best_mean(log_weight: float) -> float:
        return _highest(lambda mean: likelihood(mean, log_weight), 1e-6, 1 - 1e-6)

    log_weight = _highest(lambda at: likelihood(best_mean(at), at), -2.0, 5.0)
    mean = best_mean(log_weight)
    return Spread(mean, None if log_weight > 4.99 else 10**log_weight)


_GOLDEN = (sqrt(5) - 1) / 2


def _highest(of: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function with one summit is highest, by golden section."""
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = of(left), of(right)
    while high - low > 1e-7:
        if at_left < at_right:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = of(right)
        else:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = of(left)
    return (low + high) / 2


def plug_in(x: int, n: int, spread: Spread, level: float = 0.95) -> tuple[float, float, float]:
    """Return (mean, low, high) of one person where the spread were known exactly.

    The beta posterior with the spread as its prior. Since the spread is itself estimated, its
    interval is too narrow to be shown as a 95 % one (statistics of few people: 70 to 80 %); it
    serves to check the full estimate, which is `best_estimates`.
    """
    if spread.weight is None:
        return spread.mean, spread.mean, spread.mean
    a, b = x + spread.mean * spread.weight, n - x + (1 - spread.mean) * spread.weight
    tail = (1 - level) / 2
    return a / (a + b), beta_place(tail, a, b), beta_place(1 - tail, a, b)
