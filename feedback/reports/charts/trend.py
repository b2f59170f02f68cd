"""Lays out the trend as a control chart: one line, its limits, and what happened when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from feedback.reports.chart_points import (
    ChartLine,
    ChartPoint,
    ChartScale,
    ChartTarget,
    ControlLine,
    ControlWords,
)
from feedback.reports.charts.counts import counts_height, draw_counts, figures_fit
from feedback.reports.charts.events import draw_events, events_height, laid_events
from feedback.reports.charts.frame import (
    Frame,
    draw_grid,
    draw_periods,
    left_margin,
    periods_height,
    says_nothing,
)
from feedback.reports.charts.ink import Ink, Style
from feedback.reports.charts.limits import CENTRE, LIMITS, TARGET, draw_limits, draw_targets
from feedback.reports.charts.lines import draw_lines
from feedback.reports.charts.notes import Note, draw_notes, height_of, laid_out, notes_on
from feedback.reports.charts.sheet import Sheet
from feedback.reports.charts.text import fitted, width_of

_RING, _SQUARE = "o", "s"


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
    line: ControlLine,
    scale: ChartScale,
    ink: Ink,
    words: ControlWords,
    width: Literal["wide", "narrow"],
) -> bytes:
    """Return the picture: what stands for limits, events, plot, periods, counts, small print."""
    room = ROOMS[width]
    points = [one.point for one in line.points]
    plain = [ChartLine("", tuple(points))]
    labels = [point.label for point in points]
    styles = [ink.style(0)]
    span = scale.span([*points, *_limits_as_points(line)])
    left = left_margin(scale, span, words.chart, room.text, 1)
    ends = _ends(line, scale, room) if room.name else []
    beside = max((width_of(text, room.text) for _y, text, _c in ends), default=0)
    head = laid_out(
        [Note(line.instead, "none", ink.plain)] if line.instead else [],
        room.text,
        room.width - left,
    )
    right = room.width - (beside + 14 if ends else 6)
    events = laid_events(line.events, left, right, len(points), room.small, wide=bool(room.name))
    top = height_of(head, room.text) + events_height(events) + (10 if head or events else 8)
    frame = Frame(left, top, right, top + room.plot, len(labels), span)
    notes = laid_out(
        _notes(line, scale, span, words, ink, frame, is_wide=bool(room.name)),
        room.small,
        room.width - left,
    )
    told = [Note(one.text, "number", ink.plain, one.number) for one in events if not one.side]
    notes = [
        *(row for note in told for row in laid_out([note], room.small, room.width - left)),
        *notes,
        *(
            row
            for remark in line.remarks
            for row in laid_out([Note(remark, "none", ink.plain)], room.small, room.width - left)
        ),
    ]
    figures = figures_fit(frame, plain, room.small)
    below = frame.bottom + 5
    counted = below + periods_height(labels, room.text) + 6
    noted = counted + counts_height(1, room.small, figures=figures) + 10

    sheet = Sheet(room.width, noted + height_of(notes, room.small) + 2, ink)
    draw_notes(sheet, head, left, 0, room.text)
    draw_grid(sheet, frame, scale, room.text, named=True)
    draw_limits(sheet, frame, line.points, scale)
    draw_targets(sheet, frame, line.targets)
    draw_events(sheet, frame, events, room.small)
    _draw_marks(sheet, frame, line)
    breaks = [place for place, one in enumerate(line.points) if one.after_break]
    draw_lines(sheet, frame, plain, styles, breaks=breaks)
    _write_ends(sheet, frame, ends, room.text)
    says_nothing(sheet, frame, plain, words.chart, room.text + 1)
    draw_periods(sheet, frame, below, labels, room.text)
    draw_counts(sheet, frame, counted, plain, styles, words.chart, room.small, figures=figures)
    draw_notes(sheet, notes, left, noted, room.small)
    return sheet.svg()


def _limits_as_points(line: ControlLine) -> list[ChartPoint]:
    """Return everything else the axis must hold, so that no limit lies beyond it."""
    found = [
        ChartPoint("", None, one.centre, *(one.limits or (None, None)))
        for one in line.points
        if one.centre is not None
    ]
    found += [ChartPoint("", None, target.value, None, None) for target in line.targets]
    return found


def _draw_marks(sheet: Sheet, frame: Frame, line: ControlLine) -> None:
    size = min(13.0, max(6.5, frame.column * 0.8))
    for mark, shape in (("run", _SQUARE), ("outside", _RING)):
        places = [
            (frame.x(place), frame.y(one.point.value))
            for place, one in enumerate(line.points)
            if one.mark == mark and one.point.value is not None
        ]
        style = Style(sheet.ink.ink, shape, ())
        sheet.marks(places, style, size, hollow=True, name=f"mark-{mark}")


def _ends(line: ControlLine, scale: ChartScale, room: Room) -> list[tuple[float, str, bool]]:
    """Return what is written at the right end: the last middle's value and the last target."""
    found = []
    target = _at_the_end(line)
    if target is not None:
        found.append((target.value, fitted(target.label, room.text, room.name), True))
    centres = [one.centre for one in line.points]
    if centres and centres[-1] is not None:
        found.append((centres[-1], scale.write(centres[-1]), False))
    return found


def _at_the_end(line: ControlLine) -> ChartTarget | None:
    """Return the target that holds to the right edge, where its name can stand."""
    last = line.targets[-1] if line.targets else None
    return last if last is not None and last.last >= len(line.points) - 1 else None


def _write_ends(
    sheet: Sheet, frame: Frame, ends: Sequence[tuple[float, str, bool]], size: float
) -> None:
    ordered = sorted(ends, key=lambda end: -end[0])
    heights = spread([frame.y(end[0]) for end in ordered], size * 1.4, frame.top, frame.bottom)
    for (_value, text, is_target), y in zip(ordered, heights, strict=True):
        color = sheet.ink.ink if is_target else sheet.ink.soft
        sheet.text(frame.right + 8, y, text, size, color, middle=True)


def _notes(
    line: ControlLine,
    scale: ChartScale,
    span: tuple[float, float],
    words: ControlWords,
    ink: Ink,
    frame: Frame,
    *,
    is_wide: bool,
) -> list[Note]:
    """Return what the signs that occur mean, and no others."""
    points = [one.point for one in line.points]
    common = notes_on(points, scale, span, words.chart, ink, frame.interval)
    # The room between the limits is grey, so the intervals have the colour of their line here.
    common = [replace(n, style=ink.style(0)) if n.sign == "band" else n for n in common]
    notes = common[:1] if any(point.value is not None for point in points) else []
    centres = [one.centre for one in line.points if one.centre is not None]
    if centres:
        text = words.centre.format(value=scale.write(centres[-1]))
        notes.append(Note(text, "stroke", Style(ink.soft, "", CENTRE)))
    if any(one.limits for one in line.points):
        notes.append(Note(words.limits, "stroke", Style(ink.soft, "", LIMITS)))
    for mark, shape, text in (
        ("outside", _RING, words.outside),
        ("run", _SQUARE, words.run),
    ):
        if any(one.mark == mark for one in line.points):
            notes.append(Note(text, "ring", Style(ink.ink, shape, ())))
    for target in line.targets:
        if target is not _at_the_end(line) or not is_wide:
            notes.append(Note(target.label, "stroke", Style(ink.ink, "", TARGET)))
    if any(one.after_break for one in line.points):
        notes.append(Note(words.breaks, "none", ink.plain))
    return [*notes, *(note for note in common if note not in notes)]


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
