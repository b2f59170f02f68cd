"""Lays out the funnel: one dot for each person, between the limits of chance."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt
from typing import Literal

from feedback.reports.chart_points import (
    ChartPoint,
    ChartScale,
    Funnel,
    FunnelDot,
    FunnelLimits,
    FunnelWords,
)
from feedback.reports.charts.frame import Frame, draw_grid
from feedback.reports.charts.ink import Ink, Style
from feedback.reports.charts.labels import Box, placed
from feedback.reports.charts.notes import Note, draw_notes, height_of, laid_out
from feedback.reports.charts.sheet import Sheet
from feedback.reports.charts.text import fitted, width_of


@dataclass(frozen=True)
class Room:
    """How much room a picture has: its width, its plot's height, its texts, and its names."""

    width: float
    plot: float
    text: float
    small: float
    name: float
    names: int


ROOMS = {
    "wide": Room(920, 360, 12.5, 11.5, 170, 60),
    "narrow": Room(320, 280, 11.5, 10.5, 110, 20),
}
_STEPS = tuple(step * 10**power for power in range(7) for step in (1, 2, 5))
# From so many people on the dots are drawn smaller.
_MANY = 200
_LAYERS = 4


def funnel(
    funnel: Funnel,
    scale: ChartScale,
    ink: Ink,
    words: FunnelWords,
    width: Literal["wide", "narrow"],
) -> bytes:
    """Return the picture: plot, the axis of answers and small print, downwards."""
    room = ROOMS[width]
    span = scale.span([*map(_as_point, funnel.dots), *_mouth(funnel)])
    most = max((dot.n for dot in funnel.dots), default=1)
    left = max(width_of(scale.name(value), room.text) for value in scale.ticks(span)) + 8
    frame = Frame(left, 8, room.width - 8, 8 + room.plot, 1, span)
    below = frame.bottom + room.text * 3.4
    size = 6.0 if len(funnel.dots) < _MANY else 4.5
    named = [dot for dot in funnel.dots if _is_named(dot)]
    named.sort(key=lambda dot: (not dot.own, not dot.marked))
    names = [fitted(_name(dot, words), room.text, room.name) for dot in named]
    across = _Across(frame, most)
    anchors = [(across(dot.n), frame.y(dot.value)) for dot in named]
    rest = [(across(dot.n), frame.y(dot.value)) for dot in funnel.dots if not _is_named(dot)]
    places = placed(
        anchors,
        [width_of(name, room.text) for name in names[: room.names]],
        room.text * 1.15,
        Box(frame.left + 2, frame.top - 4, frame.right + 4, frame.bottom - 2),
        rest,
        7,
    )
    # More names than these would be a wall of words.
    places += [None] * (len(named) - len(places))
    unnamed = sum(1 for place in places if place is None)
    notes = laid_out(
        _notes(funnel, scale, span, words, ink, unnamed), room.small, room.width - left
    )

    sheet = Sheet(room.width, below + height_of(notes, room.small) + 2, ink)
    draw_grid(sheet, frame, scale, room.text, named=True)
    if funnel.dots:
        _draw_limits(sheet, frame, funnel, across, scale)
    _draw_answers(sheet, frame, most, words, room, across)
    _draw_people(sheet, rest, size)
    _draw_named(sheet, named, anchors)
    for name, anchor, place in zip(names, anchors, places, strict=True):
        if place is not None:
            _write_name(sheet, name, anchor, *place, room.text)
    if not funnel.dots:
        middle = (frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2
        sheet.text(*middle, words.nobody, room.text + 1, ink.soft, "center", middle=True)
    draw_notes(sheet, notes, left, below, room.small)
    return sheet.svg()


class _Across:
    """Where so many answers are: by their root, so that those with few have room as well."""

    def __init__(self, frame: Frame, most: float) -> None:
        self.left, self.right = frame.left + 10, frame.right - 14
        self.most = max(most, 4)

    def __call__(self, n: float) -> float:
        share = (sqrt(n) - 1) / (sqrt(self.most) - 1)
        return self.left + share * (self.right - self.left)


def _as_point(dot: FunnelDot) -> ChartPoint:
    return ChartPoint(dot.name, dot.n, dot.value, dot.value, dot.value)


def _mouth(funnel: Funnel) -> list[ChartPoint]:
    # Where answers are most, all limits are to be seen; where they are few, limits leave the axis.
    limits = [drawn[-1].outer for drawn in (funnel.limits, funnel.wider) if drawn]
    return [ChartPoint("", None, funnel.centre, low, high) for low, high in limits]


def _is_named(dot: FunnelDot) -> bool:
    return dot.own or dot.marked or dot.outside


def _name(dot: FunnelDot, words: FunnelWords) -> str:
    return words.own if dot.own else dot.name


def _draw_limits(
    sheet: Sheet, frame: Frame, funnel: Funnel, across: _Across, scale: ChartScale
) -> None:
    ink = sheet.ink
    low, high = frame.span
    for number, side in enumerate(("outer", "inner")):
        corners = [
            [(across(one.n), frame.y(min(max(getattr(one, side)[end], low), high)))
             for one in funnel.limits]
            for end in (0, 1)
        ]  # fmt: skip
        sheet.area([*corners[0], *reversed(corners[1])], ink.soft, f"within-{number}", alpha=0.07)
    kinds: tuple[tuple[Sequence[FunnelLimits], str, Sequence[float]], ...] = (
        (funnel.limits, "inner", (5, 3)),
        (funnel.limits, "outer", ()),
        (funnel.wider, "outer", (1.5, 2.5)),
    )
    for number, (limits, side, dashes) in enumerate(kinds):
        for end in (0, 1):
            values = [getattr(one, side)[end] for one in limits]
            # A limit at the end of the scale is none, and one beyond the axis is not seen.
            inside = [
                low <= value <= high and value not in (scale.lowest, scale.highest)
                for value in values
            ]
            ys = [
                frame.y(value) if seen else nan for value, seen in zip(values, inside, strict=True)
            ]
            if any(inside):
                xs = [across(one.n) for one in limits]
                name = f"limit-{number}-{end}"
                sheet.line(xs, ys, ink.soft, 1.1, dashes=dashes, alpha=0.9, name=name)
    y = frame.y(funnel.centre)
    sheet.line((frame.left, frame.right), (y, y), ink.ink, 1.25, name="centre")


def _draw_answers(
    sheet: Sheet, frame: Frame, most: int, words: FunnelWords, room: Room, across: _Across
) -> None:
    limit = -1e9
    for step in _STEPS:
        x = across(step)
        text = f"{step:,}"
        half = width_of(text, room.text) / 2
        if step > across.most or x - half < limit:
            continue
        sheet.strokes([(x, frame.bottom, x, frame.bottom + 4)], sheet.ink.strong, 0.75)
        sheet.text(x, frame.bottom + 5 + room.text, text, room.text, sheet.ink.soft, "center")
        limit = x + half + 10
    y = frame.bottom + 5 + room.text * 2.3
    sheet.text(frame.right, y, words.answers, room.small, sheet.ink.soft, "right")


def _draw_people(sheet: Sheet, places: Sequence[tuple[float, float]], size: float) -> None:
    # People at the very same place lie in layers, so that many in one are darker than one.
    alpha = 0.5 if len(places) >= _MANY else 0.85
    layers: list[list[tuple[float, float]]] = [[] for _ in range(_LAYERS)]
    here: Counter[tuple[float, float]] = Counter()
    for place in places:
        if here[place] < _LAYERS:
            layers[here[place]].append(place)
        here[place] += 1
    for number, layer in enumerate(layers):
        color = sheet.ink.style(0).color
        sheet.dots(layer, color, size, name=f"people-{number}", alpha=alpha)


def _draw_named(
    sheet: Sheet, named: Sequence[FunnelDot], anchors: Sequence[tuple[float, float]]
) -> None:
    ink = sheet.ink

    def those(*, own: bool = False, marked: bool = False) -> list[tuple[float, float]]:
        return [
            place
            for dot, place in zip(named, anchors, strict=True)
            if dot.own == own and (dot.own or dot.marked == marked)
        ]

    # Of dots upon dots, since marks for hundreds would be a large picture.
    rings = [place for dot, place in zip(named, anchors, strict=True) if dot.outside]
    sheet.dots(rings, ink.ink, 13, name="outside")
    sheet.dots(rings, ink.surface, 10, name="within-rings")
    sheet.dots(those(), ink.style(0).color, 6, name="named")
    marked = those(marked=True)
    sheet.marks(marked, Style(ink.ink, "s", ()), 8.5, hollow=False, name="marked")
    sheet.marks(those(own=True), Style(ink.ink, "D", ()), 8.5, hollow=False, name="own")


def _write_name(
    sheet: Sheet, name: str, anchor: tuple[float, float], box: Box, far: bool, size: float
) -> None:
    if far:
        x = min(max(anchor[0], box.left), box.right)
        y = min(max(anchor[1], box.top), box.bottom)
        sheet.strokes([(*anchor, x, y)], sheet.ink.strong, 0.75)
    sheet.text(box.left, (box.top + box.bottom) / 2, name, size, sheet.ink.ink, middle=True)


def _notes(
    funnel: Funnel,
    scale: ChartScale,
    span: tuple[float, float],
    words: FunnelWords,
    ink: Ink,
    unnamed: int,
) -> list[Note]:
    if not funnel.dots:
        return []
    dots = funnel.dots
    plain, dark = ink.style(0), Style(ink.ink, "o", ())
    centre = words.centre.format(value=scale.write(funnel.centre))
    notes = [
        Note(words.dot, "dot", plain),
        Note(centre, "stroke", Style(ink.ink, "", ())),
        Note(words.inner, "stroke", Style(ink.soft, "", (5, 3))),
        Note(words.outer, "stroke", Style(ink.soft, "", ())),
    ]
    if funnel.wider:
        notes.append(Note(words.wider, "stroke", Style(ink.soft, "", (1.5, 2.5))))
    if any(dot.outside for dot in dots):
        notes.append(Note(words.outside, "hollow", dark))
    if any(dot.marked and not dot.own for dot in dots):
        notes.append(Note(words.marked, "dot", Style(ink.ink, "s", ())))
    if unnamed:
        notes.append(Note(words.more.format(number=unnamed), "none", ink.plain))
    if span != (scale.lowest, scale.highest):
        low, high = scale.name(span[0]), scale.name(span[1])
        notes.append(Note(words.axis.format(low=low, high=high), "none", ink.plain))
    return notes
