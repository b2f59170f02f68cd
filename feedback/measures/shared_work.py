"""Work that several people shared: each gets the part agreed on before the answer came."""

from collections.abc import Sequence
from dataclasses import dataclass

from feedback.measures.wilson import wilson


@dataclass(frozen=True)
class Weighted:
    """A weighted share; `effective_n` is the number of whole answers it is worth."""

    value: float
    low: float
    high: float
    effective_n: float


def weighted_share(
    good: Sequence[bool], weights: Sequence[float], level: float = 0.95
) -> Weighted | None:
    """Return Σwx/Σw with Wilson's interval on (Σw)²/Σw² answers; None without any weight.

    Weights are shares of one interaction in 0 … 1. Source of the effective number: L. Kish, Survey
    Sampling (1965), section 11.7. Raises ValueError for a negative weight.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("weights are not negative")
    whole = sum(weights)
    if whole == 0:
        return None
    value = sum(w for x, w in zip(good, weights, strict=True) if x) / whole
    effective = whole**2 / sum(weight**2 for weight in weights)
    interval = wilson(min(value * effective, effective), effective, level)
    assert interval is not None  # noqa: S101 — the effective number is at least 1 here.
    return Weighted(value, *interval, effective)
