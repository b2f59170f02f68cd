"""Ranks as intervals, for those who insist on an order."""

from collections.abc import Sequence

import numpy as np

from feedback.measures.wilson import wilson

# So many people are compared with everybody at once; a few thousand in one would fill the memory.
_AT_ONCE = 512


def rank_intervals(people: Sequence[tuple[int, int]]) -> list[tuple[int, int] | None]:
    """Return for each (good answers, answers) the best and the worst rank that can be meant.

    Rank 1 is the best. Every pair is compared by Newcombe's interval at the level 1 - 0.05/(J - 1),
    so that all comparisons of one person together err in 5 %: the best rank is 1 plus the number
    clearly better, the worst J less the number clearly worse, among the J with answers. Those
    without answers have no rank: None. Where all intervals reach across the middle, no order can
    be given. After H. Goldstein and D. J. Spiegelhalter, JRSS A 159 (1996), 385–443.
    """
    known = [pair for pair in people if pair[1] > 0]
    size = len(known)
    level = 1 - 0.05 / (size - 1) if size > 1 else 0.95
    intervals = {pair: wilson(*pair, level) or (0.0, 1.0) for pair in set(known)}
    value = np.array([x / n for x, n in known])
    below = value - np.array([intervals[pair][0] for pair in known])
    above = np.array([intervals[pair][1] for pair in known]) - value
    worse, better = np.zeros(size, dtype=int), np.zeros(size, dtype=int)
    for start in range(0, size, _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        # Newcombe's lower end of each difference; above zero, the one is clearly better.
        low = value[some, None] - value - np.hypot(below[some, None], above)
        clearly = low > 0
        worse[some] = clearly.sum(axis=1)
        better += clearly.sum(axis=0)
    ranks = iter(zip((1 + better).tolist(), (size - worse).tolist(), strict=True))
    return [next(ranks) if n > 0 else None for _x, n in people]


def is_orderable(ranks: Sequence[tuple[int, int] | None]) -> bool:
    """Tell whether any two of the ranks are apart at all."""
    known = [rank for rank in ranks if rank is not None]
    if not known:
        return False
    # Some rank ends before another begins exactly where the first to end does so.
    return min(worst for _best, worst in known) < max(best for best, _worst in known)
