"""What a control chart draws behind its line: the middle, the limits in steps, the targets."""

from collections.abc import Sequence
from math import nan

from feedback.reports.chart_points import ChartScale, ChartTarget, TrendPoint
from feedback.reports.charts.frame import Frame
from feedback.reports.charts.sheet import Sheet

CENTRE: tuple[float, ...] = ()
LIMITS = (4.0, 3.0)
TARGET = (9.0, 3.0, 2.0, 3.0)
# Where a new baseline begins, the lines of the old one end this far before it.
_GAP = 2.0


def draw_limits(
    sheet: Sheet, frame: Frame, points: Sequence[TrendPoint], scale: ChartScale
) -> None:
    """Draw the middle of each baseline, and limits in a step for each point, the room between.

    A limit at an end of the scale is none, and is not drawn.
    """
    ink = sheet.ink
    xs: list[float] = []
    middle: list[float] = []
    sides: tuple[list[float], list[float]] = ([], [])
    # The upper and the lower edge of the room between the limits, as far as it is unbroken.
    above: list[tuple[float, float]] = []
    below: list[tuple[float, float]] = []
    for place, one in enumerate(points):
        left, right = frame.x(place - 0.5), frame.x(place + 0.5)
        if one.after_break or one.limits is None:
            _fill(sheet, above, below)
        # The places between two steps are joined, except across a break.
        if one.after_break:
            left += _GAP
            for ys in (xs, middle, *sides):
                ys.append(nan)
        if place + 1 < len(points) and points[place + 1].after_break:
            right -= _GAP
        xs += [left, right]
        middle += [nan if one.centre is None else frame.y(one.centre)] * 2
        for end in (0, 1):
            limit = None if one.limits is None else one.limits[end]
            is_end = limit is None or limit in (scale.lowest, scale.highest)
            sides[end].extend([nan if limit is None or is_end else frame.y(limit)] * 2)
        if one.limits is not None:
            below += [(x, frame.y(one.limits[0])) for x in (left, right)]
            above += [(x, frame.y(one.limits[1])) for x in (left, right)]
    _fill(sheet, above, below)
    for end in (0, 1):
        sheet.line(xs, sides[end], ink.soft, 1, dashes=LIMITS, name=f"limit-{end}")
    sheet.line(xs, middle, ink.soft, 1.1, name="centre")


def _fill(sheet: Sheet, above: list[tuple[float, float]], below: list[tuple[float, float]]) -> None:
    """Fill the room between two edges and begin anew."""
    if above:
        sheet.area([*below, *reversed(above)], sheet.ink.soft, "within", alpha=0.08)
    above.clear()
    below.clear()


def draw_targets(sheet: Sheet, frame: Frame, targets: Sequence[ChartTarget]) -> None:
    """Draw each target for as long as it holds."""
    for number, target in enumerate(targets):
        first, last = max(0.0, target.first), min(float(frame.places), target.last)
        xs = [frame.x(first - 0.5), frame.x(last - 0.5)]
        y = frame.y(target.value)
        color = sheet.ink.ink
        sheet.line(xs, [y, y], color, 1.1, dashes=TARGET, name=f"target-{number}")
