"""Many people tested at once: how many marks would be false."""

from collections.abc import Sequence


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return each P's adjusted value q, in the order given; empty for none.

    Marking all with q < 0.05 lets at most 5 % of the marks be false on average: q of the i-th
    smallest of m is the least of m·p/j over j ≥ i, and at most 1. Source: Y. Benjamini and
    Y. Hochberg, JRSS B 57 (1995), 289–300.
    """
    m = len(p_values)
    order = sorted(range(m), key=lambda index: p_values[index])
    adjusted, least = [0.0] * m, 1.0
    for rank in range(m, 0, -1):
        index = order[rank - 1]
        least = min(least, p_values[index] * m / rank)
        adjusted[index] = least
    return adjusted
