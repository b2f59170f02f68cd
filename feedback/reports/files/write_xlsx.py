"""Writes a table as an Excel workbook, with a second sheet that says what the columns are."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from flask_babel import gettext as _

from feedback.reports.files.sheet import Cell, Sheet

# What Excel takes: rows of a sheet, and characters of a cell, counted as UTF-16 counts them.
MOST_ROWS = 1_048_576
MOST_CHARACTERS = 32_767
# What no XML can carry.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Excel has no days before 1900, and is wrong about the first weeks of it.
_FIRST_YEAR = 1901


def write_xlsx(
    sheet: Sheet,
    path: Path,
    zone: ZoneInfo,
    tell: Callable[[int], None] = lambda rows: None,
    most_rows: int = MOST_ROWS,
) -> int:
    """Write the rows as they come, and return how many texts were too long for a cell and cut.

    Texts are written as texts, so nothing is ever calculated. Moments become Excel's own, which
    know no zone: those of `zone`. Where a sheet is full, another one follows.
    """
    # Rows go to a temporary file beside the workbook at once, and are not held in memory.
    options = {"constant_memory": True, "tmpdir": str(path.parent)}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        pen = _Pen(workbook, zone)
        # Named so that it is the second, whatever follows.
        table = pen.begin_table(sheet, 1)
        pen.write_definitions(sheet)
        at, number = 1, 1
        for row in sheet.rows:
            if at == most_rows:
                at, number = 1, number + 1
                table = pen.begin_table(sheet, number)
            pen.write(table, at, row)
            at += 1
            tell(1)
    return pen.cut


def fitting(text: str) -> str:
    """Return the text as far as a cell holds it, an ellipsis in place of what it does not."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * MOST_CHARACTERS:
        return text
    # Half of a pair that stood on the border is left out.
    return units[: 2 * (MOST_CHARACTERS - 1)].decode("utf-16-le", errors="ignore") + "…"


class _Pen:
    """Writes cells in their forms, and counts the texts it had to cut."""

    def __init__(self, workbook: Any, zone: ZoneInfo) -> None:
        self._workbook, self._zone, self.cut = workbook, zone, 0
        self._bold = workbook.add_format({"bold": True})
        self._day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})

    def begin_table(self, sheet: Sheet, number: int) -> Any:
        """Return a new sheet for rows, its header written."""
        name = sheet.name if number == 1 else f"{sheet.name} {number}"
        table = self._workbook.add_worksheet(name)
        table.freeze_panes(1, 0)
        table.set_column(0, len(sheet.columns) - 1, 18)
        for at, column in enumerate(sheet.columns):
            table.write_string(0, at, column.name, self._bold)
        return table

    def write_definitions(self, sheet: Sheet) -> None:
        """Write what each column says, and what else there is to know."""
        table = self._workbook.add_worksheet("definitions")
        table.set_column(0, 0, 28)
        table.set_column(1, 1, 100)
        columns = [(column.name, column.meaning) for column in sheet.columns]
        for at, row in enumerate([(_("Column"), _("What it says")), *columns, (), *sheet.notes]):
            for column, text in enumerate(row):
                form = self._bold if at == 0 else self._wrapped
                table.write_string(at, column, str(text), form)

    def write(self, table: Any, at: int, row: Sequence[Cell]) -> None:
        """Write a row."""
        for column, value in enumerate(row):
            if value is None or value == "":
                continue
            if isinstance(value, str):
                self._write_text(table, at, column, value)
            elif isinstance(value, bool):
                table.write_boolean(at, column, value)
            elif isinstance(value, datetime):
                self._write_moment(table, at, column, value.astimezone(self._zone))
            elif isinstance(value, date):
                self._write_day(table, at, column, value)
            else:
                table.write_number(at, column, value)

    def _write_text(self, table: Any, at: int, column: int, text: str) -> None:
        whole = _NO_XML.sub("\ufffd", text)
        fits = fitting(whole)
        self.cut += fits != whole
        table.write_string(at, column, fits)

    def _write_moment(self, table: Any, at: int, column: int, moment: datetime) -> None:
        if moment.year < _FIRST_YEAR:
            table.write_string(at, column, moment.isoformat(timespec="seconds"))
            return
        here = moment.replace(tzinfo=None, microsecond=0)
        table.write_datetime(at, column, here, self._moment)

    def _write_day(self, table: Any, at: int, column: int, day: date) -> None:
        if day.year < _FIRST_YEAR:
            table.write_string(at, column, day.isoformat())
        else:
            table.write_datetime(at, column, day, self._day)
