"""How many answered, under every period: in figures, or as bars where figures have no room."""

from collections.abc import Sequence

from feedback.reports.chart_points import ChartLine, ChartPoint, ChartWords
from feedback.reports.charts.frame import KEY_ROOM, Frame
from feedback.reports.charts.ink import Style
from feedback.reports.charts.sheet import Sheet
from feedback.reports.charts.text import width_of

# Hidden from this viewer, which is not the same as 0.
HIDDEN = "–"
_STRIP = 34
_APART = 5
_BESIDE = 8


def count_of(point: ChartPoint) -> str:
    """Return the count as it is written."""
    return HIDDEN if point.n is None else f"{point.n:,}"


def figures_fit(frame: Frame, lines: Sequence[ChartLine], size: float) -> bool:
    """Whether the figures of these lines fit under their periods."""
    texts = {count_of(point) for line in lines for point in line.points}
    return max((width_of(text, size) for text in texts), default=0) + _APART <= frame.column


def counts_height(rows: int, size: float, *, figures: bool) -> float:
    """Return how high this many rows of counts are together."""
    return rows * (size + 6 if figures else _STRIP)


def draw_counts(
    sheet: Sheet,
    frame: Frame,
    top: float,
    lines: Sequence[ChartLine],
    styles: Sequence[Style],
    words: ChartWords,
    size: float,
    *,
    figures: bool,
    named: bool = True,
) -> None:
    """Write how many answered under each period, a row for each line.

    Where they are bars, the largest has its figure and is the measure of the others.
    """
    height = counts_height(1, size, figures=figures)
    for number, (line, style) in enumerate(zip(lines, styles, strict=True)):
        baseline = top + height * number + (size if figures else height - 3)
        if named:
            _name_row(sheet, frame, baseline, style, words, size, several=len(lines) > 1)
        if figures:
            for place, point in enumerate(line.points):
                x = frame.x(place)
                sheet.text(x, baseline, count_of(point), size, sheet.ink.soft, "center")
        else:
            _draw_bars(sheet, frame, baseline, line, style, size)


def _name_row(
    sheet: Sheet, frame: Frame, baseline: float, style: Style, words: ChartWords, size: float,
    *, several: bool,
) -> None:  # fmt: skip
    right = frame.left - _BESIDE
    if several:
        sheet.marks([(right - 3, baseline - size * 0.36)], style, 6, hollow=False, name="key")
        right -= KEY_ROOM
    sheet.text(right, baseline, words.n, size, sheet.ink.soft, "right")


def _draw_bars(
    sheet: Sheet, frame: Frame, base: float, line: ChartLine, style: Style, size: float
) -> None:
    sheet.line((frame.left, frame.right), (base, base), sheet.ink.line, 0.75)
    wide = frame.column * 0.6
    middles = [frame.x(place) for place, point in enumerate(line.points) if point.n is None]
    dashes = [(x - wide / 2, base - 4, x + wide / 2, base - 4) for x in middles]
    sheet.strokes(dashes, sheet.ink.soft, 1, name="hidden")
    counts = {place: point.n for place, point in enumerate(line.points) if point.n}
    if not counts:
        return
    most = max(counts.values())
    tall = _STRIP - size - 8
    bars = [(frame.x(i), base, frame.x(i), base - n / most * tall) for i, n in counts.items()]
    sheet.strokes(bars, style.color, wide, alpha=0.45, name="bars")
    text = f"{most:,}"
    half = width_of(text, size) / 2
    tallest = frame.x(next(place for place, n in counts.items() if n == most))
    x = min(max(tallest, frame.left + half), frame.right - half)
    sheet.text(x, base - tall - 3, text, size, sheet.ink.soft, "center")
