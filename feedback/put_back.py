"""Puts a backup back, on either database, whole or not at all.

A newer installation puts the rows of an older backup into a database of its own at the revision
they were kept at, brings that up to date, and takes them from there. So the real database is
changed by one transaction only, whatever the backup's age.
"""

import json
import tempfile
import zipfile
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.orm import Session

from feedback import tables
from feedback.accounts import audit_check
from feedback.database import UtcMoment, continue_numbering, reading, skip_numbers
from feedback.keep import (
    CHUNK,
    PASSING,
    Manifest,
    Progress,
    Unusable,
    kept_tables,
    revision_of,
    rows_of,
)
from feedback.kept_wishes import keep_wishes, wishes_of_now

# A new database has the first surveys and where they are asked, a worker may have looked in, and
# that a backup was made of it is no loss.
_THERE_FROM_THE_START = {
    "survey", "survey_text", "question", "question_text", "option", "option_text", "touchpoint",
    "brand", "roll_up", "audit_entry", "audit_head", "milestone",
}  # fmt: skip


# Invitations made since the backup are not known any more, but their links are in mails: no new
# invitation may have such a number. No site asks so many people between two backups.
GIVEN_SINCE = 1_000_000


def restore_backup(
    engine: sa.Engine,
    path: Path,
    manifest: Manifest,
    migrations: Path,
    progress: Progress,
    *,
    replace: bool = False,
    note: Callable[[Session, tuple[int, str]], None] = lambda session, head: None,
) -> None:
    """Put the backup's rows in place of what is there, in one transaction.

    Whoever has asked since the backup not to be written to, or was erased, stays unmailed. At its
    end `note` is called with how the audit log ended that was given up. Raises Unusable for
    a database that is not empty, unless `replace`, or is not up to date, and for a backup of a
    newer version.
    """
    scripts = ScriptDirectory(str(migrations))
    head = scripts.get_current_head() or ""
    if manifest.revision not in {script.revision for script in scripts.walk_revisions()}:
        raise Unusable("newer")
    with reading(), engine.connect() as connection:
        if revision_of(connection) != head:
            raise Unusable("not_current")
        if not replace and not _is_empty(connection):
            raise Unusable("not_empty")
    with _up_to_date(path, manifest, head, migrations) as content, Session(engine) as session:
        _let_nobody_write(session)
        if not replace and not _is_empty(session.connection()):
            raise Unusable("not_empty")
        given_up = audit_check.head(session)
        silent = wishes_of_now(session)
        with _without_triggers(session.connection()):
            for table in reversed(tables.metadata.sorted_tables):
                session.execute(sa.delete(table))
            for table in kept_tables():
                for chunk in content(table):
                    session.execute(sa.insert(table), chunk)
                    progress(len(chunk))
        keep_wishes(session, silent)
        continue_numbering(session)
        skip_numbers(session, tables.metadata.tables["invitation"], GIVEN_SINCE)
        note(session, given_up)
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
            with aside.begin() as connection, _without_triggers(connection):
                kept = [table for table in then.sorted_tables if table.name in manifest.tables]
                for table in reversed(kept):
                    connection.execute(sa.delete(table))
                for table in kept:
                    for chunk in _read_lines(archive, table):
                        connection.execute(sa.insert(table), chunk)
            _migrate(aside, migrations, head)
            with aside.connect() as connection:
                # Begun as one that only reads: the writing turn is the real database's.
                with reading():
                    connection.begin()
                yield lambda table: _chunked(rows_of(connection, table))
        finally:
            aside.dispose()


def _migrate(engine: sa.Engine, migrations: Path, revision: str) -> None:
    settings = Config(attributes={"engine": engine})
    settings.set_main_option("script_location", str(migrations))
    command.upgrade(settings, revision)


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
    if isinstance(column.type, sa.LargeBinary):
        return b64decode
    return date.fromisoformat if isinstance(column.type, sa.Date) else lambda value: value


def _chunked(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


@contextmanager
def _without_triggers(connection: sa.Connection) -> Iterator[None]:
    """Lift what else keeps rows from being changed, in this transaction and for this alone."""
    if connection.dialect.name == "postgresql":
        found = connection.scalars(
            sa.text(
                "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
            )
        ).all()
        lift = [f"ALTER TABLE {name} DISABLE TRIGGER USER" for name in found]
        put_back = [f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in found]
    else:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        triggers = connection.execute(sa.text(query)).all()
        lift = [f'DROP TRIGGER "{name}"' for name, _ in triggers]
        put_back = [sql for _, sql in triggers]
    for statement in lift:
        connection.exec_driver_sql(statement)
    yield
    # After an error the transaction is rolled back, and with it that they were lifted.
    for statement in put_back:
        connection.exec_driver_sql(statement)


def _let_nobody_write(session: Session) -> None:
    """Keep others' writing out until this is done; SQLite does so by itself, and all may read."""
    if session.get_bind().dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in tables.metadata.sorted_tables)
        session.execute(sa.text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


def _is_empty(connection: sa.Connection) -> bool:
    """Tell whether nothing is lost by putting something else in its place."""
    survey = tables.metadata.tables["survey"]
    brand = tables.metadata.tables["brand"]
    mine = [
        sa.exists().where(sa.or_(survey.c.version > 1, survey.c.drafted_at.is_not(None))),
        sa.exists().where(brand.c.id > 1),
    ]
    for table in tables.metadata.sorted_tables:
        if table.name not in _THERE_FROM_THE_START | PASSING:
            mine.append(sa.exists().select_from(table))
    return not any(connection.execute(sa.select(*mine)).one())
