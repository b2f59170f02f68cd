"""A person's best estimate: their own answers, weighed against how people differ at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log, log1p, sqrt

import numpy as np

from feedback.measures.beta import Numbers, beta_shares, log_beta

# The grid, fixed once so that the same answers give the same digits: how many answers the group
# counts for, in steps of 35 %, and 41 places of the group's mean, four standard errors either way.
_WEIGHTS = tuple(4 * 1.35**step for step in range(20))
_MEANS = 41
_REACH = 4.0
# Beyond this a rate cannot be told from none or all any more: 1 - 1e-15.
_FARTHEST = 34.0
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
    # One less the mean. Where nearly all answers are good, subtracting would leave little of it.
    rest: float
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
            cell.chance * sqrt(cell.mean * cell.rest / (cell.weight + 1)) for cell in self.cells
        )

    def estimate(self, x: int, n: int) -> BestEstimate:
        """Return the best estimate of somebody with x of n good answers; n may be 0."""
        return self.estimates([(x, n)])[0]

    def estimates(self, people: Sequence[tuple[int, int]]) -> list[BestEstimate]:
        """Return the best estimates of many people, in their order.

        The range always holds the mean, also where a posterior is so lopsided that one of twenty
        of its outermost parts moves the mean past the place where the other nineteen begin.
        """
        if not people:
            return []
        mixture = _Mixture.of(self.cells, people)
        tail = (1 - self.level) / 2
        low = np.minimum(mixture.places(tail), mixture.means)
        high = np.maximum(mixture.places(1 - tail), mixture.means)
        return [
            BestEstimate(
                mean=float(mixture.means[row]),
                low=float(low[row]),
                high=float(high[row]),
                own_weight=sum(cell.chance * n / (n + cell.weight) for cell in self.cells),
            )
            for row, (_x, n) in enumerate(people)
        ]

    def chance_below(self, target: float, x: int, n: int) -> float:
        """Return the probability that the person's true rate lies below a target in 0 … 1."""
        mixture = _Mixture.of(self.cells, [(x, n)])
        return float(mixture.shares(np.array([target]))[0])


@dataclass(frozen=True)
class _Mixture:
    """Each person's posterior: a row of beta distributions with the cells' chances."""

    chances: Numbers
    a: Numbers
    b: Numbers
    log_betas: Numbers

    @classmethod
    def of(cls, cells: Sequence[_Cell], people: Sequence[tuple[int, int]]) -> "_Mixture":
        if any(not 0 <= x <= n for x, n in people):
            raise ValueError("good answers are among the answers")
        prior = np.array([cell.mean * cell.weight for cell in cells])
        rest = np.array([cell.rest * cell.weight for cell in cells])
        a = np.array([[x] for x, _ in people]) + prior
        b = np.array([[n - x] for x, n in people]) + rest
        log_betas = np.array(
            [[log_beta(*pair) for pair in zip(*row, strict=True)] for row in zip(a, b, strict=True)]
        )
        return cls(np.array([cell.chance for cell in cells]), a, b, log_betas)

    @property
    def means(self) -> Numbers:
        return (self.a / (self.a + self.b)) @ self.chances

    def shares(self, at: Numbers) -> Numbers:
        """Return the probability below one place for each person."""
        places = np.broadcast_to(at[:, None], self.a.shape)
        return beta_shares(places, self.a, self.b, self.log_betas) @ self.chances

    def densities(self, at: Numbers) -> Numbers:
        places = at[:, None]
        logs = (self.a - 1) * np.log(places) + (self.b - 1) * np.log1p(-places) - self.log_betas
        return np.exp(logs) @ self.chances

    def places(self, share: float) -> Numbers:
        """Return where each person's probability reaches the share, to ten digits.

        Newton's steps, kept between what is known to be too low and too high; where a step leads
        outside, the middle is taken instead.
        """
        low, high = np.zeros(len(self.a)), np.ones(len(self.a))
        at = np.clip(self.means, 0.01, 0.99)
        for _ in range(60):
            off = self.shares(at) - share
            low, high = np.where(off < 0, at, low), np.where(off < 0, high, at)
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                step = at - off / self.densities(at)
            inside = (step > low) & (step < high)
            following = np.where(inside, step, (low + high) / 2)
            moved = np.max(np.abs(following - at))
            at = following
            if moved < 1e-11:
                break
        return at


def best_estimates(people: Sequence[tuple[int, int]], level: float = 0.95) -> Group | None:
    """Return the group's posterior, given (good answers, answers) of each person; None for none.

    A hierarchical beta-binomial on a fixed grid: true rates are Beta(μM, (1 - μ)M); M takes the
    values 4·1.35^k for k = 0 … 19 with prior weight M·(M + 1)^-1.5, which is uniform on the
    standard deviation between people; μ takes 41 places, equally spaced in logit(μ) over four
    standard errors about the pooled rate (x + ½)/(n + 1), with
    se² = (1/N + 1/(4J)) / (p(1 - p)) for J people and N answers, flat in logit, and no further out
    than numbers can follow. A person's posterior is then a mixture of
    Beta(x + μM, n - x + (1 - μ)M). Unlike an interval with the spread plugged in, it keeps its
    coverage with few people, because how much people differ is itself unknown. Source of the
    model: A. Gelman et al., Bayesian Data Analysis, 3rd ed., ch. 5.

    Where all answers agree, nothing in them ends what is flat in logit, and the grid's own end
    would be the result: a rate of 1 - 1e-11 from twenty answers each. There μ has Jeffreys' prior,
    Beta(½, ½), as in the interval of that name.
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
    reach = min(error * _REACH, _FARTHEST - abs(centre))
    weighed: list[tuple[float, float, float, float]] = []
    for weight in _WEIGHTS:
        of_weight = log(weight) - 1.5 * log1p(weight)
        for place in range(_MEANS):
            logit = centre + reach * (2 * place / (_MEANS - 1) - 1)
            mean, other = 1 / (1 + exp(-logit)), 1 / (1 + exp(logit))
            a, b = mean * weight, other * weight
            prior = of_weight
            if hits in (0, answers):
                prior += (log(mean) + log(other)) / 2
            base = log_beta(a, b)
            likelihood = sum(
                times * (log_beta(x + a, n - x + b) - base) for (x, n), times in tallied.items()
            )
            weighed.append((prior + likelihood, mean, other, weight))
    highest = max(score for score, *_cell in weighed)
    whole = sum(exp(score - highest) for score, *_cell in weighed)
    kept = [
        _Cell(mean, other, weight, exp(score - highest) / whole)
        for score, mean, other, weight in weighed
        if exp(score - highest) / whole > _NEGLIGIBLE
    ]
    rest = sum(cell.chance for cell in kept)
    cells = tuple(replace(cell, chance=cell.chance / rest) for cell in kept)
    return Group(cells, level)
