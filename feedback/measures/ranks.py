"""Ranks as intervals, for those who insist on an order."""

from collections.abc import Sequence

from feedback.measures.newcombe import newcombe


def rank_intervals(people: Sequence[tuple[int, int]]) -> list[tuple[int, int] | None]:
    """Return for each (good answers, answers) the best and the worst rank that can be meant.

    Rank 1 is the best. Every pair is compared by Newcombe's interval at the level 1 - 0.05/(J - 1),
    so that all comparisons of one person together err in 5 %: the best rank is 1 plus the number
    clearly better, the worst J less the number clearly worse, among the J with answers. Those
    without answers have no rank: None. Where all intervals reach across the middle, no order can
    be given. After H. Goldstein and D. J. Spiegelhalter, JRSS A 159 (1996), 385–443.
    """
    known = [index for index, (_x, n) in enumerate(people) if n > 0]
    size = len(known)
    level = 1 - 0.05 / (size - 1) if size > 1 else 0.95
    better, worse = dict.fromkeys(known, 0), dict.fromkeys(known, 0)
    for place, i in enumerate(known):
        for j in known[place + 1 :]:
            difference = newcombe(*people[i], *people[j], level)
            if difference is None or difference.verdict == "cannot_tell":
                continue
            best, worst = (i, j) if difference.verdict == "higher" else (j, i)
            better[worst] += 1
            worse[best] += 1
    return [
        (1 + better[index], size - worse[index]) if index in better else None
        for index in range(len(people))
    ]


def is_orderable(ranks: Sequence[tuple[int, int] | None]) -> bool:
    """Tell whether any two of the ranks are apart at all."""
    known = [rank for rank in ranks if rank is not None]
    return any(one[1] < other[0] for one in known for other in known)
