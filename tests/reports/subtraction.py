"""Whatever can be worked out by adding and subtracting figures, by all of linear algebra.

Each figure is the row of answers it counts, and what can come out of many is in the span of their
rows. Reckoning modulo a prime keeps that exact.
"""

import numpy as np

PRIME = 2**31 - 1
Rows = "np.typing.NDArray[np.int64]"


def in_span(rows: Rows, targets: Rows) -> Rows:
    """Tell for each target whether it is a combination of the rows, modulo a prime."""
    left, targets, done = rows % PRIME, targets % PRIME, 0
    for column in range(left.shape[1]):
        filled = np.nonzero(left[done:, column])[0]
        if not len(filled):
            continue
        left[[done, done + filled[0]]] = left[[done + filled[0], done]]
        pivot = left[done] * pow(int(left[done, column]), PRIME - 2, PRIME) % PRIME
        for table, begin in ((left, done + 1), (targets, 0)):
            factors = table[begin:, column].copy()
            table[begin:] = (table[begin:] - factors[:, None] * pivot[None, :]) % PRIME
        done += 1
        if done == len(left):
            break
    return ~targets.any(axis=1)
