"""Draws the charts: a trend, small panels side by side, and groups with their intervals.

Each function returns an SVG picture without ground, for a card of its theme; the same input gives
the same bytes in every process. Words and labels come in already translated. What a picture says
must also stand in a table beside it.
"""

from collections.abc import Sequence
from typing import Literal

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
    FunnelDot,
    FunnelLimits,
    FunnelWords,
    TrendPoint,
    check_same_labels,
)
from feedback.reports.charts.funnel import funnel as _funnel
from feedback.reports.charts.ink import DARK, LIGHT
from feedback.reports.charts.intervals import intervals
from feedback.reports.charts.panels import panels
from feedback.reports.charts.sheet import LOCK
from feedback.reports.charts.trend import trend

__all__ = [
    "ChartEvent",
    "ChartLine",
    "ChartPoint",
    "ChartScale",
    "ChartTarget",
    "ChartWords",
    "ControlLine",
    "ControlWords",
    "Funnel",
    "FunnelDot",
    "FunnelLimits",
    "FunnelWords",
    "TrendPoint",
    "draw_funnel",
    "draw_intervals",
    "draw_panels",
    "draw_trend",
]


def draw_trend(
    line: ControlLine,
    scale: ChartScale,
    *,
    dark: bool,
    words: ControlWords,
    width: Literal["wide", "narrow"] = "wide",
) -> bytes:
    """Return a control chart: one line over its periods, its limits, and what happened when."""
    with LOCK:
        return trend(line, scale, DARK if dark else LIGHT, words, width)


def draw_panels(
    lines: Sequence[ChartLine],
    scale: ChartScale,
    *,
    dark: bool,
    words: ChartWords,
    columns: int = 3,
    later: Sequence[ChartLine] = (),
    names: tuple[str, str] | None = None,
) -> bytes:
    """Return one small panel for each line, called by the line's label, all on the same axes.

    With `later`, a second line for each of the first, in their order, goes into the same panel;
    `names` then says what the two are. One column makes a narrow picture, three a wide one.
    """
    check_same_labels([*lines, *later])
    if bool(later) != bool(names):
        raise ValueError("two lines in a panel need two names, one needs none")
    panes = [*zip(lines, later, strict=True)] if later else [(line,) for line in lines]
    with LOCK:
        return panels(panes, names or (), scale, DARK if dark else LIGHT, words, columns)


def draw_intervals(
    rows: Sequence[tuple[str, ChartPoint]],
    scale: ChartScale,
    *,
    dark: bool,
    words: ChartWords,
    width: Literal["wide", "narrow"] = "wide",
) -> bytes:
    """Return a line for each group: its figure as a dot with its interval, and its count beside it.

    Groups stand in the order given, which should be by name: an order by figure would be a ranking
    the intervals do not bear out.
    """
    with LOCK:
        return intervals(rows, scale, DARK if dark else LIGHT, words, width)


def draw_funnel(
    funnel: Funnel,
    scale: ChartScale,
    *,
    dark: bool,
    words: FunnelWords,
    width: Literal["wide", "narrow"] = "wide",
) -> bytes:
    """Return people by their answers (across) and score (up), between the limits of chance.

    There is no axis of ranks: whoever has few answers lies wherever chance put them.
    """
    with LOCK:
        return _funnel(funnel, scale, DARK if dark else LIGHT, words, width)
