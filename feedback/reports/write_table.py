"""Writes a table for people's spreadsheets, row by row: as CSV, or as XLSX with its definitions."""

import csv
import io
from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence
from typing import BinaryIO

import xlsxwriter

from feedback.reports.safe_cells import safe_cell

Cell = str | int | float | None
Row = Sequence[Cell]

# What one sheet holds, its header included, and what one cell does; both are the format's.
_SHEET_ROWS, _CELL_CHARACTERS = 1_048_576, 32_767


def write_csv(file: BinaryIO, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write UTF-8 with a mark, without which Excel reads Chinese as something else."""
    file.write(BOM_UTF8)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(columns)
    for row in rows:
        table.writerow(["" if cell is None else _in_csv(cell) for cell in row])
    text.detach()


def _in_csv(cell: str | int | float) -> str | int | float:
    return safe_cell(cell) if isinstance(cell, str) else cell


def write_xlsx(
    file: BinaryIO,
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    sheet: str,
    definitions: Sequence[Sequence[str]],
) -> None:
    """Write a workbook, keeping no more than a row in memory.

    Rows that do not fit on a sheet go on a further one. Texts are texts, whatever they begin with,
    numbers are numbers, and nothing is an empty cell.
    """
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold = book.add_format({"bold": True})
    number, at, page = 0, _SHEET_ROWS, None
    for row in rows:
        if at == _SHEET_ROWS or page is None:
            number, at = number + 1, 1
            page = _sheet(book, sheet if number == 1 else f"{sheet} {number}", columns, bold)
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                page.write_string(at, column, cell[:_CELL_CHARACTERS])
            elif cell is not None:
                page.write_number(at, column, cell)
        at += 1
    if page is None:
        _sheet(book, sheet, columns, bold)
    meaning = _sheet(book, "definitions", ("figure", "what it is"), bold)
    for at_row, line in enumerate(definitions, start=1):
        for column, text in enumerate(line):
            meaning.write_string(at_row, column, text)
    book.close()


def _sheet(
    book: xlsxwriter.Workbook, name: str, columns: Sequence[str], bold: object
) -> xlsxwriter.workbook.Worksheet:
    page = book.add_worksheet(name)
    page.freeze_panes(1, 0)
    for column, title in enumerate(columns):
        page.write_string(0, column, title, bold)
    return page
