"""Reads a table from a file somebody exported: finds its encoding and delimiter, row by row."""

import csv
import io
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_CHUNK = 1 << 20
_LONGEST_CELL = 1_000_000
_DELIMITERS = (",", "\t", ";", "，")


class UnreadableFile(Exception):
    """A file that is no table in an encoding we know; `what` says why in a word."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True)
class Row:
    """One row: its number after the header, and its cells by column."""

    number: int
    cells: dict[str, str]
    is_ragged: bool = False


class Table:
    """A file as rows; only a little of it is ever held in memory."""

    def __init__(self, path: Path) -> None:
        """Open the file, or raise UnreadableFile."""
        csv.field_size_limit(_LONGEST_CELL)
        self.size = path.stat().st_size
        self.encoding = _encoding(path)
        self._raw = path.open("rb")
        self._text = io.TextIOWrapper(self._raw, encoding=self.encoding, newline="")
        first = self._text.readline(_CHUNK)
        self._text.seek(0)
        self.delimiter = max(_DELIMITERS, key=first.count) if first.strip() else ","
        self._rows = csv.reader(self._text, delimiter=self.delimiter)
        try:
            header = next(self._rows, [])
        except csv.Error as error:
            raise UnreadableFile(str(error)) from error
        self.columns = [name.strip().lstrip("\ufeff") for name in header]
        if not any(self.columns):
            raise UnreadableFile("empty")

    def rows(self) -> Iterator[Row]:
        """Yield the rows; blank ones are passed over but counted."""
        number = 0
        while True:
            number += 1
            try:
                cells = next(self._rows)
            except StopIteration:
                return
            except csv.Error:
                yield Row(number, {}, is_ragged=True)
                continue
            if not any(cell.strip() for cell in cells):
                continue
            is_ragged = len(cells) > len(self.columns) and any(cells[len(self.columns) :])
            yield Row(number, dict(zip(self.columns, cells, strict=False)), is_ragged)

    def position(self) -> int:
        """Return how many bytes have been read."""
        return self._raw.tell()

    def close(self) -> None:
        """Close the file."""
        self._text.close()


def _encoding(path: Path) -> str:
    """Return the encoding: by its mark, else strict UTF-8, else strict GB18030."""
    with path.open("rb") as file:
        start = file.read(4)
        if start.startswith(BOM_UTF8):
            return "utf-8-sig"
        if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            return "utf-16"
        for encoding in ("utf-8", "gb18030"):
            file.seek(0)
            if _decodes(file, encoding):
                return encoding
    raise UnreadableFile("encoding")


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = getincrementaldecoder(encoding)()
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
