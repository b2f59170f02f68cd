"""Lays out small panels side by side: one for each line, all on the same axes."""

from collections.abc import Sequence
from dataclasses import replace

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
from feedback.reports.charts.ink import Ink
from feedback.reports.charts.lines import draw_lines
from feedback.reports.charts.notes import (
    draw_notes,
    height_of,
    key_of,
    laid_out,
    notes_on,
    nothing,
)
from feedback.reports.charts.sheet import Sheet
from feedback.reports.charts.text import fitted

_WIDTHS = {1: 320.0, 2: 620.0}
_WIDTH = 920.0
_PLOT = 120.0
_GAP = 26.0
_TEXT, _SMALL, _TITLE = 11.5, 10.5, 13.0
_HEAD = _TITLE + 9


def panels(
    panels: Sequence[Sequence[ChartLine]],
    names: Sequence[str],
    scale: ChartScale,
    ink: Ink,
    words: ChartWords,
    columns: int,
) -> bytes:
    """Return the picture, filled row by row.

    A panel is called by its first line; where panels hold several, `names` tells them apart.
    """
    full = _WIDTHS.get(columns, _WIDTH)
    if not panels:
        return nothing(ink, words, full)
    series = len(panels[0])
    styles = [ink.style(number) for number in range(series)]
    lines = [line for panel in panels for line in panel]
    points = [point for line in lines for point in line.points]
    labels = [point.label for point in lines[0].points]
    span = scale.span(points)
    left = left_margin(scale, span, words, _TEXT, series)
    wide = (full - left - _GAP * (columns - 1)) / columns
    first = Frame(left, 0, left + wide, _PLOT, len(labels), span)
    figures = figures_fit(first, lines, _SMALL)
    counted = 5 + periods_height(labels, _SMALL) + 4
    tall = _HEAD + _PLOT + counted + counts_height(series, _SMALL, figures=figures) + 18
    key = key_of(names, styles, _TEXT, full - left)
    top = height_of(key, _TEXT) + (10 if key else 0)
    notes = laid_out(notes_on(points, scale, span, words, ink, first.interval), _SMALL, full - left)
    bottom = top + tall * -(-len(panels) // columns)

    sheet = Sheet(full, bottom + height_of(notes, _SMALL), ink)
    draw_notes(sheet, key, left, 0, _TEXT)
    for number, panel in enumerate(panels):
        row, column = divmod(number, columns)
        x, y = left + column * (wide + _GAP), top + row * tall + _HEAD
        frame = replace(first, left=x, right=x + wide, top=y, bottom=y + _PLOT)
        title = fitted(panel[0].label, _TITLE, wide)
        sheet.text(x, y - 9, title, _TITLE, ink.ink)
        # The axes are the same in a row, so they are named once.
        draw_grid(sheet, frame, scale, _SMALL, named=column == 0)
        draw_lines(sheet, frame, panel, styles, name=f"{number}-")
        says_nothing(sheet, frame, panel, words, _TEXT)
        draw_periods(sheet, frame, frame.bottom + 5, labels, _SMALL)
        draw_counts(
            sheet, frame, frame.bottom + counted, panel, styles, words, _SMALL,
            figures=figures, named=column == 0,
        )  # fmt: skip
    draw_notes(sheet, notes, left, bottom - 6, _SMALL)
    return sheet.svg()
