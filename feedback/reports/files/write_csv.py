"""Writes a table as CSV: UTF-8 with the mark Excel looks for, commas, and quotes by RFC 4180."""

import csv
from codecs import BOM_UTF8
from collections.abc import Callable, Sequence
from datetime import date, datetime
from io import TextIOWrapper
from typing import BinaryIO
from zoneinfo import ZoneInfo

from feedback.interactions.formula_guard import guarded
from feedback.reports.files.sheet import Cell, Sheet


def write_csv(
    sheet: Sheet, file: BinaryIO, zone: ZoneInfo, tell: Callable[[int], None] = lambda rows: None
) -> None:
    """Write the rows as they come, without gathering them; tell after each that it is written."""
    # Without the mark, Excel reads Chinese as if it were in the computer's own code page.
    file.write(BOM_UTF8)
    text = TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        writer = csv.writer(text)
        writer.writerow([column.name for column in sheet.columns])
        for row in sheet.rows:
            writer.writerow(cells(row, zone))
            tell(1)
    finally:
        # What was lent is given back open, whatever happened.
        text.detach()


def cells(row: Sequence[Cell], zone: ZoneInfo) -> list[str | int | float]:
    """Return the row's cells as CSV writes them: moments in the zone, with its offset."""
    return [_cell(value, zone) for value in row]


def _cell(value: Cell, zone: ZoneInfo) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return value
