"""Makes one point of `scores()`: a figure with all it rests on, or why there is none to show."""

from collections.abc import Mapping
from typing import Any

from feedback.measures.estimate import DEFINITIONS
from feedback.measures.standing import RATED_FROM

_DIGITS = 6


def point_of(
    metric: str,
    counts: Mapping[int, int],
    *,
    period: str,
    is_hidden: bool,
    is_few: bool,
    sees_all: bool,
    provisional: bool,
) -> dict[str, Any]:
    """Return the point. `is_hidden`: others may not know it; `is_few`: it is about one person.

    About one person fewer than ten answers are too few to judge: others are told how many there
    are, and nothing they could be judged by (docs/definitions.md, "Few answers").
    """
    estimate = DEFINITIONS[metric].of(counts)
    too_few = is_hidden or (is_few and estimate is not None and estimate.n < RATED_FROM)
    status = "no_answers" if estimate is None else "too_few" if too_few else "ok"
    point: dict[str, Any] = {
        "period": period,
        "n": 0,
        "counts": {},
        "value": None,
        "low": None,
        "high": None,
        "status": status,
        "provisional": provisional,
    }
    if estimate is None:
        return point
    if too_few and not sees_all:
        # Neither the value nor what it could be worked out from.
        return point | {"n": None if is_hidden else estimate.n, "counts": None}
    return point | {
        "n": estimate.n,
        "counts": {str(score): counts[score] for score in sorted(counts)},
        "value": round(estimate.value, _DIGITS),
        "low": round(estimate.low, _DIGITS),
        "high": round(estimate.high, _DIGITS),
    }
