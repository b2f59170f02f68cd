"""Writes a sheet whose formulas are our own: as CSV, or as a workbook that calculates.

Formulas are known by their type. Whatever is text stays text, also where it looks like a formula.
"""

import csv
import re
from codecs import BOM_UTF8
from collections.abc import Iterable
from datetime import date
from io import BytesIO, StringIO

import xlsxwriter

from feedback.interactions.formula_guard import guarded
from feedback.reports.files.recompute_formulas import Formula
from feedback.reports.files.recompute_sheet import Cell, Row

# What no XML can carry.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WIDTHS = (24, 22, 22, 14, 18, 24, 24, 18)


def as_csv(rows: Iterable[Row]) -> bytes:
    """Return the rows as CSV with the mark Excel looks for; formulas begin with "="."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return BOM_UTF8 + text.getvalue().encode()


def _cell(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, Formula):
        return f"={cell.text}"
    if isinstance(cell, str):
        return guarded(cell)
    return cell.isoformat() if isinstance(cell, date) else cell


def as_workbook(rows: Iterable[Row], name: str) -> bytes:
    """Return the rows as an Excel workbook of one sheet."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet(name)
        day = workbook.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is None or cell == "":
                    continue
                if isinstance(cell, Formula):
                    sheet.write_formula(at, column, f"={cell.text}", None, cell.value)
                elif isinstance(cell, str):
                    sheet.write_string(at, column, _NO_XML.sub("\ufffd", cell))
                elif isinstance(cell, date):
                    sheet.write_datetime(at, column, cell, day)
                else:
                    sheet.write_number(at, column, cell)
    return file.getvalue()
