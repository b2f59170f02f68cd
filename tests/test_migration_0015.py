"""The fifteenth migration: the number of an invitation is given once, up, down and up again."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.orm import Session

from feedback.database import db
from feedback.invitations.issue import issue_due
from feedback.invitations.models import Invitation
from tests.conftest import START
from tests.invitations.stories import report


@pytest.fixture
def stepped(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def rows() -> list[tuple[object, ...]]:
    with db.engine.connect() as connection:
        query = sa.select(Invitation.__table__).order_by(Invitation.id)
        return [tuple(row) for row in connection.execute(query)]


def indexes() -> set[str | None]:
    return {one["name"] for one in sa.inspect(db.engine).get_indexes("invitation")}


def checks() -> set[str | None]:
    return {one["name"] for one in sa.inspect(db.engine).get_check_constraints("invitation")}


def test_up_down_and_up_again_keeps_every_row_and_every_rule(
    stepped: Flask, session: Session
) -> None:
    report(stepped, session, START)
    issue_due(stepped, now=START)
    session.close()
    before = rows(), indexes(), checks()
    assert len(before[0]) == 2
    downgrade(revision="0014")
    assert (rows(), indexes(), checks()) == before
    upgrade()
    assert (rows(), indexes(), checks()) == before
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_a_number_is_never_given_again(stepped: Flask, session: Session) -> None:
    report(stepped, session, START)
    highest = session.scalar(sa.select(sa.func.max(Invitation.id))) or 0
    session.execute(sa.delete(Invitation))
    session.commit()
    report(stepped, session, START)
    assert session.scalar(sa.select(sa.func.min(Invitation.id))) == highest + 1
