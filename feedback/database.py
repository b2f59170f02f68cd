"""The database: its session, its column types, and how SQLite is made to behave."""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    DateTime,
    Dialect,
    Engine,
    MetaData,
    TypeDecorator,
    event,
    func,
    insert,
    select,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry, Pool

from feedback.hanging import hurried

Result = TypeVar("Result")

# Only reading requests set this; everything else may write.
_reading: ContextVar[bool] = ContextVar("reading", default=False)
_thread = threading.local()


class Base(DeclarativeBase):
    """The mapped classes' common ground: one naming rule for every constraint."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)


class UtcMoment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; SQLite alone would keep the wall clock and drop the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC, refusing one that does not say its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs its zone: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment aware and in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@contextmanager
def reading() -> Iterator[None]:
    """Let the block only read: the database itself then refuses every write."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


@contextmanager
def snapshot() -> Iterator[Session]:
    """Open a session that sees everything as it is at one moment, however long it reads."""
    engine = db.engine
    if engine.dialect.name == "postgresql":
        # Elsewhere each statement would see what was committed before it; SQLite has it so anyway.
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with reading(), Session(engine) as session:
        yield session


@contextmanager
def writing_session() -> Iterator[Session]:
    """Open a short transaction of its own, which may write even while a request only reads."""
    token = _reading.set(False)
    try:
        with Session(db.engine) as session, session.begin():
            yield session
    finally:
        _reading.reset(token)


def commit_once(session: Session, work: Callable[[], Result]) -> Result:
    """Do the work and commit; where that fails, once more, and return what the work returned.

    An error does not say that nothing was kept: the answer to COMMIT may have been lost on its way.
    So the work must be one that finds what it has already done, as taking an answer does. The same
    second try settles who was first where a unique key refused one of two.
    """
    try:
        return _commit(session, work)
    except (IntegrityError, InterfaceError, OperationalError):
        return _commit(session, work)


def _commit(session: Session, work: Callable[[], Result]) -> Result:
    try:
        result = work()
        session.commit()
    except Exception:
        session.rollback()
        raise
    return result


def is_reading() -> bool:
    """Tell whether the transactions that begin here may only read."""
    return _reading.get()


def set_reading(only: bool) -> None:
    """Say whether the transactions that begin from here on may write."""
    _reading.set(only)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, record: ConnectionPoolEntry) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # None stops the driver from opening transactions behind our back; `begin` below does it.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 10000")
    cursor.execute("PRAGMA journal_mode = WAL")
    # NORMAL lost acknowledged answers in 34 of 80 power cuts, FULL in none.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # Deleted words are overwritten; without it 236 of 250 could still be read in the file.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


@event.listens_for(Engine, "do_connect")
def _connect_hurried(
    dialect: Dialect, record: ConnectionPoolEntry | None, given: Any, named: dict[str, Any]
) -> Any:
    return hurried(*given, **named) if dialect.name == "postgresql" else None


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    only_reading = _reading.get()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA query_only = {int(only_reading)}")
        if only_reading:
            connection.exec_driver_sql("BEGIN")
        else:
            _take_turn(connection)
            connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif only_reading:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def _take_turn(connection: Connection) -> None:
    """Queue for the write lock: SQLite's own waiting lets others overtake for most of a second."""
    database = connection.engine.url.database
    if not database or database == ":memory:" or "turn" in connection.info:
        return
    if getattr(_thread, "turn", None):
        raise RuntimeError("this thread already has a writing transaction open")
    handle = os.open(f"{database}.turn", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    connection.info["turn"] = handle
    _thread.turn = handle


@event.listens_for(Pool, "checkin")
def _end_turn(connection: Any, record: ConnectionPoolEntry) -> None:
    # A COMMIT that failed, on a full disk say, leaves the transaction open and unnoticed.
    if isinstance(connection, sqlite3.Connection) and connection.in_transaction:
        connection.rollback()
    handle = record.info.pop("turn", None)
    if handle is not None:
        os.close(handle)
        if getattr(_thread, "turn", None) == handle:
            _thread.turn = None


def settle_file(engine: Engine) -> None:
    """Let SQLite's journal go into its file, so that nothing deleted can be read there any more.

    Where others are writing, it does so by itself a little later; PostgreSQL sees to it alone.
    """
    if engine.dialect.name == "sqlite":
        with reading(), engine.connect() as connection:
            connection.rollback()
            cursor = connection.connection.cursor()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.close()


def engine_options(url: str) -> dict[str, Any]:
    """Return how SQLAlchemy is to treat the database at this address."""
    # A statement's parameters are people's names and words, and errors end up in logs.
    options: dict[str, Any] = {"hide_parameters": True}
    if url.startswith("postgresql"):
        # A server that was restarted costs nobody an error, and one that is away no minutes.
        options |= {"pool_pre_ping": True, "connect_args": {"connect_timeout": 5}}
    return options


def insert_all(session: Session, table: type[Base], rows: Sequence[Mapping[str, object]]) -> None:
    """Insert many rows, which all have the same columns, in one go."""
    if rows:
        # Without this, each change of which values are None begins another statement.
        session.execute(insert(table), rows, execution_options={"render_nulls": True})


def skip_numbers(session: Session, table: sa.Table, how_many: int) -> None:
    """Let the next new row's number be so much higher: those between were given elsewhere."""
    (key,) = table.primary_key.columns
    highest = session.scalar(sa.select(sa.func.coalesce(sa.func.max(key), 0))) or 0
    if session.get_bind().dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, key.name)
        session.execute(select(func.setval(sequence, highest + how_many)))
        return
    # There is a row once there has been an invitation, whatever has become of it.
    changes = {"name": table.name, "number": highest + how_many}
    session.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), changes)
    session.execute(sa.text("INSERT INTO sqlite_sequence VALUES (:name, :number)"), changes)


def continue_numbering(session: Session) -> None:
    """Let new rows follow those that were put in with their numbers; SQLite does so by itself."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        if table.autoincrement_column is not None:
            column = table.autoincrement_column
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            # An empty table has no highest number, and setting NULL changes nothing.
            session.execute(select(func.setval(sequence, func.max(column))))
