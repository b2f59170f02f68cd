"""The rectangle the points lie in: where a value and a period are on the sheet, and their names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from feedback.reports.chart_points import ChartLine, ChartScale, ChartWords
from feedback.reports.charts import periods
from feedback.reports.charts.sheet import Sheet, box
from feedback.reports.charts.text import fitted, width_of

# Below this width of a period the whiskers of neighbours run into each other.
_WHISKER_COLUMN = 22
KEY_ROOM = 12
_BESIDE = 8
_WIDEST_LABEL = 90


@dataclass(frozen=True)
class Frame:
    """Where the points of a chart lie: a rectangle on the sheet, its places and its axis."""

    left: float
    top: float
    right: float
    bottom: float
    places: int
    span: tuple[float, float]

    @property
    def column(self) -> float:
        """Return the width of one period."""
        return (self.right - self.left) / max(1, self.places)

    @property
    def interval(self) -> Literal["whisker", "band"]:
        """Return how intervals are drawn: each a stroke of its own, or all as one band."""
        return "whisker" if self.column >= _WHISKER_COLUMN else "band"

    def x(self, place: float) -> float:
        """Return the middle of the place, counted from 0."""
        return self.left + (place + 0.5) * self.column

    def y(self, value: float) -> float:
        """Return the height of the value, where the axis stands."""
        return self.bottom - self._share(value) * (self.bottom - self.top)

    def across(self, value: float) -> float:
        """Return how far right the value is, where the axis lies."""
        return self.left + self._share(value) * (self.right - self.left)

    def _share(self, value: float) -> float:
        low, high = self.span
        return (value - low) / (high - low)


def left_margin(
    scale: ChartScale, span: tuple[float, float], words: ChartWords, size: float, lines: int
) -> float:
    """Return the room for what stands left of the frame: values, and the heads of the counts."""
    values = [width_of(scale.name(value), size) for value in scale.ticks(span)]
    return max(*values, width_of(words.n, size) + (KEY_ROOM if lines > 1 else 0)) + _BESIDE


def draw_grid(sheet: Sheet, frame: Frame, scale: ChartScale, size: float, *, named: bool) -> None:
    """Draw a line across for each value the axis names, and the names where `named`."""
    for value in scale.ticks(frame.span):
        y = frame.y(value)
        sheet.line((frame.left, frame.right), (y, y), grid_color(sheet, scale, value), 0.75)
        if named:
            x = frame.left - _BESIDE
            sheet.text(x, y, scale.name(value), size, sheet.ink.soft, "right", middle=True)


def grid_color(sheet: Sheet, scale: ChartScale, value: float) -> str:
    """Return the colour of a grid line: strong where the scale ends, and at the 0 of NPS.

    A half axis has no strong line to stand on, so that nobody takes its foot for the scale's.
    """
    is_base = value == scale.lowest or (value == 0 and scale.lowest < 0)
    return sheet.ink.strong if is_base else sheet.ink.line


def periods_height(labels: Sequence[str], size: float) -> float:
    """Return how high the names of periods are, with their years where these are written."""
    return (2.6 if periods.have_years(labels) else 1.25) * size


def draw_periods(
    sheet: Sheet, frame: Frame, top: float, labels: Sequence[str], size: float
) -> None:
    """Name the periods under the frame, and their years under those."""

    def width(text: str) -> float:
        return width_of(text, size)

    labels = [fitted(label, size, _WIDEST_LABEL) for label in labels]
    named = periods.names(labels, frame.column, width, space=8)
    for label in named:
        half = width(label.text) / 2
        x = max(half, min(frame.x(label.place), sheet.width - half))
        sheet.text(x, top + size, label.text, size, sheet.ink.soft, "center")
    # A year begins where its first period's name begins, and gives way to the next.
    texts = {label.place: label.text for label in named}
    limit = frame.right + frame.column
    for year in reversed(periods.years(labels)):
        half = width(texts[year.place]) / 2 if year.place in texts else frame.column / 2
        left = max(frame.left, frame.x(year.place) - half)
        if left + width(year.text) <= limit:
            sheet.text(left, top + 2.4 * size, year.text, size, sheet.ink.soft)
            limit = left - 6


def says_nothing(
    sheet: Sheet, frame: Frame, lines: Sequence[ChartLine], words: ChartWords, size: float
) -> None:
    """Say in the middle of an empty frame why it is empty."""
    points = [point for line in lines for point in line.points]
    if any(point.value is not None for point in points):
        return
    word = words.why_nothing(points)
    x, y = (frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2
    half = width_of(word, size) / 2 + 12
    # The grid is interrupted for the words.
    sheet.area(box(x - half, y - size, x + half, y + size), sheet.ink.surface, "ground", alpha=1)
    sheet.text(x, y, word, size, sheet.ink.soft, "center", middle=True)
