"""Many numbers, as many at once as every database takes in one statement."""

from collections.abc import Iterable, Iterator

MOST = 500


def chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    """Yield the numbers in their order, some hundreds at a time."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), MOST):
        yield ordered[start : start + MOST]
