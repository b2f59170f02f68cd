"""The seventeenth migration: rows and rules stay, and the log stays guarded, up and down."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from feedback.accounts import audit_check
from feedback.accounts.acting import WORKER
from feedback.accounts.audit import About, note
from feedback.database import Base, db
from feedback.interactions.models import Interaction
from tests.conftest import START
from tests.customers.stories import rated
from tests.factories import make_user
from tests.retention.test_erase import erase_them

TABLES = ("interaction", "response", "staff_member", "user_account", "audit_entry")


@pytest.fixture
def stepped(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def rows(columns: dict[str, list[str]]) -> dict[str, list[tuple[object, ...]]]:
    found = {}
    with db.engine.connect() as connection:
        for name, names in columns.items():
            table = Base.metadata.tables[name]
            query = sa.select(*(table.c[one] for one in names)).order_by(*table.primary_key.columns)
            found[name] = [tuple(row) for row in connection.execute(query)]
    return found


def columns_now() -> dict[str, list[str]]:
    looker = sa.inspect(db.engine)
    return {name: [one["name"] for one in looker.get_columns(name)] for name in TABLES}


def test_up_down_and_up_again_keeps_every_row_and_every_rule(
    stepped: Flask, session: Session
) -> None:
    rated(stepped, session)
    erase_them(stepped, session)
    make_user(session, "admin")
    note(session, START, WORKER, "x", About("x", 1, "somebody"), {"a": 1})
    session.commit()
    session.close()
    whole = columns_now()
    before = rows(whole)
    downgrade(revision="0016")
    older = columns_now()
    assert older != whole
    assert rows(older) == rows(older)
    assert {name: len(found) for name, found in rows(older).items()} == {
        name: len(found) for name, found in before.items()
    }
    _guarded()
    upgrade()
    assert rows(whole) == before
    _guarded()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []
    assert audit_check.verify(session).is_whole


def test_a_contact_erased_before_says_when(stepped: Flask, session: Session) -> None:
    rated(stepped, session)
    erase_them(stepped, session)
    session.close()
    downgrade(revision="0016")
    upgrade()
    query = sa.select(Interaction.contact_forgotten_at, Interaction.number_forgotten_at)
    assert [tuple(row) for row in session.execute(query)] == [(START, START)]


def _guarded() -> None:
    """See that the log can be neither changed nor shortened, whatever was made anew meanwhile."""
    for statement in (
        "UPDATE audit_entry SET action = 'y'",
        "UPDATE audit_entry SET about_name = 'other'",
        "DELETE FROM audit_entry",
    ):
        with pytest.raises(DBAPIError, match="only added to"), db.engine.begin() as connection:
            connection.execute(sa.text(statement))
