"""Whether the database would take something, found out without writing anything."""

import shutil
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from feedback.outbox.models import WorkerPulse

# A commit needs room for its journal beside the file.
_ROOM = 1024**2
_LOCK_SECONDS = 0.5
# So long may a writer keep everybody else waiting: imports and counting end sooner.
_LOCKED_TOO_LONG = timedelta(seconds=15)


class _Memory:
    """When this process last found the lock free, or first found it taken."""

    free_at: datetime | None = None
    path = ""


def why_unwritable(session: Session, now: datetime) -> str | None:
    """Return why nothing can be written, or None where it can."""
    bind = session.get_bind()
    if bind.dialect.name == "postgresql":
        return _why_read_only(session)
    name = bind.engine.url.database
    return _why_file(session, Path(name), now) if name and name != ":memory:" else None


def _why_read_only(session: Session) -> str | None:
    # A standby that was left, or a full disk whose keeper has made the server refuse writes.
    read_only = session.scalar(
        sa.text(
            "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')='on'"
        )
    )
    return str(_("the database takes nothing: it is read-only")) if read_only else None


def _why_file(session: Session, path: Path, now: datetime) -> str | None:
    if not path.exists():
        # Connections that are open go on with a file that has no name any more.
        return str(_("the database's file is gone"))
    if shutil.disk_usage(path.parent).free < _ROOM:
        return str(_("the disk under the database is full"))
    try:
        _take_lock(path)
    except sqlite3.OperationalError as error:
        if "locked" not in str(error) and "busy" not in str(error):
            return str(_("the database's file cannot be written to"))
        if _is_locked_for_long(session, path, now):
            return str(_("the database is locked: nothing can be written"))
        return None
    _Memory.free_at, _Memory.path = now, str(path)
    return None


def _take_lock(path: Path) -> None:
    """Take the one lock for writing and give it back; what it would guard is left as it is."""
    address = f"{path.resolve().as_uri()}?mode=rw"
    connection = sqlite3.connect(address, uri=True, timeout=_LOCK_SECONDS, isolation_level=None)
    with closing(connection):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")


def _is_locked_for_long(session: Session, path: Path, now: datetime) -> bool:
    """Tell whether the lock has been taken for too long, by what a worker has written last.

    Where no worker writes every few seconds, this process remembers when it last looked.
    """
    if _Memory.free_at is None or _Memory.path != str(path) or _Memory.free_at > now:
        _Memory.free_at, _Memory.path = now, str(path)
    moments = [_Memory.free_at]
    try:
        last = session.scalar(
            sa.select(sa.func.max(WorkerPulse.alive_at, type_=WorkerPulse.alive_at.type)).where(
                WorkerPulse.alive_at <= now
            )
        )
    except DBAPIError:
        session.rollback()
        last = None
    if last is not None:
        moments.append(last)
    return now - max(moments) > _LOCKED_TOO_LONG
