"""A row in every table at any revision of the schema, whatever its constraints say."""

import random
import re
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

_AMONG = re.compile(r"\b(\w+)\)?(?:::\w+)? (?:IN \(|= ANY \(\(?ARRAY\[)([^)\]]*)", re.IGNORECASE)
_WORD = re.compile(r"'([^']*)'")
_TRIES = 4000


def fill(engine: sa.Engine, chance: random.Random) -> list[str]:
    """Put a row into every table that has none; return the tables for which none was found."""
    tables = sa.MetaData()
    tables.reflect(engine)
    words = _words(engine)
    left = []
    # One transaction for all of it: to commit each try would take minutes.
    with engine.begin() as connection:
        for table in tables.sorted_tables:
            there = connection.scalar(sa.select(sa.func.count()).select_from(table))
            if there or table.name == "alembic_version":
                continue
            keys = {
                column.name: connection.scalar(sa.select(next(iter(column.foreign_keys)).column))
                for column in table.columns
                if column.foreign_keys
            }
            if not any(_try(connection, table, keys, words, chance) for _each in range(_TRIES)):
                left.append(table.name)
            _continue_numbering(connection, table)
    return left


def _continue_numbering(connection: sa.Connection, table: sa.Table) -> None:
    """Let PostgreSQL know of a number that was given by hand; SQLite sees it by itself."""
    column = table.autoincrement_column
    if connection.dialect.name == "postgresql" and column is not None:
        sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
        connection.execute(sa.select(sa.func.setval(sequence, sa.func.max(column))))


def _words(engine: sa.Engine) -> dict[str, list[str]]:
    """Return the words that the checks of the schema allow, by column."""
    if engine.dialect.name == "postgresql":
        query = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c'"
    else:
        query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"
    found: dict[str, list[str]] = {}
    with engine.connect() as connection:
        for text in connection.scalars(sa.text(query)):
            for column, among in _AMONG.findall(text):
                found.setdefault(column, []).extend(_WORD.findall(among))
    return found


def _try(
    connection: sa.Connection,
    table: sa.Table,
    keys: dict[str, Any],
    words: dict[str, list[str]],
    chance: random.Random,
) -> bool:
    """Try a row made by chance; what the database refuses is tried otherwise."""
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.nullable and chance.random() < 0.5:
            row[column.name] = None
        elif column.name in keys:
            row[column.name] = keys[column.name]
        elif column.primary_key and isinstance(column.type, sa.Integer):
            row[column.name] = 1
        else:
            row[column.name] = _value(column, words.get(column.name, []), chance)
    try:
        with connection.begin_nested():
            connection.execute(sa.insert(table), row)
    except sa.exc.DBAPIError:
        return False
    return True


def _value(column: sa.Column[Any], words: list[str], chance: random.Random) -> object:
    kind = column.type
    if isinstance(kind, sa.DateTime):
        at = datetime(2026, 3, chance.randint(1, 28), 3, tzinfo=UTC)
        return at if kind.timezone else at.replace(tzinfo=None)
    if isinstance(kind, sa.Date):
        return date(2026, 3, chance.randint(1, 28))
    if isinstance(kind, sa.Boolean):
        return chance.random() < 0.5
    if isinstance(kind, sa.LargeBinary):
        return b"\x00\xff"
    if isinstance(kind, sa.Integer):
        return chance.choice((0, 1, 2, 5))
    if isinstance(kind, sa.Numeric | sa.Float):
        return chance.choice((0.0, 0.25, 0.5, 1.0))
    return chance.choice([*words, "", "x1", "文字", "#0000ff"])
