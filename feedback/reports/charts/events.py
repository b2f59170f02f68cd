"""What happened and when: a thin line with a number, and the words beside it or under the chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from feedback.reports.chart_points import ChartEvent
from feedback.reports.charts.frame import Frame
from feedback.reports.charts.notes import draw_number
from feedback.reports.charts.sheet import Sheet
from feedback.reports.charts.text import legible, width_of

_STRIP = 20.0
_APART = 15.0
_BESIDE = 11.0


@dataclass(frozen=True)
class LaidEvent:
    """An event on the sheet: its number's place, its line's, and beside which side its words go.

    Words without room there go under the chart: then `side` is "".
    """

    number: str
    text: str
    x: float
    line: float
    side: Literal["", "left", "right"]
    breaks: bool


def laid_events(
    events: Sequence[ChartEvent], left: float, right: float, places: int, size: float, *, wide: bool
) -> list[LaidEvent]:
    """Return the events from left to right, their numbers moved apart where they would touch."""
    ordered = sorted(events, key=lambda event: event.place)
    lines = [left + event.place * (right - left) / max(1, places) for event in ordered]
    # More than fit side by side overlap evenly rather than leave the plot.
    apart = min(_APART, (right - left) / max(1, len(lines)))
    xs: list[float] = []
    for line in lines:
        xs.append(max(line, xs[-1] + apart if xs else left))
    limit = right
    for i in reversed(range(len(xs))):
        xs[i] = min(xs[i], limit)
        limit = xs[i] - apart
    found: list[LaidEvent] = []
    # How far the words of the event before reach.
    reached = left
    for i, (event, line) in enumerate(zip(ordered, lines, strict=True)):
        after = xs[i + 1] - _APART / 2 if i + 1 < len(xs) else right
        text = legible(event.text)
        width = width_of(text, size) + _BESIDE
        side: Literal["", "left", "right"] = ""
        if wide and xs[i] + width <= after:
            side = "right"
        elif wide and xs[i] - width >= reached:
            side = "left"
        reached = xs[i] + (width if side == "right" else _APART / 2)
        found.append(LaidEvent(str(i + 1), text, xs[i], line, side, event.breaks))
    return found


def events_height(events: Sequence[LaidEvent]) -> float:
    """Return how high the strip of numbers above the plot is."""
    return _STRIP if events else 0


def draw_events(sheet: Sheet, frame: Frame, events: Sequence[LaidEvent], size: float) -> None:
    """Draw each line from its number down to the foot of the plot."""
    y = frame.top - 11
    for event in events:
        color = sheet.ink.ink if event.breaks else sheet.ink.strong
        down = (event.line, frame.top, event.line, frame.bottom)
        ends = [(event.x, y, event.line, frame.top), down]
        sheet.strokes(ends, color, 1, name=f"event-{event.number}")
        draw_number(sheet, event.x, y, event.number)
        if event.side:
            x = event.x + (_BESIDE if event.side == "right" else -_BESIDE)
            align: Literal["left", "right"] = "left" if event.side == "right" else "right"
            sheet.text(x, y, event.text, size, sheet.ink.soft, align, middle=True)
