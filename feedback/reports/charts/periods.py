"""How an axis of periods is written: short names, years once, and no more than fit."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

_IN_A_YEAR = re.compile(r"(\d{4})-([WQ]?(\d\d?)(?:-\d\d)?)")
# Steps that come out even in a year of months, weeks or quarters.
_STEPS = (1, 2, 3, 4, 6, 12, 13, 26, 52)


@dataclass(frozen=True)
class Named:
    """A label at a place on the axis."""

    place: int
    text: str


def names(
    labels: Sequence[str], column: float, width: Callable[[str], float], space: float
) -> list[Named]:
    """Return the labels that fit: 07 for 2026-07 where all are of a year, whole names elsewhere.

    `column` is the width of one place, `width` measures a text, `space` lies between two texts.
    The first period of a year is named before any other.
    """
    short = [_short(label) for label in labels]
    widest = max((width(text) for text in short), default=0)
    step = next((s for s in _STEPS if s * column >= widest + space), None)
    step = step or max(1, -int(-(widest + space) // column))
    chosen = [i for i in range(len(labels)) if (_ordinal(labels, i) - 1) % step == 0]
    chosen = chosen or [*range(len(labels))][:1]
    kept: list[Named] = []
    # From the right, so that the first week of a year beats the last ones of the year before.
    for i in reversed(chosen):
        if not kept or (kept[-1].place - i) * column >= widest + space:
            kept.append(Named(i, short[i]))
    return kept[::-1]


def years(labels: Sequence[str]) -> list[Named]:
    """Return each year at its first period; none where not every label is of a year."""
    matches = [_IN_A_YEAR.fullmatch(label) for label in labels]
    places = [Named(i, match[1]) for i, match in enumerate(matches) if match]
    if len(places) < len(labels):
        return []
    return [next(group) for _year, group in groupby(places, key=lambda place: place.text)]


def have_years(labels: Sequence[str]) -> bool:
    """Whether every label is of a year, which is then written apart."""
    return bool(labels) and all(_IN_A_YEAR.fullmatch(label) for label in labels)


def _short(label: str) -> str:
    match = _IN_A_YEAR.fullmatch(label)
    return match[2] if match else label


def _ordinal(labels: Sequence[str], i: int) -> int:
    """Return which one of its year a month, week or quarter is; days are counted from the first."""
    match = _IN_A_YEAR.fullmatch(labels[i])
    return int(match[3]) if match and match[2].count("-") == 0 else i + 1
