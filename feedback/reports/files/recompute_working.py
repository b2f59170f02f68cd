"""The working of a figure in a spreadsheet: each number as shown, its formula, and how in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from feedback.measures.estimate import DEFINITIONS, LEVEL
from feedback.measures.wilson import quantile
from feedback.reports.files.recompute import Recomputable
from feedback.reports.files.recompute_formulas import (
    STEPS,
    Bisection,
    Formula,
    Ranges,
    Z,
    endpoint_adjusted_end,
    wilson_end,
)
from feedback.surveys.scales import SCALES


@dataclass(frozen=True)
class Line:
    """A line of the working: its name, what is shown, the formula, and how in words."""

    name: str
    shown: str | int | float | None
    formula: Formula | None
    how: str


def working(found: Recomputable, *, row: int, answers_from: int, steps_from: int) -> list[Line]:
    """Return the lines from this row on; where no value may be shown there is only the count."""
    figure = found.figure
    last = answers_from + len(found.answers) - 1
    scores, counts, worth = (f"{one}{answers_from}:{one}{last}" for one in "CDE")
    ranges = [Ranges(scores, counts, worth, struck) for struck in (False, True)]
    lines: list[Line] = []
    if not figure.has_value:
        n = Formula(ranges[0].n, figure.n or 0)
        lines.append(Line(_("Answers"), figure.n, n, _("those that count")))
        lines.append(Line(_("Value"), figure.why_not, None, ""))
        return lines
    z = Formula(Z, quantile(LEVEL))
    lines.append(Line("z", round(z.value, 6), z, _("the normal quantile for 0.95")))
    for place, one in enumerate(ranges[: 1 + _tells_both(found)]):
        at = row + len(lines)
        kept = [a.score for a in found.answers if one.struck or a.struck_because is None]
        lines += _figure_lines(found, one, kept, z=f"C{row}", at=at, steps=steps_from, nth=place)
    return lines


def _tells_both(found: Recomputable) -> bool:
    return found.has_struck and not found.leaves_struck_out


def _figure_lines(
    found: Recomputable,
    ranges: Ranges,
    scores: Sequence[int],
    *,
    z: str,
    at: int,
    steps: int,
    nth: int,
) -> list[Line]:
    """Return the lines of one figure, the first of which stands in row `at`."""
    metric = found.figure.metric
    counts = {score: scores.count(score) for score in set(scores)}
    estimate = DEFINITIONS[metric].of(counts)
    assert estimate is not None  # noqa: S101 — a figure that is shown has answers.
    n = f"C{at}"
    worths = [worth_of(metric, score) for score in scores]
    lines = [Line(_("Answers"), len(scores), Formula(ranges.n, len(scores)), _counts_words(ranges))]
    if metric == "csat":
        good = f"C{at + 1}"
        lines.append(
            Line(_("Satisfied"), sum(worths), Formula(ranges.total, sum(worths)), _("4 or 5"))
        )
        value = f"{good}/{n}"
        ends = [wilson_end(good, n, z, upper=upper) for upper in (False, True)]
        how = (_("satisfied / answers"), _("Wilson’s score interval"))
    elif metric == "nps":
        for name, worth, words in ((_("Promoters"), 1, "9–10"), (_("Detractors"), -1, "0–6")):
            times = worths.count(worth)
            lines.append(Line(name, times, Formula(ranges.times(worth), times), words))
        value = f"(C{at + 1}-C{at + 2})/{n}"
        halving = _searches_of(worths, at, z, steps, nth)
        ends = [search.result(first) for search, first in halving]
        how = (
            _("(promoters − detractors) / answers"),
            _("Tango’s score interval: the steps below halve it until nothing is left"),
        )
    else:
        total, squares = sum(scores), sum(score * score for score in scores)
        lines.append(Line(_("Sum"), total, Formula(ranges.total, total), _("of the scores")))
        words = _("of the scores multiplied by themselves")
        lines.append(Line(_("Squares"), squares, Formula(ranges.squares, squares), words))
        value = f"C{at + 1}/{n}"
        ends = [
            endpoint_adjusted_end(f"C{at + 1}", f"C{at + 2}", n, z, upper=upper)
            for upper in (False, True)
        ]
        how = (
            _("sum / answers"),
            _("normal interval with half an answer added at 1 and half at 7"),
        )
    figures = (estimate.value, estimate.low, estimate.high)
    names = (_("Value"), _("Low"), _("High"))
    if ranges.struck:
        names = (_("Value with those struck"), _("Low"), _("High"))
    for name, text, number, words in zip(
        names, (value, *ends), figures, (how[0], how[1], how[1]), strict=True
    ):
        lines.append(Line(name, round(number, 6), Formula(text, number), words))
    return lines


def searches(
    found: Recomputable, working_from: int, steps_from: int
) -> list[tuple[Bisection, int]]:
    """Return the searches for the ends of an NPS, and the row in which each begins."""
    found_searches = []
    for nth in range(1 + _tells_both(found)):
        at = working_from + 1 + nth * 6
        worths = [
            worth_of("nps", one.score) for one in found.answers if nth or one.struck_because is None
        ]
        found_searches += _searches_of(worths, at, f"C{working_from}", steps_from, nth)
    return found_searches


def _searches_of(
    worths: Sequence[int], at: int, z: str, steps: int, nth: int
) -> list[tuple[Bisection, int]]:
    cells = (f"C{at + 1}", f"C{at + 2}", f"C{at}", z, f"C{at + 3}")
    plus, minus = worths.count(1), worths.count(-1)
    return [
        (
            Bisection(plus, minus, len(worths), cells, upper=upper),
            steps + (2 * nth + upper) * STEPS,
        )
        for upper in (False, True)
    ]


def worth_of(metric: str, score: int) -> int:
    """Return what a score counts for: 1 or 0 in CSAT, 1, 0 or -1 in NPS, itself in CES."""
    if metric == "ces":
        return score
    side = SCALES[metric].side(score)
    if metric == "csat":
        return int(side == "high")
    return {"high": 1, "low": -1}.get(side or "", 0)


def _counts_words(ranges: Ranges) -> str:
    return str(_("all, those struck too") if ranges.struck else _("those that count"))
