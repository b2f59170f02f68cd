"""Lays out the trend: a few lines over their periods on one axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from feedback.reports.chart_points import ChartLine, ChartScale, ChartWords
from feedback.reports.charts.counts import counts_height, draw_counts, figures_fit
from feedback.reports.charts.frame import (
    Frame,
    draw_grid,
    draw_periods,
    left_margin,
    periods_height,
    says_nothing,
)
from feedback.reports.charts.ink import Ink, Style
from feedback.reports.charts.lines import draw_lines
from feedback.reports.charts.notes import draw_notes, height_of, key_of, laid_out, notes_on
from feedback.reports.charts.sheet import Sheet
from feedback.reports.charts.text import fitted, width_of


@dataclass(frozen=True)
class Room:
    """How much room a picture has: its width, its plot's height and the sizes of its texts."""

    width: float
    plot: float
    text: float
    small: float
    name: float


ROOMS = {"wide": Room(920, 270, 12.5, 11.5, 160), "narrow": Room(320, 210, 11.5, 10.5, 0)}


def trend(
    lines: Sequence[ChartLine],
    scale: ChartScale,
    ink: Ink,
    words: ChartWords,
    width: Literal["wide", "narrow"],
) -> bytes:
    """Return the picture: names of lines, plot, periods, counts and small print, downwards."""
    room = ROOMS[width]
    styles = [ink.style(number) for number in range(len(lines))]
    points = [point for line in lines for point in line.points]
    labels = [point.label for point in lines[0].points] if lines else []
    span = scale.span(points)
    left = left_margin(scale, span, words, room.text, len(lines))
    names = [fitted(line.label, room.text, room.name) for line in lines]
    are_at_the_end = _can_be_named_at_the_end(lines, room)
    beside = max(width_of(name, room.text) for name in names) + 24 if are_at_the_end else 6
    labelled = [] if are_at_the_end else [line.label for line in lines]
    key = key_of(labelled, styles, room.text, room.width - left)
    top = height_of(key, room.text) + (14 if key else 8)
    frame = Frame(left, top, room.width - beside, top + room.plot, len(labels), span)
    notes = laid_out(
        notes_on(points, scale, span, words, ink, frame.interval),
        room.small,
        room.width - left,
    )
    figures = figures_fit(frame, lines, room.small)
    below = frame.bottom + 5
    counted = below + periods_height(labels, room.text) + 6
    noted = counted + counts_height(len(lines), room.small, figures=figures) + 10

    sheet = Sheet(room.width, noted + height_of(notes, room.small) + 2, ink)
    draw_notes(sheet, key, left, 0, room.text)
    draw_grid(sheet, frame, scale, room.text, named=True)
    draw_lines(sheet, frame, lines, styles)
    if are_at_the_end:
        _name_at_the_end(sheet, frame, lines, names, styles, room.text)
    says_nothing(sheet, frame, lines, words, room.text + 1)
    draw_periods(sheet, frame, below, labels, room.text)
    draw_counts(sheet, frame, counted, lines, styles, words, room.small, figures=figures)
    draw_notes(sheet, notes, left, noted, room.small)
    return sheet.svg()


def _can_be_named_at_the_end(lines: Sequence[ChartLine], room: Room) -> bool:
    """Whether each line reaches the right edge, so that a name there is plainly its own."""
    if not room.name or not 1 <= len(lines) <= 5 or not all(line.label for line in lines):
        return False
    return all(any(p.value is not None for p in line.points[-2:]) for line in lines)


def _name_at_the_end(
    sheet: Sheet,
    frame: Frame,
    lines: Sequence[ChartLine],
    names: Sequence[str],
    styles: Sequence[Style],
    size: float,
) -> None:
    ends = [[frame.y(p.value) for p in line.points if p.value is not None][-1] for line in lines]
    order = sorted(range(len(lines)), key=lambda number: ends[number])
    heights = spread([ends[number] for number in order], size * 1.5, frame.top, frame.bottom)
    for number, y in zip(order, heights, strict=True):
        sheet.marks([(frame.right + 10, y)], styles[number], 7, hollow=False, name="key")
        sheet.text(frame.right + 20, y, names[number], size, styles[number].color, middle=True)


def spread(heights: Sequence[float], apart: float, top: float, bottom: float) -> list[float]:
    """Return the rising heights moved as little as needed to lie `apart` from each other."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + apart if placed else top))
    limit = bottom
    for i in reversed(range(len(placed))):
        placed[i] = min(placed[i], limit)
        limit = placed[i] - apart
    return placed
