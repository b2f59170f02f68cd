"""Reads a table from a file somebody exported: finds its delimiter and header, row by row."""

import csv
import io
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO
from unicodedata import normalize

from feedback.interactions.encodings import UnreadableFile, find_encoding
from feedback.interactions.formula_guard import unguarded

# A record longer than this, or over so many lines, is a quotation mark somebody forgot to close.
_LONGEST = 1_000_000
_MOST_LINES = 1_000
_MOST_COLUMNS = 1_000
_DELIMITERS = (",", "\t", ";", "，")
# Some templates explain themselves in a row or two above the header.
_HEADER_WITHIN = 3
_HEAD_LINES = 20

# What can be wrong with a row as such, in a word.
CELLS, QUOTES, LENGTH, BYTES = "cells", "quotes", "length", "bytes"


@dataclass(frozen=True)
class Row:
    """One row: its number after the header, its cells by column, and its flaw if it has one."""

    number: int
    cells: dict[str, str]
    flaw: str | None = None


def column_name(text: str) -> str:
    """Return the column's name however it is spelled: " External ID" is external_id."""
    return "_".join(
        normalize("NFKC", text).strip("\ufeff \t\r\n").lower().replace("-", " ").split()
    )


class Table:
    """A file as rows; only a little of it is ever held in memory."""

    def __init__(self, path: Path, lacking: Callable[[list[str]], list[str]]) -> None:
        """Open the file, or raise UnreadableFile.

        `lacking` says which of the columns that are needed are not among those given: the header is
        the first row, in the first reading, that lacks least.
        """
        if not path.is_file():
            raise UnreadableFile("no_file")
        csv.field_size_limit(2 * _LONGEST)
        self.size = path.stat().st_size
        self.encoding = find_encoding(path)
        self._raw = path.open("rb")
        self._text = io.TextIOWrapper(
            self._raw, encoding=self.encoding.name, errors=self.encoding.errors, newline=""
        )
        try:
            header = _find_header(self._text, lacking)
        except UnreadableFile:
            self.close()
            raise
        self.delimiter, self.columns = header.delimiter, header.columns
        self._text.seek(0)
        for _line in range(header.lines):
            self._text.readline(_LONGEST)

    def rows(self) -> Iterator[Row]:
        """Yield the rows; blank ones are passed over but counted, as a spreadsheet counts them."""
        records = _records(_Lines(self._text), self.delimiter)
        for number, (cells, flaw) in enumerate(records, start=1):
            if flaw is None:
                if not any(cell.strip() for cell in cells):
                    continue
                flaw = self._flaw(cells)
            named = zip(self.columns, cells, strict=False) if flaw is None else ()
            yield Row(number, {name: unguarded(cell) for name, cell in named if name}, flaw)

    def _flaw(self, cells: list[str]) -> str | None:
        if len(cells) > len(self.columns) and any(cells[len(self.columns) :]):
            return CELLS
        if self.encoding.is_damaged and any("\udc80" <= c <= "\udcff" for t in cells for c in t):
            return BYTES
        return None

    def position(self) -> int:
        """Return how many bytes have been read."""
        return self._raw.tell()

    def close(self) -> None:
        """Close the file."""
        self._text.close()


@dataclass(frozen=True)
class _Header:
    delimiter: str
    columns: list[str]
    # How many lines of the file it and what stands above it take.
    lines: int


def _find_header(text: TextIO, lacking: Callable[[list[str]], list[str]]) -> _Header:
    head = list(islice(iter(lambda: text.readline(_LONGEST), ""), _HEAD_LINES))
    found = [header for delimiter in _DELIMITERS for header in _headers(head, delimiter)]
    if not found:
        raise UnreadableFile("empty")
    # Of two that lack as much, the one that is more of a table; of two alike, the first.
    best = min(found, key=lambda header: (len(lacking(header.columns)), -len(header.columns)))
    if len(best.columns) > _MOST_COLUMNS:
        raise UnreadableFile("columns")
    return best


def _headers(head: list[str], delimiter: str) -> Iterator[_Header]:
    """Yield what could be the header, if the file were parted by this delimiter."""
    reader = csv.reader(head, delimiter=delimiter)
    try:
        for cells in islice(reader, _HEADER_WITHIN):
            # Bytes that mean nothing are named as what they are shown as; no page can say them.
            columns = [column_name(_sayable(cell)) for cell in cells]
            # Spreadsheets leave empty columns behind at the end; a cell there has no name.
            while columns and not columns[-1]:
                columns.pop()
            if columns:
                yield _Header(delimiter, columns, reader.line_num)
    except csv.Error:
        return


def _sayable(text: str) -> str:
    return "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)


class _TooLong(Exception):
    """A line, or a record, longer than any that is meant to be one."""


class _Lines(Iterator[str]):
    """The lines of a file, and which of them the record in hand has taken."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._length = 0

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self._taken.append(line)
        self._length += len(line)
        if self._length >= _LONGEST or len(self._taken) > _MOST_LINES:
            raise _TooLong
        return line

    def _read(self) -> str:
        line = self._text.readline(_LONGEST)
        rest = line
        while len(rest) == _LONGEST and not rest.endswith(("\r", "\n")):
            rest = self._text.readline(_LONGEST)
        return line

    def next_record(self) -> None:
        """Begin another record with the next line."""
        self._taken, self._length = [], 0

    def give_up_record(self) -> bool:
        """Let the record's second line begin another; return whether it had more than one."""
        self._again.extendleft(reversed(self._taken[1:]))
        return len(self._taken) > 1


def _records(lines: _Lines, delimiter: str) -> Iterator[tuple[list[str], str | None]]:
    """Yield each record's cells and flaw.

    A quotation mark that is not closed would swallow the rows after it: only the line it stands in
    is given up, and reading goes on with the line below.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.next_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            lines.give_up_record()
            yield [], QUOTES
        except _TooLong:
            yield [], QUOTES if lines.give_up_record() else LENGTH
        else:
            yield cells, None
