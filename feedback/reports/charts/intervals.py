"""Lays out groups one under another: each a dot with its interval, in the order they come in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from feedback.reports.chart_points import ChartPoint, ChartScale, ChartWords
from feedback.reports.charts.counts import count_of
from feedback.reports.charts.frame import Frame, grid_color
from feedback.reports.charts.ink import Ink
from feedback.reports.charts.notes import draw_notes, height_of, laid_out, notes_on, nothing
from feedback.reports.charts.sheet import Sheet, box
from feedback.reports.charts.text import fitted, width_of


@dataclass(frozen=True)
class Room:
    """How much room a picture has: its width, a row's height, its texts and the widest name."""

    width: float
    row: float
    text: float
    name: float
    is_wide: bool


ROOMS = {
    "wide": Room(920, 27, 12.5, 250, is_wide=True),
    "narrow": Room(320, 46, 12, 190, is_wide=False),
}
_GAP = 18.0
_MANY = 8


def intervals(
    rows: Sequence[tuple[str, ChartPoint]],
    scale: ChartScale,
    ink: Ink,
    words: ChartWords,
    width: Literal["wide", "narrow"],
) -> bytes:
    """Return the picture; on a narrow one each name stands above its interval."""
    room = ROOMS[width]
    if not rows:
        return nothing(ink, words, room.width)
    size, small = room.text, room.text - 1
    points = [point for _name, point in rows]
    span = scale.span(points)
    counts = max(width_of(text, size) for text in (words.n, *map(count_of, points)))
    values = max(width_of(_value(point, scale), size) for point in points)
    names = [fitted(name, size, room.name) for name, _point in rows]
    edge = max(width_of(scale.name(end), small) for end in span) / 2
    left, right = edge, room.width - edge
    if room.is_wide:
        left += max(width_of(name, size) for name in names) + _GAP
        right -= counts + values + 2 * _GAP
    top = size * 2.2
    frame = Frame(left, top, right, top + room.row * len(rows), len(rows), span)
    below = frame.bottom + small * 2.6
    notes = laid_out(notes_on(points, scale, span, words, ink, "lying"), small, room.width)

    sheet = Sheet(room.width, below + height_of(notes, small) + 2, ink)
    sheet.text(room.width, top - small * 0.6, words.n, small, ink.soft, "right")
    _draw_axis(sheet, frame, scale, small, room)
    for number, (name, point) in enumerate(zip(names, points, strict=True)):
        y = frame.top + room.row * number
        middle = y + room.row / 2 if room.is_wide else y + room.row - 13
        head = middle if room.is_wide else y + 11
        sheet.text(0, head, name, size, ink.ink, middle=True)
        sheet.text(room.width, head, count_of(point), size, ink.soft, "right", middle=True)
        x = room.width - counts - _GAP
        sheet.text(x, head, _value(point, scale), size, ink.ink, "right", middle=True)
        _draw_interval(sheet, frame, middle, point, words, small, str(number))
    draw_notes(sheet, notes, 0, below, small)
    return sheet.svg()


def _draw_axis(sheet: Sheet, frame: Frame, scale: ChartScale, size: float, room: Room) -> None:
    ink = sheet.ink
    ys = [frame.top + room.row * number for number in range(frame.places)]
    for value in scale.ticks(frame.span):
        x = frame.across(value)
        color = grid_color(sheet, scale, value)
        if room.is_wide:
            sheet.line((x, x), (frame.top, frame.bottom), color, 0.75)
        else:
            # Names have the rows' upper halves; the grid keeps to the lower ones.
            ends = [(x, y + room.row - 20, x, y + room.row - 6) for y in ys]
            sheet.strokes(ends, color, 0.75)
        text = scale.name(value)
        sheet.text(x, frame.bottom + size * 1.4, text, size, ink.soft, "center")
        if room.is_wide and frame.places > _MANY:
            sheet.text(x, frame.top - size * 0.6, text, size, ink.soft, "center")
    # A faint line leads the eye from the name to its dot.
    middles = [y + (room.row / 2 if room.is_wide else room.row - 13) for y in ys]
    sheet.strokes([(frame.left, y, frame.right, y) for y in middles], ink.line, 0.75)


def _draw_interval(
    sheet: Sheet, frame: Frame, y: float, point: ChartPoint, words: ChartWords, size: float,
    name: str,
) -> None:  # fmt: skip
    style = sheet.ink.style(0)
    if point.value is None:
        word = words.why_nothing([point])
        ground = box(frame.left + 4, y - 8, frame.left + 16 + width_of(word, size), y + 8)
        sheet.area(ground, sheet.ink.surface, "ground", alpha=1)
        sheet.text(frame.left + 10, y, word, size, sheet.ink.soft, middle=True)
        return
    if point.low is not None and point.high is not None:
        ends = (frame.across(point.low), y, frame.across(point.high), y)
        sheet.strokes([ends], style.color, 2.25, alpha=0.6, name=f"interval-{name}")
    word = "provisional" if point.provisional else "settled"
    place = (frame.across(point.value), y)
    sheet.marks([place], style, 8.5, hollow=point.provisional, name=f"{word}-{name}")


def _value(point: ChartPoint, scale: ChartScale) -> str:
    return "" if point.value is None else scale.write(point.value)
