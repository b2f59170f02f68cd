"""Files as people save them: encodings, delimiters, headers, and what is broken in them."""

import os
from pathlib import Path

import pytest

from feedback.interactions.encodings import UnreadableFile
from feedback.interactions.read_file import BYTES, CELLS, LENGTH, QUOTES, Row, Table, column_name

HEADER = "external_id,channel,closed_at,subject"
# 喆 is in GBK, 䶮, 𠮷 and € only in GB18030.
ROWS = [["GD-1", "电话", "2026-11-20 14:11", "喆䶮𠮷 €12"], ["GD-2", "门店", "2026/11/20", "a\nb"]]


def lacking(present: list[str]) -> list[str]:
    return [name for name in ("external_id", "channel", "closed_at") if name not in present]


def opened(tmp_path: Path, content: str | bytes) -> Table:
    path = tmp_path / "file.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Table(path, lacking)


def read(tmp_path: Path, content: str | bytes) -> list[Row]:
    table = opened(tmp_path, content)
    rows = list(table.rows())
    table.close()
    return rows


def cells(rows: list[Row]) -> list[list[str]]:
    return [list(row.cells.values()) for row in rows]


def written(delimiter: str = ",", end: str = "\r\n") -> str:
    lines = [HEADER.split(","), *([*row[:3], f'"{row[3]}"'] for row in ROWS)]
    return end.join(delimiter.join(line) for line in lines) + end


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ","), ("utf-8-sig", ","), ("gb18030", ","), ("utf-16", "\t"), ("utf-16", ",")],
)
def test_one_file_in_five_encodings_gives_the_same_rows(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    assert cells(read(tmp_path, written(delimiter).encode(encoding))) == ROWS


def test_gbk_as_excel_saves_it(tmp_path: Path) -> None:
    text = f"{HEADER}\r\nGD-1,电话,2026-11-20,合同续签喆\r\n"
    assert cells(read(tmp_path, text.encode("gbk"))) == [
        ["GD-1", "电话", "2026-11-20", "合同续签喆"]
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "，"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(tmp_path: Path, delimiter: str, end: str) -> None:
    assert cells(read(tmp_path, written(delimiter, end))) == ROWS


def test_commas_in_the_header_do_not_make_it_comma_separated(tmp_path: Path) -> None:
    table = opened(tmp_path, 'external_id;"a, b, c, d";channel;closed_at\n1;2;3;4\n')
    assert (table.delimiter, table.columns[0]) == (";", "external_id")
    table.close()


def test_a_header_in_any_case_and_spacing_with_empty_columns_behind(tmp_path: Path) -> None:
    text = "\ufeff External ID ,CHANNEL,Closed-At, Subject,,,\n1,2,3,4,,,\n"
    [row] = read(tmp_path, text)
    assert row.cells == {"external_id": "1", "channel": "2", "closed_at": "3", "subject": "4"}


def test_a_column_without_a_name_is_left_out(tmp_path: Path) -> None:
    [row] = read(tmp_path, "external_id,,channel,closed_at\n1,note,2,3\n")
    assert row.cells == {"external_id": "1", "channel": "2", "closed_at": "3"}


@pytest.mark.parametrize("above", ["sep=,\n", "工单导出,,\n\n", "Report of\n2026-11-20,,\n"])
def test_a_row_or_two_above_the_header_do_no_harm(tmp_path: Path, above: str) -> None:
    rows = read(tmp_path, above + HEADER + "\n1,2,3,4\n")
    assert [(row.number, row.cells["external_id"]) for row in rows] == [(1, "1")]


def test_names_are_compared_without_their_looks() -> None:
    assert column_name(" External  ID\n") == column_name("ＥＸＴＥＲＮＡＬ-ID") == "external_id"
    assert column_name("工单号 ") == "工单号"


def test_rows_count_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    text = f'{HEADER}\n1,a,b,"two\nlines"\n\n , ,,\n4,a,b,c\n'
    assert [(row.number, row.cells["external_id"]) for row in read(tmp_path, text)] == [
        (1, "1"),
        (4, "4"),
    ]


def test_a_short_row_lacks_what_it_lacks_and_a_long_one_is_flawed(tmp_path: Path) -> None:
    short, long, padded = read(tmp_path, f"{HEADER}\n1,a\n2,a,b,c,d\n3,a,b,c,,,\n")
    assert (short.cells, short.flaw) == ({"external_id": "1", "channel": "a"}, None)
    assert (long.cells, long.flaw) == ({}, CELLS)
    assert (padded.number, padded.flaw) == (3, None)


@pytest.mark.parametrize(
    ("text", "flaws"),
    [
        ('1,a,b,"open\n2,a,b,c\n3,a,b,c\n', [QUOTES, None, None]),
        ('1,a,b,c\n2,a,b,"open', [None, QUOTES]),
        ('1,a,b,"open\n2,a,b,"closed, here"\n3,a,b,c\n', [QUOTES, None, None]),
        ('1,a,b,"open\n2,a,b,"also open\n3,a,b,c\n', [QUOTES, QUOTES, None]),
        ('1,a,b,"well" said\n2,a,b,c\n', [QUOTES, None]),
        ('1,a,b,well "said"\n2,a,b,"a ""b"""\n', [None, None]),
    ],
)
def test_a_forgotten_quotation_mark_costs_only_its_own_row(
    tmp_path: Path, text: str, flaws: list[str | None]
) -> None:
    rows = read(tmp_path, f"{HEADER}\n{text}")
    assert [row.flaw for row in rows] == flaws
    assert [row.number for row in rows] == list(range(1, len(flaws) + 1))
    assert all(row.cells["external_id"] == str(row.number) for row in rows if row.flaw is None)


def test_a_quotation_mark_open_for_ever_is_given_up_in_time(tmp_path: Path) -> None:
    rows = read(tmp_path, f'{HEADER}\n0,a,b,"open\n' + "1,a,b,c\n" * 5000)
    assert [rows[0].flaw, rows[1].flaw, len(rows)] == [QUOTES, None, 5001]


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_cell_of_ten_megabytes_costs_only_its_own_row(tmp_path: Path, quote: str) -> None:
    text = f"{HEADER}\n1,a,b,c\n2,a,b,{quote}{'长' * 3_500_000}{quote}\n3,a,b,c\n"
    assert [(row.number, row.flaw) for row in read(tmp_path, text)] == [
        (1, None),
        (2, LENGTH),
        (3, None),
    ]


def test_a_row_of_a_hundred_thousand_cells_is_flawed(tmp_path: Path) -> None:
    rows = read(tmp_path, f"{HEADER}\n{',' * 100_000}x\n2,a,b,c\n")
    assert [row.flaw for row in rows] == [CELLS, None]


def test_nul_bytes_break_nothing(tmp_path: Path) -> None:
    [row] = read(tmp_path, f"{HEADER}\n1,a\x00,b,c\n")
    assert row.cells["channel"] == "a\x00"


def test_text_cut_off_within_a_letter_costs_only_its_own_row(tmp_path: Path) -> None:
    """Read as GB18030, which it passes for, all of it would come out as nonsense."""
    broken = "合同续签".encode()[:-1]
    content = f"{HEADER}\n1,电话,b,王伟\n2,电话,b,".encode() + broken + "\n3,电话,b,李静\n".encode()
    rows = read(tmp_path, content)
    assert [row.flaw for row in rows] == [None, BYTES, None]
    assert rows[2].cells["subject"] == "李静"


def test_a_stray_byte_in_gb18030_costs_only_its_own_row(tmp_path: Path) -> None:
    content = (
        f"{HEADER}\n".encode() + "1,电话,合同续签合同续签合同续签,王伟\n".encode("gb18030") * 3
    )
    rows = read(tmp_path, content + b"4,a,b,\xff\n5,a,b,c\n")
    assert [row.flaw for row in rows] == [None, None, None, BYTES, None]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"PK\x03\x04\x14\x00\x06\x00", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook"),
        (b"\xff\xfeexternal_id", "encoding"),
        (b"\xff\xfea", "encoding"),
        (b"caf\xe9,\xe8\n\xff\xfe\xfd", "encoding"),
        (",".join(f"c{number}" for number in range(100_000)).encode(), "columns"),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    with pytest.raises(UnreadableFile) as unreadable:
        opened(tmp_path, content)
    assert unreadable.value.what == what


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableFile) as unreadable:
        Table(tmp_path / "pipe", lacking)
    assert unreadable.value.what == "no_file"


def test_rubbish_is_refused_or_lacks_every_column(tmp_path: Path) -> None:
    for number in range(30):
        try:
            table = opened(tmp_path, os.urandom(200 + 100 * number))
        except UnreadableFile:
            continue
        assert len(lacking(table.columns)) == 3
        assert all(isinstance(row, Row) for row in table.rows())
        table.close()


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    assert read(tmp_path, HEADER) == []


def test_it_tells_how_far_it_has_read(tmp_path: Path) -> None:
    table = opened(tmp_path, f"{HEADER}\n" + "1,a,b,c\n" * 5000)
    positions = [table.position() for _row in table.rows()]
    assert positions == sorted(positions)
    assert positions[0] < positions[-1] == table.size
    table.close()
