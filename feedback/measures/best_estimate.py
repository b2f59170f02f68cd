"""A person's best estimate: their own answers, weighed against how people differ at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, log1p, sqrt

from feedback.measures.beta import beta_share, log_beta

# The grid, fixed once so that the same answers give the same digits: how many answers the group
# counts for, in steps of 35 %, and 41 places of the group's mean, four standard errors either way.
_WEIGHTS = tuple(4 * 1.35**step for step in range(20))
_MEANS = 41
_REACH = 4.0
# Cells this unlikely change nothing in the digits shown, and leaving them out saves most work.
_NEGLIGIBLE = 1e-8


@dataclass(frozen=True)
class BestEstimate:
    """What one's own answers and the group's together say; shares in 0 … 1.

    `own_weight` is how much of it rests on one's own answers.
    """

    mean: float
    low: float
    high: float
    own_weight: float


@dataclass(frozen=True)
class _Cell:
    mean: float
    weight: float
    chance: float


@dataclass(frozen=True)
class Group:
    """A group's posterior over (mean, weight), from which each person's estimate follows."""

    cells: tuple[_Cell, ...]
    level: float = 0.95

    @property
    def spread(self) -> float:
        """Return the posterior mean of the standard deviation of true rates between people."""
        return sum(
            cell.chance * sqrt(cell.mean * (1 - cell.mean) / (cell.weight + 1))
            for cell in self.cells
        )

    def estimate(self, x: int, n: int) -> BestEstimate:
        """Return the best estimate of somebody with x of n good answers; n may be 0."""
        parts = self._parts(x, n)
        tail = (1 - self.level) / 2
        return BestEstimate(
            mean=sum(chance * a / (a + b) for chance, a, b in parts),
            low=_place(parts, tail),
            high=_place(parts, 1 - tail),
            own_weight=sum(cell.chance * n / (n + cell.weight) for cell in self.cells),
        )

    def chance_below(self, target: float, x: int, n: int) -> float:
        """Return the probability that the person's true rate lies below a target in 0 … 1."""
        return _share(self._parts(x, n), target)

    def _parts(self, x: int, n: int) -> list[tuple[float, float, float]]:
        if not 0 <= x <= n:
            raise ValueError(f"{x} of {n}")
        return [
            (cell.chance, x + cell.mean * cell.weight, n - x + (1 - cell.mean) * cell.weight)
            for cell in self.cells
        ]


def best_estimates(people: Sequence[tuple[int, int]], level: float = 0.95) -> Group | None:
    """Return the group's posterior, given (good answers, answers) of each person; None for none.

    A hierarchical beta-binomial on a fixed grid: true rates are Beta(μM, (1 - μ)M); M takes the
    values 4·1.35^k for k = 0 … 19 with prior weight M·(M + 1)^-1.5, which is uniform on the
    standard deviation between people; μ takes 41 places, equally spaced in logit(μ) over four
    standard errors about the pooled rate (x + ½)/(n + 1), with
    se² = (1/N + 1/(4J)) / (p(1 - p)) for J people and N answers, flat in logit. A person's
    posterior is then a mixture of Beta(x + μM, n - x + (1 - μ)M). Unlike an interval with the
    spread plugged in, it keeps its coverage with few people, because how much people differ is
    itself unknown. Source of the model: A. Gelman et al., Bayesian Data Analysis, 3rd ed., ch. 5.
    """
    known = [(x, n) for x, n in people if n > 0]
    if any(not 0 <= x <= n for x, n in known):
        raise ValueError("good answers are among the answers")
    if not known:
        return None
    tallied: dict[tuple[int, int], int] = {}
    for pair in known:
        tallied[pair] = tallied.get(pair, 0) + 1
    answers, hits = sum(n for _, n in known), sum(x for x, _ in known)
    pooled = (hits + 0.5) / (answers + 1)
    centre = log(pooled / (1 - pooled))
    error = sqrt((1 / answers + 1 / (4 * len(known))) / (pooled * (1 - pooled)))
    weighed: list[tuple[float, float, float]] = []
    for weight in _WEIGHTS:
        prior = log(weight) - 1.5 * log1p(weight)
        for place in range(_MEANS):
            logit = centre + error * _REACH * (2 * place / (_MEANS - 1) - 1)
            mean = 1 / (1 + exp(-logit))
            a, b = mean * weight, (1 - mean) * weight
            base = log_beta(a, b)
            likelihood = sum(
                times * (log_beta(x + a, n - x + b) - base) for (x, n), times in tallied.items()
            )
            weighed.append((prior + likelihood, mean, weight))
    highest = max(score for score, _mean, _weight in weighed)
    whole = sum(exp(score - highest) for score, _mean, _weight in weighed)
    kept = [
        _Cell(mean, weight, exp(score - highest) / whole)
        for score, mean, weight in weighed
        if exp(score - highest) / whole > _NEGLIGIBLE
    ]
    rest = sum(cell.chance for cell in kept)
    cells = tuple(_Cell(cell.mean, cell.weight, cell.chance / rest) for cell in kept)
    return Group(cells, level)


def _share(parts: Sequence[tuple[float, float, float]], at: float) -> float:
    return sum(chance * beta_share(at, a, b) for chance, a, b in parts)


def _place(parts: Sequence[tuple[float, float, float]], share: float) -> float:
    """Return where the mixture reaches the share, to ten digits and the same every time.

    A few halvings first, since the share rises steeply somewhere and is flat elsewhere; then the
    Illinois form of false position, which needs a third of the evaluations halving would.
    """
    low, high = 0.0, 1.0
    for _ in range(6):
        middle = (low + high) / 2
        if _share(parts, middle) < share:
            low = middle
        else:
            high = middle
    at_low, at_high = _share(parts, low) - share, _share(parts, high) - share
    side = 0
    while high - low > 1e-10:
        if at_high == at_low:
            break
        middle = (low * at_high - high * at_low) / (at_high - at_low)
        here = _share(parts, middle) - share
        if abs(here) < 1e-12:
            return middle
        if here > 0:
            high, at_high = middle, here
            at_low = at_low / 2 if side > 0 else at_low
            side = 1
        else:
            low, at_low = middle, here
            at_high = at_high / 2 if side < 0 else at_high
            side = -1
    return (low + high) / 2
