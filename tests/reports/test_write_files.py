"""CSV and workbooks keep every character, calculate nothing, and hold no rows in memory."""

import csv
import io
from collections.abc import Generator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from flask import Flask
from flask_babel import Babel

from feedback.interactions.formula_guard import unguarded
from feedback.reports.files import write_xlsx as workbooks
from feedback.reports.files.sheet import Cell, Column, Sheet
from feedback.reports.files.write_csv import write_csv
from feedback.reports.files.write_xlsx import MOST_CHARACTERS, fitting, write_xlsx

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 9, 2, 16, 30, 5, 999, tzinfo=UTC)
TEXTS = [
    "接电话很快", "😀👨\u200d👩\u200d👧", "𠮷野家", "\u202eمرحبا بكم", "a,b;c\td", 'She said "hi"',
    "one\ntwo\n\nthree", " blanks around ", "=1+1", "@x", "-", "＝1", "'=1", "<b>&amp;</b>",
    "http://example.cn", "12", "1e5", "TRUE", "\u2028\u2029\u0085", "e\u0301", "\ufeffx",
]  # fmt: skip


def sheet(rows: list[tuple[Cell, ...]], columns: int = 1) -> Sheet:
    named = [Column(f"c{at}", f"what c{at} says") for at in range(columns)]
    one_by_one = (row for row in rows)
    return Sheet("responses", named, one_by_one, len(rows), [("NPS", "promoters less detractors")])


def as_csv(table: Sheet) -> str:
    file = io.BytesIO()
    write_csv(table, file, SHANGHAI)
    assert not file.closed
    assert file.getvalue().startswith(b"\xef\xbb\xbf")
    return file.getvalue().decode("utf-8-sig")


@pytest.fixture
def as_xlsx(tmp_path: Path) -> Any:
    words = Flask(__name__)
    Babel(words)

    def write(table: Sheet, **more: Any) -> Any:
        with words.app_context():
            write.cut = write_xlsx(table, tmp_path / "x", SHANGHAI, **more)  # type: ignore[attr-defined]
        with (tmp_path / "x").open("rb") as file:
            return openpyxl.load_workbook(file)

    return write


def test_csv_is_read_back_character_by_character() -> None:
    written = as_csv(sheet([(text,) for text in TEXTS]))
    rows = list(csv.reader(io.StringIO(written, newline="")))
    assert rows[0] == ["c0"]
    assert [unguarded(row[0]) for row in rows[1:]] == TEXTS


def test_csv_ends_lines_as_the_rfc_says_and_quotes_what_needs_it() -> None:
    assert as_csv(sheet([("a,b", 'say "x"')], 2)) == 'c0,c1\r\n"a,b","say ""x"""\r\n'


def test_csv_writes_numbers_as_numbers_and_moments_with_their_offset() -> None:
    row = (-5, -0.25, True, False, None, "", AT, date(2026, 9, 2))
    line = as_csv(sheet([row], 8)).splitlines()[1]
    assert line == "-5,-0.25,true,false,,,2026-09-03T00:30:05+08:00,2026-09-02"


def test_csv_takes_a_row_only_when_the_one_before_is_written() -> None:
    told: list[int] = []

    def rows() -> Generator[tuple[str]]:
        for number in range(5):
            assert len(told) == number
            yield (str(number),)

    write_csv(Sheet("x", [Column("a", "")], rows(), 5), io.BytesIO(), SHANGHAI, told.append)
    assert told == [1] * 5


def test_a_workbook_has_no_formula_no_link_and_every_character(as_xlsx: Any) -> None:
    table = as_xlsx(sheet([(text,) for text in TEXTS])).worksheets[0]
    cells = [row[0] for row in table.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == TEXTS
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)
    assert as_xlsx.cut == 0


def test_a_workbook_has_numbers_switches_days_and_moments_of_the_zone(as_xlsx: Any) -> None:
    row = (-5, -0.25, True, None, "", AT, date(2026, 9, 2), datetime(1890, 1, 1, tzinfo=UTC))
    table = as_xlsx(sheet([row], 8)).worksheets[0]
    found = [cell.value for cell in next(table.iter_rows(min_row=2))]
    assert found[:5] == [-5, -0.25, True, None, None]
    assert found[5] == datetime(2026, 9, 3, 0, 30, 5)  # noqa: DTZ001
    assert found[6].date() == date(2026, 9, 2)
    assert found[7].startswith("1890-01-01")


def test_the_second_sheet_says_what_the_columns_are(as_xlsx: Any) -> None:
    workbook = as_xlsx(sheet([("x", 1)], 2))
    assert workbook.sheetnames == ["responses", "definitions"]
    rows = [tuple(cell.value for cell in row) for row in workbook["definitions"].iter_rows()]
    assert rows == [
        ("Column", "What it says"),
        ("c0", "what c0 says"),
        ("c1", "what c1 says"),
        (None, None),
        ("NPS", "promoters less detractors"),
    ]


def test_where_a_sheet_is_full_another_follows(as_xlsx: Any) -> None:
    workbook = as_xlsx(sheet([(number,) for number in range(5)]), most_rows=3)
    assert workbook.sheetnames == ["responses", "definitions", "responses 2", "responses 3"]
    found = [
        [row[0].value for row in workbook[name].iter_rows()]
        for name in ("responses", "responses 2", "responses 3")
    ]
    assert found == [["c0", 0, 1], ["c0", 2, 3], ["c0", 4]]
    assert workbooks.MOST_ROWS == 2**20


def test_what_no_workbook_can_carry_is_marked(as_xlsx: Any) -> None:
    table = as_xlsx(sheet([("a\x00b\x1bc",), ("\ufffe\uffff",)])).worksheets[0]
    assert [row[0].value for row in table.iter_rows(min_row=2)] == [
        "a\ufffdb\ufffdc",
        "\ufffd\ufffd",
    ]


def test_a_text_too_long_for_a_cell_is_cut_where_a_character_ends_and_counted(
    as_xlsx: Any,
) -> None:
    whole, long, paired = "x" * MOST_CHARACTERS, "x" * 40_000, "😀" * 20_000
    table = as_xlsx(sheet([(whole,), (long,), (paired,)])).worksheets[0]
    cells = [row[0].value for row in table.iter_rows(min_row=2)]
    assert cells[0] == whole
    assert cells[1] == "x" * (MOST_CHARACTERS - 1) + "…"
    assert cells[2] == "😀" * 16_383 + "…"
    assert as_xlsx.cut == 2
    assert len(fitting(paired).encode("utf-16-le")) <= 2 * MOST_CHARACTERS
