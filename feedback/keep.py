"""Keeps everything in one file and puts it back, on either database.

A backup is a zip: a manifest, and for each table its rows as lines of JSON. It names the revision
of the schema it was made at. A newer installation puts the rows into a database of its own at that
revision, brings that up to date, and takes them from there; so the real database is changed by one
transaction only, whatever the backup's age.
"""

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.orm import Session

from feedback import tables
from feedback.database import UtcMoment, continue_numbering, reading

_FORM = 1
_CHUNK = 1000
Progress = Callable[[int], None]


class Unusable(Exception):
    """A backup that cannot be put back here: "damaged", "newer", "not_empty" or "not_current"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself: when and at which revision it was made, and what it holds."""

    made_at: str
    revision: str
    tables: Mapping[str, int]
    digests: Mapping[str, str]


def count(engine: sa.Engine) -> int:
    """Return how many rows there are to keep."""
    with engine.connect() as connection:
        counts = (sa.select(sa.func.count()).select_from(table) for table in _ordered())
        return sum(connection.scalar(query) or 0 for query in counts)


def write_backup(engine: sa.Engine, path: Path, now: datetime, progress: Progress) -> None:
    """Write everything as it is in one moment; the file appears only when it is whole."""
    handle, name = tempfile.mkstemp(dir=path.resolve().parent, prefix=f".{path.name}.")
    try:
        # mkstemp lets only the owner read it, which a list of customers needs.
        with (
            os.fdopen(handle, "w+b") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
            _one_moment(engine) as connection,
        ):
            held: dict[str, int] = {}
            digests: dict[str, str] = {}
            for table in _ordered():
                digest = hashlib.sha256()
                held[table.name] = 0
                with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as lines:
                    for row in _rows(connection, table):
                        line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
                        digest.update(line)
                        lines.write(line)
                        held[table.name] += 1
                        if held[table.name] % _CHUNK == 0:
                            progress(_CHUNK)
                progress(held[table.name] % _CHUNK)
                digests[table.name] = digest.hexdigest()
            manifest = {
                "form": _FORM,
                "made_at": now.isoformat(timespec="seconds"),
                "revision": _revision(connection),
                "tables": held,
                "digests": digests,
            }
            archive.writestr("manifest.json", json.dumps(manifest, indent=1))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_manifest(path: Path) -> Manifest:
    """Return what the backup says of itself, after making sure that every row is as written."""
    try:
        with zipfile.ZipFile(path) as archive:
            content = json.loads(archive.read("manifest.json"))
            if content["form"] != _FORM:
                raise Unusable("newer")
            for name, expected in content["digests"].items():
                digest = hashlib.sha256()
                with archive.open(f"{name}.jsonl") as lines:
                    while block := lines.read(1 << 20):
                        digest.update(block)
                if digest.hexdigest() != expected:
                    raise Unusable("damaged")
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError) as error:
        raise Unusable("damaged") from error
    return Manifest(content["made_at"], content["revision"], content["tables"], content["digests"])


def restore_backup(
    engine: sa.Engine, path: Path, migrations: Path, progress: Progress, *, replace: bool = False
) -> None:
    """Put the backup's rows in place of what is there, in one transaction."""
    manifest = read_manifest(path)
    scripts = ScriptDirectory(str(migrations))
    head = scripts.get_current_head()
    if manifest.revision not in {script.revision for script in scripts.walk_revisions()}:
        raise Unusable("newer")
    with engine.connect() as connection:
        if _revision(connection) != head:
            raise Unusable("not_current")
        if not replace and not _is_empty(connection):
            raise Unusable("not_empty")
    with _up_to_date(path, manifest, str(head), migrations) as content, Session(engine) as session:
        for table in reversed(_ordered()):
            session.execute(sa.delete(table))
        for table in _ordered():
            for chunk in content(table):
                session.execute(sa.insert(table), chunk)
                progress(len(chunk))
        continue_numbering(session)
        session.commit()


Content = Callable[[sa.Table], Iterator[list[dict[str, Any]]]]


@contextmanager
def _up_to_date(path: Path, manifest: Manifest, head: str, migrations: Path) -> Iterator[Content]:
    """Give a way to read each table's rows, in the shape of today's schema."""
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
        if manifest.revision == head:
            yield lambda table: _read_lines(archive, table)
            return
        aside = sa.create_engine(f"sqlite:///{folder}/aside.sqlite")
        try:
            _migrate(aside, migrations, manifest.revision)
            then = sa.MetaData()
            then.reflect(aside)
            with aside.begin() as connection:
                for table in reversed(then.sorted_tables):
                    if table.name in manifest.tables:
                        connection.execute(sa.delete(table))
                for table in then.sorted_tables:
                    for chunk in (
                        _read_lines(archive, table) if table.name in manifest.tables else ()
                    ):
                        connection.execute(sa.insert(table), chunk)
            _migrate(aside, migrations, head)
            with aside.connect() as connection:
                # Begun as one that only reads: the writing turn is the real database's.
                with reading():
                    connection.begin()
                yield lambda table: _chunked(_values(connection, table))
        finally:
            aside.dispose()


def _migrate(engine: sa.Engine, migrations: Path, revision: str) -> None:
    settings = Config(attributes={"engine": engine})
    settings.set_main_option("script_location", str(migrations))
    command.upgrade(settings, revision)


@contextmanager
def _one_moment(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection that sees one moment, whatever is written meanwhile."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def _ordered() -> list[sa.Table]:
    # Signed-in browsers and passing counters are of no use tomorrow.
    passing = {"sign_in", "attempt", "worker_beat"}
    return [table for table in tables.metadata.sorted_tables if table.name not in passing]


def _rows(connection: sa.Connection, table: sa.Table) -> Iterator[dict[str, Any]]:
    for row in _values(connection, table):
        yield {name: _written(value) for name, value in row.items()}


def _values(connection: sa.Connection, table: sa.Table) -> Iterator[dict[str, Any]]:
    query = sa.select(table).order_by(*table.primary_key.columns)
    result = connection.execution_options(yield_per=_CHUNK).execute(query)
    for row in result:
        yield dict(row._mapping)


def _written(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _read_lines(archive: zipfile.ZipFile, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    readers = {column.name: _reader(column) for column in table.columns}
    with archive.open(f"{table.name}.jsonl") as lines:
        yield from _chunked(
            {
                name: None if value is None else readers[name](value)
                for name, value in json.loads(line).items()
            }
            for line in lines
        )


def _reader(column: sa.Column[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type, UtcMoment):
        return datetime.fromisoformat
    if isinstance(column.type, sa.DateTime):
        # As SQLite keeps it: in UTC, without saying so.
        return lambda text: datetime.fromisoformat(text).replace(tzinfo=None)
    return date.fromisoformat if isinstance(column.type, sa.Date) else lambda value: value


def _chunked(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _revision(connection: sa.Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


def _is_empty(connection: sa.Connection) -> bool:
    names = ("interaction", "user_account", "organisation", "staff_member", "response")
    return not any(
        connection.scalar(sa.select(sa.exists().select_from(tables.metadata.tables[name])))
        for name in names
    )
