"""What somebody's mix of work would lead one to expect, by indirect standardisation."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TypeVar

Stratum = TypeVar("Stratum", bound=Hashable)
# A stratum with fewer answers than this has no rate of its own; it joins the rest.
LEAST = 20


@dataclass(frozen=True)
class CaseMix:
    """Good answers observed and expected; `adjusted` is (O - E)/n, `z` its standard score.

    `standardised` is the overall rate times O/E, on 0 … 1 and above; None where nothing was
    expected. `z` is None where the expectation leaves no room to vary.
    """

    n: int
    observed: int
    expected: float
    raw: float
    expected_rate: float
    adjusted: float
    standardised: float | None
    z: float | None


def case_mix(
    own: Sequence[tuple[int, int]], rates: Sequence[float], overall: float
) -> CaseMix | None:
    """Return what the strata's rates lead one to expect of somebody; None without answers.

    `own` holds (good answers, answers) in each stratum, `rates` everybody's rate there:
    E = Σ nₛrₛ, z = (O - E)/sqrt(Σ nₛrₛ(1 - rₛ)). Adjusted is only for what the person does not
    choose (channel, matter), never for how they do the work. Source: indirect standardisation, e.g.
    N. E. Breslow and N. E. Day, IARC Scientific Publications 82 (1987), ch. 2.
    """
    n = sum(count for _, count in own)
    if n == 0:
        return None
    observed = sum(x for x, _ in own)
    expected = sum(count * rate for (_, count), rate in zip(own, rates, strict=True))
    variance = sum(count * rate * (1 - rate) for (_, count), rate in zip(own, rates, strict=True))
    return CaseMix(
        n=n,
        observed=observed,
        expected=expected,
        raw=observed / n,
        expected_rate=expected / n,
        adjusted=(observed - expected) / n,
        standardised=overall * observed / expected if expected > 0 else None,
        z=(observed - expected) / sqrt(variance) if variance > 0 else None,
    )


def stratum_rates(
    everybody: Mapping[Stratum, tuple[int, int]], least: int = LEAST
) -> dict[Stratum, float]:
    """Return each stratum's rate, those with fewer than `least` answers taken together.

    Where even together they are fewer, they get the rate of everything. Empty strata get it too.
    """
    small = {key for key, (_, n) in everybody.items() if n < least}
    x_small, n_small = (sum(everybody[key][part] for key in small) for part in (0, 1))
    x_all, n_all = (sum(pair[part] for pair in everybody.values()) for part in (0, 1))
    overall = x_all / n_all if n_all else 0.0
    together = x_small / n_small if n_small >= least else overall
    return {
        key: together if key in small else everybody[key][0] / everybody[key][1]
        for key in everybody
    }
