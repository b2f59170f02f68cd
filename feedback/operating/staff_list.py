"""A list of staff somebody uploaded: shown, tried and taken in as `flask import staff` does."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from feedback.interactions.encodings import UnreadableFile
from feedback.interactions.guess_columns import guess_columns
from feedback.interactions.import_rows import Import, Outcome
from feedback.interactions.read_file import Table
from feedback.interactions.read_workbook import is_workbook, workbook_as_csv
from feedback.interactions.staff import COLUMNS, REQUIRED, StaffTaker

_SHOWN = 5


@dataclass(frozen=True)
class Look:
    """What a file looks like: its columns, its first rows, and how it was read."""

    columns: list[str]
    guessed: dict[str, str]
    rows: list[dict[str, str]]
    encoding: str


@dataclass
class Tried:
    """What came of it, or would: the counts, and how many have no mail address."""

    outcome: Outcome
    without_mail: int = 0
    twice: int = 0
    refusals: list[dict[str, object]] = field(default_factory=list)


def as_table(content: bytes) -> bytes:
    """Return a file as a table in text: a workbook becomes CSV, text stays as it is."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "given", Path(folder) / "made.csv"
        given.write_bytes(content)
        if not content:
            raise UnreadableFile("empty")
        if is_workbook(given):
            workbook_as_csv(given, made)
            return made.read_bytes()
        # Read once, so that what cannot be read is said now.
        Table(given, _lacking).close()
    return content


def look(content: bytes) -> Look:
    """Return what the file looks like."""
    with _table(content) as table:
        rows = [row.cells for row in islice(table.rows(), _SHOWN)]
        columns = [column for column in table.columns if column]
        return Look(columns, guess_columns(columns), rows, table.encoding.name)


def run(
    session: Session, content: bytes, mapping: Mapping[str, str], zone: ZoneInfo, *, dry_run: bool
) -> Tried:
    """Take every row in, or say what would become of each; as the command does, batch by batch."""
    outcome = Outcome()
    tried = Tried(outcome)

    def ours(cells: Mapping[str, str]) -> Mapping[str, str]:
        mapped = {name: cells.get(column, "") for name, column in mapping.items()}
        tried.without_mail += not mapped.get("email", "").strip()
        return mapped

    taker = StaffTaker(session, zone)
    with _table(content) as table:
        Import(session, taker, dry_run, ours, outcome).run(table.rows())
    for refusal in outcome.refusals:
        tried.twice += refusal["column"] == "external_id" and bool(refusal["value"])
        # Named as the list names it, so that it is found there.
        tried.refusals.append(refusal | {"column": mapping.get(str(refusal["column"]), "")})
    return tried


def problems(look: Look, mapping: Mapping[str, str]) -> list[str]:
    """Return which of ours is wrong with a mapping: missing, unknown, or given twice."""
    wrong = [ours for ours in REQUIRED if not mapping.get(ours)]
    for ours, column in mapping.items():
        given_twice = list(mapping.values()).count(column) > 1
        if ours not in COLUMNS or column not in look.columns or given_twice:
            wrong.append(ours)
    return wrong


@contextmanager
def _table(content: bytes) -> Iterator[Table]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list"
        path.write_bytes(content)
        table = Table(path, _lacking)
        try:
            yield table
        finally:
            table.close()


def _lacking(columns: list[str]) -> list[str]:
    """Return what cannot be guessed, so that the header is the row that looks most like one."""
    guessed = guess_columns(columns)
    return [ours for ours in COLUMNS if ours not in guessed]
