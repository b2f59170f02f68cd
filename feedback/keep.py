"""Keeps everything in one file, as it is at one moment.

A backup is a zip: for each table its rows as lines of JSON, and at the end a manifest. It names the
revision of the schema it was made at, and nothing in it depends on the kind of database, so that it
can be put back into the other kind and by a newer version (`put_back`).
"""

import hashlib
import hmac
import json
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext

from feedback import tables
from feedback.database import reading

FORM = 1
CHUNK = 1000
# Signed-in browsers, passing counters and files not yet imported are of no use tomorrow; who has
# signed out stays so.
PASSING = {
    "sign_in", "attempt", "worker_beat", "worker_pulse", "mail_standstill", "upload",
    "reset_request",
}  # fmt: skip
Progress = Callable[[int], None]


class Unusable(Exception):
    """What cannot be kept or put back: "damaged", "newer", "not_empty" or "not_current"."""

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
    # Tells one secret key from another without telling the key; empty where the backup is older.
    key: str = ""

    @property
    def rows(self) -> int:
        """Return how many rows there are in all tables together."""
        return sum(self.tables.values())


def kept_tables() -> list[sa.Table]:
    """Return the tables that are kept, each after those its rows refer to."""
    return [table for table in tables.metadata.sorted_tables if table.name not in PASSING]


def count(engine: sa.Engine, head: str) -> int:
    """Return how many rows there are to keep.

    Raises Unusable for a database that is not at the revision `head` of this version.
    """
    with _one_moment(engine) as connection:
        if revision_of(connection) != head:
            raise Unusable("not_current")
        counts = (sa.select(sa.func.count()).select_from(table) for table in kept_tables())
        return sum(connection.scalar(query) or 0 for query in counts)


def write_backup(
    engine: sa.Engine, path: Path, now: datetime, *, key: str, progress: Progress
) -> None:
    """Write everything as it is in one moment, while others go on writing."""
    held: dict[str, int] = {}
    digests: dict[str, str] = {}
    with (
        _one_moment(engine) as connection,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for table in kept_tables():
            digest, held[table.name] = hashlib.sha256(), 0
            with (
                archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as lines,
                # Closed before the connection is, whatever ends this.
                closing(rows_of(connection, table)) as rows,
            ):
                for row in rows:
                    written = {name: _written(value) for name, value in row.items()}
                    line = json.dumps(written, ensure_ascii=False).encode() + b"\n"
                    digest.update(line)
                    lines.write(line)
                    held[table.name] += 1
                    progress(1)
            digests[table.name] = digest.hexdigest()
        manifest = {
            "form": FORM,
            "made_at": now.isoformat(timespec="seconds"),
            "revision": revision_of(connection),
            "key": key_mark(key),
            "tables": held,
            "digests": digests,
        }
        archive.writestr("manifest.json", json.dumps(manifest, indent=1))


def read_manifest(path: Path) -> Manifest:
    """Return what the backup says of itself, after making sure that every row is as written."""
    try:
        with zipfile.ZipFile(path) as archive:
            content = json.loads(archive.read("manifest.json"))
            if content["form"] != FORM:
                raise Unusable("newer")
            for name, expected in content["digests"].items():
                digest = hashlib.sha256()
                with archive.open(f"{name}.jsonl") as lines:
                    while block := lines.read(1 << 20):
                        digest.update(block)
                if digest.hexdigest() != expected:
                    raise Unusable("damaged")
            return Manifest(
                content["made_at"],
                content["revision"],
                {name: int(rows) for name, rows in content["tables"].items()},
                content["digests"],
                content.get("key", ""),
            )
    # Whatever a flipped bit may lead to: a file that is no zip, bad JSON, a missing or wrong part.
    except (zipfile.BadZipFile, zlib.error, LookupError, ValueError, TypeError, AttributeError,
            OSError, EOFError, NotImplementedError, RuntimeError) as error:  # fmt: skip
        raise Unusable("damaged") from error


def key_mark(key: str) -> str:
    """Return what tells one secret key from another without telling anything of the key."""
    return hmac.new(key.encode(), b"backup", hashlib.sha256).hexdigest()[:16]


def rows_of(connection: sa.Connection, table: sa.Table) -> Generator[dict[str, Any]]:
    """Yield a table's rows by their key, holding only a few at a time."""
    query = sa.select(table).order_by(*table.primary_key.columns)
    with connection.execute(query, execution_options={"yield_per": CHUNK}) as found:
        for row in found:
            yield dict(row._mapping)


def revision_of(connection: sa.Connection) -> str:
    """Return the revision of the schema; empty where there is none yet."""
    return MigrationContext.configure(connection).get_current_revision() or ""


@contextmanager
def _one_moment(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection that sees one moment whatever is written meanwhile, and holds up nobody."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with reading(), engine.connect() as connection:
        yield connection


def _written(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else value
