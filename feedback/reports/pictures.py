"""Draws what pages show as charts, each picture once: the same figures give the same bytes."""

from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Literal

from flask_babel import get_locale
from flask_babel import gettext as _

from feedback.measures.control_chart import RUN
from feedback.measures.estimate import DEFINITIONS, LEVEL
from feedback.measures.funnel_limits import funnel_limits
from feedback.reports.chart_points import (
    ChartEvent,
    ChartLine,
    ChartPoint,
    ChartScale,
    ChartTarget,
    ChartWords,
    ControlLine,
    ControlWords,
    Funnel,
    FunnelLimits,
    FunnelWords,
    TrendPoint,
)
from feedback.reports.figures import HIDDEN, Figure
from feedback.reports.gather import Trend
from feedback.reports.people.people_funnel import OUTER, PeopleFunnel
from feedback.reports.trends.control import Control
from feedback.reports.trends.control_words import (
    centre_words,
    dated_words,
    instead_words,
    remarks,
    target_label,
)

_UNITS = {"csat": "percent", "nps": "points", "ces": "mean"}
# Some dozen pages in both themes; a picture has some 40 kB.
_KEPT = 128
# In how many steps the curves of a funnel are drawn.
_CURVE = 80


def trend_picture(control: Control, *, dark: bool, narrow: bool) -> bytes:
    """Return the control chart of a page's wave."""
    scale = _scale(control.trend.metric)
    return _drawn_trend(control_line(control), scale, _control_words(control), dark, narrow)


def panels_picture(trend: Trend, *, dark: bool, narrow: bool) -> bytes:
    """Return each line of a trend in a small panel of its own."""
    return _drawn("panels", _lines(trend), _scale(trend.metric), _words(), dark, narrow)


def funnel_picture(people: PeopleFunnel, *, dark: bool, narrow: bool) -> bytes:
    """Return people about their common rate, CSAT being the one figure of a person.

    Where they scatter more than chance allows, the limits that allow for it are drawn too.
    """
    return _drawn_funnel(_funnel(people), _scale("csat"), _funnel_words(), dark, narrow)


@lru_cache(maxsize=_KEPT)
def _drawn_funnel(
    funnel: Funnel, scale: ChartScale, words: FunnelWords, dark: bool, narrow: bool
) -> bytes:
    from feedback.reports import charts

    width: Literal["wide", "narrow"] = "narrow" if narrow else "wide"
    return charts.draw_funnel(funnel, scale, dark=dark, words=words, width=width)


def _funnel(people: PeopleFunnel) -> Funnel:
    most = max((dot.n for dot in people.dots), default=1)
    # Even steps of the root, as the axis has them; the curves bend most where answers are few.
    steps = [1 + (most**0.5 - 1) * step / _CURVE for step in range(_CURVE + 1)]
    sizes = [root * root for root in steps]
    return Funnel(
        people.dots,
        people.centre,
        _limits(sizes, people.centre, 0.0),
        _limits(sizes, people.centre, people.tau) if people.tau > 0 else (),
    )


def _limits(sizes: Sequence[float], centre: float, tau: float) -> tuple[FunnelLimits, ...]:
    found = []
    for n in sizes:
        inner = funnel_limits(centre, n, LEVEL, tau)
        outer = funnel_limits(centre, n, OUTER, tau)
        if inner is not None and outer is not None:
            found.append(FunnelLimits(n, inner, outer))
    return tuple(found)


@lru_cache(maxsize=_KEPT)
def _drawn_trend(
    line: ControlLine, scale: ChartScale, words: ControlWords, dark: bool, narrow: bool
) -> bytes:
    from feedback.reports import charts

    width: Literal["wide", "narrow"] = "narrow" if narrow else "wide"
    return charts.draw_trend(line, scale, dark=dark, words=words, width=width)


def control_line(control: Control) -> ControlLine:
    """Return what is drawn of a control chart, and what is written around it."""
    points = tuple(
        TrendPoint(
            _point(part.label, figure),
            one.centre,
            one.limits if figure.has_value else None,
            one.mark,
            one.after_break,
        )
        for part, figure, one in zip(
            control.trend.parts, control.figures, control.points, strict=True
        )
    )
    return ControlLine(
        points,
        tuple(
            ChartEvent(control.place(one.day), dated_words(one), one.breaks)
            for one in control.events
        ),
        tuple(
            ChartTarget(
                control.place(one.first),
                control.place(one.last + timedelta(days=1)),
                one.value,
                target_label(control, one),
            )
            for one in control.targets
        ),
        instead_words(control),
        tuple(remarks(control)),
    )


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
    # As pages write it: English with a space before the sign, Chinese without.
    sign = "%" if str(get_locale()).startswith("zh") else " %"
    if metric == "ces":
        return ChartScale(definition.lowest, definition.highest, _UNITS[metric], sign)
    return ChartScale(-1 if metric == "nps" else 0, 1, _UNITS[metric], sign)


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


def _control_words(control: Control) -> ControlWords:
    return ControlWords(
        _words(),
        centre=centre_words(control),
        limits=_("Dashed: the limits. While nothing changes, nearly every point lies between them"),
        outside=_("In a ring: outside the limits"),
        run=_("In a square: one of %(number)s or more in a row on one side", number=RUN),
        breaks=_("Where the line is interrupted at a number, a new baseline begins"),
    )


def _funnel_words() -> FunnelWords:
    return FunnelWords(
        answers=_("Answers (steps grow smaller to the right)"),
        nobody=_("Nobody to show"),
        centre=_("Line across: all of them together, {value}"),
        inner=_("Dashed: chance alone keeps 95 of 100 people within"),
        outer=_("Solid: chance alone keeps 998 of 1,000 people within"),
        wider=_("Dotted: the outer limits, allowing for what people usually differ by"),
        dot=_("One dot is one person"),
        own=_("You"),
        marked=_("In a square: differs clearly for this mix of work"),
        outside=_("Ringed and named: outside the widest limits drawn"),
        more=_("{number} more are outside; the table names them"),
        axis=_("Axis from {low} to {high}"),
    )
