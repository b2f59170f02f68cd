"""Takes the rows of a table in, batch by batch: each row whole, or not at all and with a reason."""

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar

from flask_babel import gettext as _
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from feedback.database import reading
from feedback.interactions import read_file
from feedback.interactions.fields import Refused
from feedback.interactions.read_file import Row

# One batch is one transaction. Small enough that a kill loses little and customers who answer
# meanwhile wait little, large enough to be quick.
BATCH = 500
_ATTEMPTS = 3
# PostgreSQL ended one of two transactions that waited for each other, or could not order them.
_TRY_AGAIN = ("40P01", "40001")

Item = TypeVar("Item")


class Fate(Enum):
    """What became of a row that was taken."""

    CREATED = "created"
    DUPLICATE = "duplicate"
    UPDATED = "updated"


class Taker(Protocol[Item]):
    """Takes one kind of thing in: reads what a row says, then looks up or takes many at once."""

    def read(self, cells: Mapping[str, str]) -> Item:
        """Return what a row says, or raise Refused; asks no database."""

    def look(self, items: Sequence[Item]) -> Sequence[Fate | Refused]:
        """Return what would become of each; write nothing."""

    def take(self, items: Sequence[Item]) -> Sequence[Fate | Refused]:
        """Take each; add and flush, but leave committing to the caller."""

    def forget(self) -> None:
        """Forget what is remembered from batch to batch, after a rollback."""


class Listing:
    """A list that may become long: kept in a file and read back in its order."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115 — it lives as long as the list.
            1 << 20, "w+", encoding="utf-8"
        )
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[dict[str, Any]]:
        self._file.seek(0)
        for line in self._file:
            yield json.loads(line)

    def __del__(self) -> None:
        self._file.close()

    def add(self, **entry: Any) -> None:
        """Add an entry to the end."""
        self._file.seek(0, 2)
        self._file.write(json.dumps(entry) + "\n")
        self._count += 1


class Seen:
    """Remembers what a file has named so far, on disk: a dry run finds the file's own doubles."""

    def __init__(self) -> None:
        # Without a name SQLite keeps the database in a temporary file of its own.
        # Whichever thread clears up what is left behind may close it.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute("CREATE TABLE seen (name PRIMARY KEY) WITHOUT ROWID")

    def __del__(self) -> None:
        self._database.close()

    def add(self, *parts: object) -> bool:
        """Remember a name; return whether it is met for the first time."""
        name = json.dumps(parts)
        return self._database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (name,)).rowcount > 0


@dataclass
class Outcome:
    """What an import did: every row read was created, a duplicate, or refused."""

    read: int = 0
    created: int = 0
    duplicate: int = 0
    updated: int = 0
    refused: int = 0
    refusals: Listing = field(default_factory=Listing)
    out_of_order: Listing = field(default_factory=Listing)


@dataclass
class Import(Generic[Item]):
    """One run over one table. A dry run looks everything up and can write nothing."""

    session: Session
    taker: Taker[Item]
    dry_run: bool = False
    # How another system's columns become ours.
    translate: Callable[[Mapping[str, str]], Mapping[str, str]] = lambda cells: cells
    outcome: Outcome = field(default_factory=Outcome)
    # Told of each item that was created, with the number of its row.
    on_created: Callable[[int, Item], None] = lambda number, item: None

    def run(self, rows: Iterable[Row], tell: Callable[[], None] = lambda: None) -> None:
        """Take every row; commit, count and tell after each batch."""
        try:
            batch: list[tuple[int, Item | Refused]] = []
            for row in rows:
                batch.append((row.number, self._read(row)))
                if len(batch) == BATCH:
                    self._settle(batch)
                    batch = []
                    tell()
            self._settle(batch)
            tell()
        finally:
            # What was not counted is not kept either, whatever stopped it.
            self.session.rollback()

    def _read(self, row: Row) -> Item | Refused:
        try:
            if row.flaw is not None:
                raise Refused("", "", _flaws()[row.flaw])
            return self.taker.read(self.translate(row.cells))
        except Refused as refusal:
            return refusal

    def _settle(self, batch: list[tuple[int, Item | Refused]]) -> None:
        items = [item for _number, item in batch if not isinstance(item, Refused)]
        fates = iter(self._look(items) if self.dry_run else self._take(items))
        for number, item in batch:
            fate = item if isinstance(item, Refused) else next(fates)
            self.outcome.read += 1
            if isinstance(fate, Refused):
                self.outcome.refused += 1
                self.outcome.refusals.add(
                    row=number, column=fate.column, value=fate.value, reason=fate.reason
                )
            elif fate is Fate.CREATED:
                self.outcome.created += 1
                if not isinstance(item, Refused):
                    self.on_created(number, item)
            else:
                self.outcome.duplicate += 1
                self.outcome.updated += fate is Fate.UPDATED

    def _look(self, items: list[Item]) -> Sequence[Fate | Refused]:
        if not items:
            return ()
        with reading():
            try:
                return self.taker.look(items)
            finally:
                self.session.rollback()

    def _take(self, items: list[Item]) -> Sequence[Fate | Refused]:
        if not items:
            return ()
        for _attempt in range(_ATTEMPTS):
            try:
                fates = self.taker.take(items)
                self.session.commit()
            except (IntegrityError, DataError, OperationalError) as error:
                # Another process reported the same thing meanwhile: now it can be seen.
                self.session.rollback()
                self.taker.forget()
                if isinstance(error, OperationalError) and not _may_try_again(error):
                    raise
                why = error
            else:
                return fates
        if len(items) == 1:
            return [Refused("", "", _("the database refuses it: %(why)s", why=why.orig))]
        # One by one shows which row it is.
        return [fate for item in items for fate in self._take([item])]


def _may_try_again(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlstate", None) in _TRY_AGAIN


def _flaws() -> dict[str, str]:
    return {
        read_file.CELLS: _("has more cells than the header"),
        read_file.QUOTES: _("has a quotation mark that is not closed, or one where none may stand"),
        read_file.LENGTH: _("is too long to be a row"),
        read_file.BYTES: _("has bytes that are no text in the file's encoding"),
    }
