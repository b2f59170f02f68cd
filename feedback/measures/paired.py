"""The same customers twice: right after, and thirty days later."""

from dataclasses import dataclass
from math import erfc, sqrt

from feedback.measures.binomial import probability
from feedback.measures.tango import tango


@dataclass(frozen=True)
class Paired:
    """What became of customers who answered both times; all shares are of those n pairs.

    `difference` is the share satisfied right after less the share thirty days later: positive
    where satisfaction was lost.
    """

    n: int
    stayed_good: int
    turned_bad: int
    recovered: int
    stayed_bad: int
    difference: float
    low: float
    high: float
    p_mcnemar: float
    p_exact: float
    p_mid: float

    @property
    def held_up(self) -> float | None:
        """Return the share of those satisfied at first who still are; None if nobody was."""
        good = self.stayed_good + self.turned_bad
        return self.stayed_good / good if good else None


def paired(
    stayed_good: int, turned_bad: int, recovered: int, stayed_bad: int, level: float = 0.95
) -> Paired | None:
    """Return the paired comparison with Tango's interval; None without pairs.

    The two averages must not be compared with each other, since other people answered; only the
    pairs tell. The exact P is binomial over the discordant pairs, mid-P takes the observed split
    half (M. W. Fagerland, S. Lydersen and P. Laake, BMC Medical Research Methodology 13 (2013),
    91); both are 1 where no pair is discordant. Raises ValueError for negative counts.
    """
    if min(stayed_good, turned_bad, recovered, stayed_bad) < 0:
        raise ValueError("counts are not negative")
    n = stayed_good + turned_bad + recovered + stayed_bad
    interval = tango(turned_bad, recovered, n, level)
    if interval is None:
        return None
    discordant = turned_bad + recovered
    exact = mid = mcnemar = 1.0
    if discordant:
        fewer = min(turned_bad, recovered)
        tail = sum(probability(k, discordant, 0.5) for k in range(fewer + 1))
        here = probability(fewer, discordant, 0.5)
        exact = min(1.0, 2 * tail)
        mid = min(1.0, 2 * tail - here)
        mcnemar = erfc(abs(turned_bad - recovered) / sqrt(discordant) / sqrt(2))
    return Paired(
        n=n,
        stayed_good=stayed_good,
        turned_bad=turned_bad,
        recovered=recovered,
        stayed_bad=stayed_bad,
        difference=(turned_bad - recovered) / n,
        low=interval[0],
        high=interval[1],
        p_mcnemar=mcnemar,
        p_exact=exact,
        p_mid=mid,
    )
