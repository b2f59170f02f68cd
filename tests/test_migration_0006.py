"""The sixth migration: a log that only grows, on both databases."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from feedback.accounts.audit import GENESIS, About, Actor, note
from feedback.accounts.models import AuditEntry
from feedback.database import db
from feedback.interactions.models import Interaction
from tests.conftest import START
from tests.factories import make_interaction

ME = Actor("command", "flask test")


@pytest.fixture
def logged(app: Flask, session: Session) -> Iterator[Session]:
    with app.app_context():
        for number in range(3):
            note(session, START, ME, "test.done", About("test", number))
        session.commit()
        yield session


@pytest.mark.parametrize(
    "impossible",
    [
        "UPDATE audit_entry SET actor_name = 'somebody else' WHERE number = 2",
        "UPDATE audit_entry SET number = 7 WHERE number = 3",
        "DELETE FROM audit_entry WHERE number = 3",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET number = 1",
        "UPDATE audit_head SET number = 3",
        "UPDATE audit_head SET number = 5",
    ],
)
def test_the_log_lets_nothing_be_taken_away_or_changed(impossible: str, logged: Session) -> None:
    with pytest.raises(DatabaseError, match="only added to"):
        logged.execute(sa.text(impossible))
    logged.rollback()
    assert logged.scalars(sa.select(AuditEntry.number).order_by(AuditEntry.number)).all() == [
        1, 2, 3,
    ]  # fmt: skip


def test_the_log_cannot_be_emptied_or_replaced_by_other_ways(logged: Session) -> None:
    """What each database has beside DELETE and UPDATE."""
    if logged.get_bind().dialect.name == "postgresql":
        ways = [
            "TRUNCATE audit_entry",
            "TRUNCATE audit_head",
            "INSERT INTO audit_head VALUES (1, 0, '') ON CONFLICT (id) DO UPDATE SET number = 0",
        ]
    else:
        ways = [
            "INSERT OR REPLACE INTO audit_entry SELECT number, at, actor_kind, actor_id, 'x',"
            " action, about_kind, about_id, about_name, details, previous, hash, seal,"
            " redacted_at, redaction_seal"
            " FROM audit_entry WHERE number = 2",
            "INSERT OR REPLACE INTO audit_head VALUES (1, 0, '')",
        ]
    for way in ways:
        with pytest.raises(DatabaseError, match="only added to"):
            logged.execute(sa.text(way))
        logged.rollback()


@pytest.mark.parametrize(
    "changed",
    [{"number": 0}, {"actor_kind": "ghost"}, {"actor_name": ""}, {"previous": GENESIS}],
)
def test_what_cannot_be_is_refused(changed: dict[str, object], logged: Session) -> None:
    table = AuditEntry.__table__
    row = dict(logged.execute(sa.select(table).where(table.c.number == 3)).mappings().one())
    row |= {"number": 4, "previous": "a" * 64, "hash": "b" * 64} | changed
    with pytest.raises(IntegrityError):
        logged.execute(sa.insert(AuditEntry), [row])


def test_up_down_and_up_again_keeps_every_other_row(app: Flask, session: Session) -> None:
    kept = make_interaction(session).id
    session.commit()
    session.close()
    with app.app_context():
        downgrade(revision="0005")
        with db.engine.connect() as connection:
            assert not {"audit_entry", "audit_head"} & set(sa.inspect(connection).get_table_names())
        upgrade()
        assert session.get(Interaction, kept) is not None
        session.close()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, db.metadata) == []
        with Session(db.engine) as again:
            assert note(again, START, ME, "test.done", About("test")) == 1
