"""A group of people compared fairly: each with their interval, and marks only where they hold."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from feedback.measures.best_estimate import BestEstimate, best_estimates
from feedback.measures.between_people import Spread, reliability, spread_by_likelihood
from feedback.measures.binomial import mid_p
from feedback.measures.case_mix import CaseMix, case_mix, stratum_rates
from feedback.measures.false_discovery import benjamini_hochberg
from feedback.measures.funnel_limits import OverDispersion, over_dispersion
from feedback.measures.standing import Standing, may_be_compared, standing
from feedback.measures.wilson import wilson

Who = TypeVar("Who", bound=Hashable)
Stratum = TypeVar("Stratum", bound=Hashable)

# Among those marked, at most this share is marked falsely.
FALSE_DISCOVERIES = 0.05


@dataclass(frozen=True)
class Individual:
    """One person's figures; shares in 0 … 1, None where there are no answers.

    `mix` is what their mix of work would lead one to expect, `p` the mid-P against that
    expectation, `q` the same after controlling false discoveries over everybody in the group.
    `mark` is "low" or "high" only where q, the count and the reliability all allow it.
    """

    n: int
    good: int
    value: float | None
    low: float | None
    high: float | None
    best: BestEstimate | None
    reliability: float
    standing: Standing
    mix: CaseMix | None
    p: float | None
    q: float | None
    mark: str | None


@dataclass(frozen=True)
class Compared(Generic[Who]):
    """The group: its rate, how much its people differ, and each of them.

    Where `spread.weight` is None the answers show no difference between people beyond chance, and
    nobody is marked.
    """

    n: int
    rate: float
    spread: Spread
    scatter: OverDispersion | None
    people: Mapping[Who, Individual]


def compare(
    answers: Mapping[Who, Mapping[Stratum, tuple[int, int]]], *, adjust: bool = True
) -> Compared[Who] | None:
    """Return everybody compared, given (good answers, answers) by person and stratum of work.

    A stratum is what a person does not choose, such as channel and matter. With `adjust` each is
    held against the expectation for their own mix, else against the group's rate. None where there
    is no answer at all. The estimates of equal counts are computed once.
    """
    totals = {who: _total(strata) for who, strata in answers.items()}
    n = sum(count for _, count in totals.values())
    if n == 0:
        return None
    rate = sum(x for x, _ in totals.values()) / n
    pairs = [pair for pair in totals.values() if pair[1] > 0]
    spread, group = spread_by_likelihood(pairs), best_estimates(pairs)
    assert spread is not None  # noqa: S101 — there are answers.
    assert group is not None  # noqa: S101
    mixes = case_mixes(answers)
    expected = {who: _expected(mixes[who], rate, adjust=adjust) for who in totals}
    p_values = {who: mid_p(*totals[who], expected[who]) for who in totals if totals[who][1] > 0}
    tested = list(p_values)
    q_values = dict(
        zip(tested, benjamini_hochberg([p_values[who] or 0.0 for who in tested]), strict=True)
    )
    distinct = sorted(set(totals.values()))
    estimates = dict(zip(distinct, group.estimates(distinct), strict=True))
    people = {}
    for who, (x, count) in totals.items():
        people[who] = _individual(
            (x, count),
            spread=spread,
            best=estimates[x, count],
            mix=mixes[who],
            expected=expected[who],
            p=p_values.get(who),
            q=q_values.get(who),
        )
    return Compared(n, rate, spread, over_dispersion(pairs, rate), people)


def _total(strata: Mapping[Stratum, tuple[int, int]]) -> tuple[int, int]:
    return sum(x for x, _ in strata.values()), sum(n for _, n in strata.values())


def case_mixes(
    answers: Mapping[Who, Mapping[Stratum, tuple[int, int]]],
) -> dict[Who, CaseMix | None]:
    """Return what everybody's answers in the same strata lead one to expect of each person.

    `answers` has (good answers, answers) by person and stratum; None for somebody without any.
    """
    everybody: dict[Stratum, tuple[int, int]] = {}
    for strata in answers.values():
        for stratum, (x, n) in strata.items():
            good, all_ = everybody.get(stratum, (0, 0))
            everybody[stratum] = good + x, all_ + n
    rates = stratum_rates(everybody)
    total = sum(n for _, n in everybody.values())
    rate = sum(x for x, _ in everybody.values()) / total if total else 0.0
    return {
        who: case_mix(list(strata.values()), [rates[stratum] for stratum in strata], rate)
        for who, strata in answers.items()
    }


def _expected(mix: CaseMix | None, rate: float, *, adjust: bool) -> float:
    return mix.expected_rate if adjust and mix is not None else rate


def _individual(
    counts: tuple[int, int],
    *,
    spread: Spread,
    best: BestEstimate,
    mix: CaseMix | None,
    expected: float,
    p: float | None,
    q: float | None,
) -> Individual:
    x, n = counts
    interval = wilson(x, n)
    own = reliability(n, spread.weight)
    stands = standing(n, own)
    mark = None
    if q is not None and q < FALSE_DISCOVERIES and may_be_compared(stands):
        mark = "low" if x / n < expected else "high"
    low, high = interval if interval is not None else (None, None)
    return Individual(
        n=n,
        good=x,
        value=x / n if n else None,
        low=low,
        high=high,
        best=best if n else None,
        reliability=own,
        standing=stands,
        mix=mix,
        p=p,
        q=q,
        mark=mark,
    )
