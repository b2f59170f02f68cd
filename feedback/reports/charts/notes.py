"""The small print of a chart: what each sign means, in as many rows as it takes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from feedback.reports.chart_points import ChartPoint, ChartScale, ChartWords
from feedback.reports.charts.counts import HIDDEN
from feedback.reports.charts.ink import Ink, Style
from feedback.reports.charts.sheet import Sheet, box
from feedback.reports.charts.text import fitted, split, width_of

_SIGN_WIDTHS = {
    "line": 30, "whisker": 20, "lying": 24, "band": 20, "hollow": 20, "none": 0,
    "dot": 20, "stroke": 30, "number": 20, "ring": 20,
}  # fmt: skip
_BETWEEN = 22
_LEADING = 1.55


@dataclass(frozen=True)
class Note:
    """A sign and what it means; a line's note is in the line's colour, `inside` is a number."""

    text: str
    sign: Literal[
        "line", "whisker", "lying", "band", "hollow", "none", "dot", "stroke", "number", "ring"
    ]
    style: Style
    inside: str = ""


Rows = list[list[tuple[float, Note]]]


def notes_on(
    points: Sequence[ChartPoint],
    scale: ChartScale,
    span: tuple[float, float],
    words: ChartWords,
    ink: Ink,
    interval: Literal["whisker", "lying", "band"],
) -> list[Note]:
    """Return the notes these points need, and no others."""
    notes = []
    style = ink.plain
    if any(p.value is not None for p in points):
        notes.append(Note(words.band if interval == "band" else words.whisker, interval, style))
    if any(p.provisional and p.value is not None for p in points):
        notes.append(Note(words.provisional, "hollow", style))
    if any(p.n is None for p in points):
        notes.append(Note(f"{HIDDEN} {words.too_few}", "none", style))
    if span != (scale.lowest, scale.highest):
        low, high = scale.name(span[0]), scale.name(span[1])
        notes.append(Note(words.axis.format(low=low, high=high), "none", style))
    return notes


def key_of(names: Sequence[str], styles: Sequence[Style], size: float, width: float) -> Rows:
    """Return rows that name the lines by a sample of each; a long name is cut to one row."""
    room = width - _SIGN_WIDTHS["line"]
    named = [(fitted(n, size, room), s) for n, s in zip(names, styles, strict=False) if n]
    return laid_out([Note(name, "line", style) for name, style in named], size, width)


def laid_out(notes: Sequence[Note], size: float, width: float) -> Rows:
    """Return rows of notes with their distance from the left; long ones take several rows."""
    rows: Rows = []
    x = 0.0
    for note in notes:
        sign = _SIGN_WIDTHS[note.sign]
        first, *others = split(note.text, size, width - sign)
        if not rows or x + sign + width_of(first, size) > width or others:
            rows.append([])
            x = 0
        rows[-1].append((x, replace(note, text=first)))
        x += sign + width_of(first, size) + _BETWEEN
        for other in others:
            rows.append([(sign, Note(other, "none", note.style))])
            x = width
    return rows


def height_of(rows: Rows, size: float) -> float:
    """Return how high the rows are together."""
    return len(rows) * size * _LEADING


def draw_notes(sheet: Sheet, rows: Rows, left: float, top: float, size: float) -> None:
    """Write the rows from the upper left on."""
    for number, row in enumerate(rows):
        baseline = top + size * (1.1 + number * _LEADING)
        for x, note in row:
            _draw_sign(sheet, note, left + x, baseline - size * 0.36)
            color = note.style.color if note.sign == "line" else sheet.ink.soft
            place = left + x + _SIGN_WIDTHS[note.sign]
            sheet.text(place, baseline, note.text, size, color)


def _draw_sign(sheet: Sheet, note: Note, x: float, y: float) -> None:
    style = note.style
    if note.sign == "line":
        sheet.line((x, x + 24), (y, y), style.color, 1.75, dashes=style.dashes)
        sheet.marks([(x + 12, y)], style, 7, hollow=False, name="key")
    elif note.sign == "whisker":
        sheet.strokes([(x + 7, y - 6, x + 7, y + 6)], sheet.ink.soft, 1.25)
        sheet.marks([(x + 7, y)], style, 5, hollow=False, name="key")
    elif note.sign == "lying":
        sheet.strokes([(x, y, x + 18, y)], sheet.ink.soft, 1.75)
        sheet.marks([(x + 9, y)], style, 6, hollow=False, name="key")
    elif note.sign == "band":
        sheet.area(box(x, y - 5, x + 14, y + 5), style.color, "key", alpha=0.25)
    elif note.sign == "hollow":
        sheet.marks([(x + 7, y)], style, 7, hollow=True, name="key")
    elif note.sign == "dot":
        sheet.marks([(x + 7, y)], style, 7, hollow=False, name="key")
    elif note.sign == "number":
        draw_number(sheet, x + 7, y, note.inside)
    elif note.sign == "ring":
        sheet.marks([(x + 7, y)], style, 12, hollow=True, name="key")
        sheet.marks([(x + 7, y)], sheet.ink.plain, 5, hollow=False, name="key")
    elif note.sign == "stroke":
        sheet.line((x, x + 24), (y, y), style.color, 1.2, dashes=style.dashes)


def draw_number(sheet: Sheet, x: float, y: float, number: str) -> None:
    """Draw a small number in a circle: the same beside its line and before its words."""
    sheet.marks([(x, y)], sheet.ink.plain, 13, hollow=True, name="number")
    sheet.text(x, y, number, 9, sheet.ink.ink, "center", middle=True)


def nothing(ink: Ink, words: ChartWords, width: float) -> bytes:
    """Return a picture that says there is nothing to draw."""
    sheet = Sheet(width, 120, ink)
    sheet.text(width / 2, 60, words.no_answers, 13.5, ink.soft, "center", middle=True)
    return sheet.svg()
