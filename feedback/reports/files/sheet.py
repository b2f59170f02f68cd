"""A table on its way into a file: its columns, what each of them says, and its rows one by one."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

Cell = str | int | float | bool | datetime | date | None


@dataclass(frozen=True)
class Column:
    """A column: its name, which programs rely on, and what it says, for people."""

    name: str
    meaning: object


@dataclass(frozen=True)
class Sheet:
    """A table whose rows come as they are read."""

    name: str
    columns: Sequence[Column]
    rows: Generator[Sequence[Cell]]
    # How many steps it takes until all rows are there, for those who wait.
    size: int
    # What a reader should know beside what the columns say: a term, and its meaning.
    notes: Sequence[tuple[object, object]] = ()
    steps_are_rows: bool = True
