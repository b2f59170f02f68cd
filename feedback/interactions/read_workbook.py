"""Turns an Excel workbook's first sheet into CSV, so that one reader reads them all; bounded."""

import csv
import zipfile
from collections.abc import Iterable
from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from feedback.interactions.encodings import UnreadableFile

# A workbook is a zip: a few kilobytes of it may unfold into as many gigabytes.
_MOST_BYTES = 50 * 1024**2
_MOST_UNFOLDING = 100
_MOST_COLUMNS, _MOST_ROWS = 200, 50_000
# A list that goes on after so many empty rows is a sheet formatted to its end.
_MOST_EMPTY = 1_000
_ZIP = b"PK\x03\x04"
_DOCTYPE = b"<!DOCTYPE"


def is_workbook(path: Path) -> bool:
    """Tell whether the file is a workbook of today's kind (.xlsx), whatever its name."""
    with path.open("rb") as file:
        return file.read(4) == _ZIP


def workbook_as_csv(source: Path, target: Path) -> None:
    """Write the first sheet that shows anything as CSV in UTF-8, or raise UnreadableFile.

    A formula stands for the value Excel last showed; days and moments become ISO 8601.
    """
    _refuse_bombs(source)
    try:
        # As an open file, since a path would be judged by its name.
        with source.open("rb") as file:
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            with closing(book):
                sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
                if not sheets:
                    raise UnreadableFile("empty")
                _write(sheets[0].iter_rows(values_only=True, max_col=_MOST_COLUMNS), target)
    # Whatever a damaged or forged part of it leads to.
    except (InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError,
            AttributeError, IndexError, OSError, EOFError,
            NotImplementedError) as error:  # fmt: skip
        raise UnreadableFile("damaged") from error


def _refuse_bombs(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            whole = sum(part.file_size for part in parts)
            if whole > _MOST_BYTES or whole > _MOST_UNFOLDING * max(path.stat().st_size, 20_000):
                raise UnreadableFile("unfolds")
            for part in parts:
                # No workbook has one; who names entities in XML wants other files, or none of us.
                if part.filename.endswith((".xml", ".rels")) and _has_doctype(archive, part):
                    raise UnreadableFile("damaged")
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        raise UnreadableFile("damaged") from error


def _has_doctype(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    with archive.open(part) as file:
        start = file.read(4096)
    # Also where the letters are two bytes wide.
    return _DOCTYPE in start.replace(b"\x00", b"").upper()


def _write(rows: Iterable[tuple[object, ...]], target: Path) -> None:
    empty = 0
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for number, row in enumerate(rows):
            cells = [_text(value) for value in row]
            while cells and not cells[-1]:
                cells.pop()
            empty = 0 if cells else empty + 1
            if empty > _MOST_EMPTY:
                return
            if number >= _MOST_ROWS:
                raise UnreadableFile("rows")
            # Written also where it is empty, so that rows count as they do in Excel.
            writer.writerow(cells or [""])


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        day_only = value.time() == time()
        return value.date().isoformat() if day_only else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    # A number that happens to be whole is a number somebody typed: 1007, not 1007.0.
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
