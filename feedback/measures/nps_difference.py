"""The difference of two NPS."""

from math import sqrt

from feedback.measures.newcombe import Difference
from feedback.measures.tango import tango

# Detractors, passives, promoters.
Groups = tuple[int, int, int]


def nps_difference(first: Groups, second: Groups, level: float = 0.95) -> Difference | None:
    """Return the first NPS less the second, on -2 … 2, with its interval; None without answers.

    Square-and-add of the two score intervals, as Newcombe does for proportions: the ends are
    d ∓ sqrt of the squared distances from each NPS to the nearer ends of its own interval. Source
    of the device: G. Y. Zou and A. Donner, Statistics in Medicine 27 (2008), 1693–1702. It carries
    no P: the verdict is whether the interval takes in zero.
    """
    (d1, s1, r1), (d2, s2, r2) = first, second
    n1, n2 = d1 + s1 + r1, d2 + s2 + r2
    one, two = tango(r1, d1, n1, level), tango(r2, d2, n2, level)
    if one is None or two is None:
        return None
    y1, y2 = (r1 - d1) / n1, (r2 - d2) / n2
    low = y1 - y2 - sqrt((y1 - one[0]) ** 2 + (two[1] - y2) ** 2)
    high = y1 - y2 + sqrt((one[1] - y1) ** 2 + (y2 - two[0]) ** 2)
    return Difference(y1 - y2, max(-2.0, low), min(2.0, high))
