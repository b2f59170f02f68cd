"""How far two figures differ: the difference with its interval, and whether it is news."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

from feedback.measures.detectable_change import (
    DetectableChange,
    detectable_change,
    detectable_change_of_mean,
    nps_variance,
)
from feedback.measures.estimate import DEFINITIONS, Counts
from feedback.measures.newcombe import Difference, newcombe
from feedback.measures.nps_difference import Groups, nps_difference

_DIGITS = 6


@dataclass(frozen=True)
class Change:
    """A later figure less an earlier one, in the metric's own unit.

    `detectable` is the smallest difference so many answers could have told from none, and the one
    they find four times of five; None where there is no such figure (means).
    """

    value: float
    low: float
    high: float
    p: float | None
    verdict: str
    detectable: DetectableChange | None

    def as_json(self) -> dict[str, Any]:
        """Return it as every surface writes it, to six digits."""
        least = self.detectable
        numbers = {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "p": self.p,
            "detectable": None if least is None else least.at_all,
            "detectable_with_power": None if least is None else least.with_power,
        }
        rounded = {
            name: None if number is None else round(number, _DIGITS)
            for name, number in numbers.items()
        }
        return rounded | {"verdict": self.verdict}


def change_of(metric: str, later: Counts, earlier: Counts) -> Change | None:
    """Return the change between the counts per score of two groups; None where one has no answers.

    CSAT by Newcombe's interval and the N - 1 chi² test, NPS by square-and-add of the two score
    intervals, CES by square-and-add of the two intervals of the mean (the same device; it has no
    test). The verdict is "higher", "lower" or "cannot_tell", by the interval alone.
    """
    if not sum(later.values()) or not sum(earlier.values()):
        return None
    difference, detectable = _OF[metric](later, earlier)
    return Change(
        difference.value,
        difference.low,
        difference.high,
        difference.p,
        difference.verdict,
        detectable,
    )


def change_between(metric: str, later: Mapping[str, Any], earlier: Mapping[str, Any] | None) -> Any:
    """Return the change between two points of `scores()` as JSON; None where one does not show."""
    if earlier is None or later["value"] is None or earlier["value"] is None:
        return None
    counts = [{int(score): n for score, n in point["counts"].items()} for point in (later, earlier)]
    change = change_of(metric, *counts)
    return None if change is None else change.as_json()


def _csat(later: Counts, earlier: Counts) -> tuple[Difference, DetectableChange | None]:
    (x1, n1), (x2, n2) = (_good(counts) for counts in (later, earlier))
    difference = newcombe(x1, n1, x2, n2)
    assert difference is not None  # noqa: S101 — both have answers.
    return difference, detectable_change((x1 + x2) / (n1 + n2), n1, n2)


def _good(counts: Counts) -> tuple[int, int]:
    return counts.get(4, 0) + counts.get(5, 0), sum(counts.values())


def _nps(later: Counts, earlier: Counts) -> tuple[Difference, DetectableChange | None]:
    one, other = (_groups(counts) for counts in (later, earlier))
    difference = nps_difference(one, other)
    detractors, passives, promoters = (a + b for a, b in zip(one, other, strict=True))
    variance = nps_variance(detractors, passives, promoters)
    assert difference is not None  # noqa: S101 — both have answers.
    return difference, detectable_change_of_mean(variance or 0.0, sum(one), sum(other))


def _groups(counts: Counts) -> Groups:
    detractors = sum(n for score, n in counts.items() if score <= 6)
    promoters = sum(n for score, n in counts.items() if score >= 9)
    return detractors, sum(counts.values()) - detractors - promoters, promoters


def _ces(later: Counts, earlier: Counts) -> tuple[Difference, None]:
    one, other = (DEFINITIONS["ces"].of(counts) for counts in (later, earlier))
    assert one is not None  # noqa: S101 — both have answers.
    assert other is not None  # noqa: S101
    value = one.value - other.value
    low = value - sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
    high = value + sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return Difference(value, low, high), None


_OF = {"csat": _csat, "nps": _nps, "ces": _ces}
