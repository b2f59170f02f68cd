"""Lines over time: each with its interval at every point, and a mark that says if it is final."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from math import nan

from feedback.reports.chart_points import ChartLine, ChartPoint, runs
from feedback.reports.charts.frame import Frame
from feedback.reports.charts.ink import Style
from feedback.reports.charts.sheet import Sheet


def draw_lines(
    sheet: Sheet, frame: Frame, lines: Sequence[ChartLine], styles: Sequence[Style], name: str = "",
    *, breaks: Collection[int] = (),
) -> None:  # fmt: skip
    """Draw the lines; where they have whiskers, they stand a little aside of each other.

    No line leads to a place in `breaks` from the one before.
    """
    has_whiskers = frame.interval == "whisker"
    apart = min(5.0, frame.column * 0.5 / max(1, len(lines))) if has_whiskers else 0
    drawn = [
        (line.points, style, (number - (len(lines) - 1) / 2) * apart, f"{name}{number}")
        for number, (line, style) in enumerate(zip(lines, styles, strict=True))
    ]
    many = len(lines) > 2
    # All intervals lie under all lines, and all lines under all marks.
    for points, style, aside, named in drawn:
        if has_whiskers:
            _draw_whiskers(sheet, frame, points, style, aside, named, many=many)
        else:
            for run in _unbroken(runs(points), breaks):
                _draw_band(sheet, frame, run, points, style, named, many=many)
    for points, style, aside, named in drawn:
        xs: list[float] = []
        ys: list[float] = []
        for place, point in enumerate(points):
            if place in breaks:
                xs.append(nan)
                ys.append(nan)
            xs.append(frame.x(place) + aside)
            ys.append(nan if point.value is None else frame.y(point.value))
        width = min(1.75, max(1.0, frame.column * 0.16))
        sheet.line(xs, ys, style.color, width, dashes=style.dashes, name=f"line-{named}")
    for points, style, aside, named in drawn:
        _draw_marks(sheet, frame, points, style, aside, named)


def _unbroken(runs: Iterable[range], breaks: Collection[int]) -> Iterator[range]:
    for run in runs:
        start = run.start
        for place in run[1:]:
            if place in breaks:
                yield range(start, place)
                start = place
        yield range(start, run.stop)


def _draw_whiskers(
    sheet: Sheet, frame: Frame, points: Sequence[ChartPoint], style: Style, aside: float, name: str,
    *, many: bool,
) -> None:  # fmt: skip
    ends = [
        (frame.x(place) + aside, frame.y(p.low), frame.x(place) + aside, frame.y(p.high))
        for place, p in enumerate(points)
        if p.value is not None and p.low is not None and p.high is not None
    ]
    sheet.strokes(ends, style.color, 1.25, alpha=0.35 if many else 0.55, name=f"interval-{name}")


def _draw_band(
    sheet: Sheet, frame: Frame, run: range, points: Sequence[ChartPoint], style: Style, name: str,
    *, many: bool,
) -> None:  # fmt: skip
    here = [(frame.x(place), points[place]) for place in run]
    below = [(x, frame.y(p.low)) for x, p in here if p.low is not None]
    above = [(x, frame.y(p.high)) for x, p in here if p.high is not None]
    if below and above:
        corners = [*_extended(below, frame), *reversed(_extended(above, frame))]
        sheet.area(corners, style.color, f"interval-{name}", alpha=0.07 if many else 0.15)


def _extended(edge: list[tuple[float, float]], frame: Frame) -> list[tuple[float, float]]:
    # The first and the last period are as wide as the others, and one alone is not nothing.
    reach = frame.column * 0.4
    (left, start), (right, end) = edge[0], edge[-1]
    return [(left - reach, start), *edge, (right + reach, end)]


def _draw_marks(
    sheet: Sheet, frame: Frame, points: Sequence[ChartPoint], style: Style, aside: float, name: str
) -> None:
    size = min(7.0, max(2.6, frame.column * 0.5))
    for is_hollow in (False, True):
        places = [
            (frame.x(place) + aside, frame.y(point.value))
            for place, point in enumerate(points)
            if point.value is not None and point.provisional == is_hollow
        ]
        # A hollow mark must be large enough to be seen to be hollow.
        word, least = ("provisional", 5.5) if is_hollow else ("settled", 0)
        sheet.marks(places, style, max(size, least), hollow=is_hollow, name=f"{word}-{name}")
