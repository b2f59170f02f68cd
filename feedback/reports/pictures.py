"""Draws what pages show as charts, each picture once: the same figures give the same bytes."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from flask_babel import gettext as _

from feedback.measures.estimate import DEFINITIONS
from feedback.reports.chart_points import ChartLine, ChartPoint, ChartScale, ChartWords
from feedback.reports.figures import HIDDEN, Figure
from feedback.reports.gather import Row, Trend

_UNITS = {"csat": "percent", "nps": "points", "ces": "mean"}
# Some dozen pages in both themes; a picture has some 40 kB.
_KEPT = 128


def trend_picture(trend: Trend, *, dark: bool, narrow: bool) -> bytes:
    """Return the lines of a trend over their periods."""
    return _drawn("trend", _lines(trend), _scale(trend.metric), _words(), dark, narrow)


def panels_picture(trend: Trend, *, dark: bool, narrow: bool) -> bytes:
    """Return each line of a trend in a small panel of its own."""
    return _drawn("panels", _lines(trend), _scale(trend.metric), _words(), dark, narrow)


def intervals_picture(metric: str, rows: Sequence[Row], *, dark: bool, narrow: bool) -> bytes:
    """Return one interval for each row, in the order of the rows, of their first wave."""
    lines = tuple(ChartLine(row.label, (_point(row.label, row.figures[0]),)) for row in rows)
    return _drawn("intervals", lines, _scale(metric), _words(), dark, narrow)


@lru_cache(maxsize=_KEPT)
def _drawn(
    kind: str,
    lines: tuple[ChartLine, ...],
    scale: ChartScale,
    words: ChartWords,
    dark: bool,
    narrow: bool,
) -> bytes:
    from feedback.reports import charts

    width: Literal["wide", "narrow"] = "narrow" if narrow else "wide"
    if kind == "trend":
        return charts.draw_trend(lines, scale, dark=dark, words=words, width=width)
    if kind == "panels":
        columns = 1 if narrow else 3
        return charts.draw_panels(lines, scale, dark=dark, words=words, columns=columns)
    rows = [(line.label, line.points[0]) for line in lines]
    return charts.draw_intervals(rows, scale, dark=dark, words=words, width=width)


def _lines(trend: Trend) -> tuple[ChartLine, ...]:
    return tuple(
        ChartLine(
            line.label,
            tuple(
                _point(part.label, figure)
                for part, figure in zip(trend.parts, line.figures, strict=True)
            ),
        )
        for line in trend.lines
    )


def _point(label: str, figure: Figure) -> ChartPoint:
    if not figure.has_value:
        return ChartPoint(label, None if figure.grade == HIDDEN else figure.n, None, None, None)
    return ChartPoint(label, figure.n, figure.value, figure.low, figure.high, figure.provisional)


def _scale(metric: str) -> ChartScale:
    definition = DEFINITIONS[metric]
    if metric == "ces":
        return ChartScale(definition.lowest, definition.highest, _UNITS[metric])
    return ChartScale(-1 if metric == "nps" else 0, 1, _UNITS[metric])


def _words() -> ChartWords:
    return ChartWords(
        n="n",
        no_answers=_("No answers"),
        too_few=_("Too few answers to show"),
        provisional=_("Provisional: late answers are still arriving"),
        band=_("Shaded: 95 % interval"),
        whisker=_("Line: 95 % interval"),
        axis=_("Axis from {low} to {high}"),
    )
