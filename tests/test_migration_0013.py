"""The thirteenth migration: sessions with limits and two-step sign-in, up, down and up again."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.orm import Session

from feedback.accounts import sessions
from feedback.accounts.models import RecoveryCode, SignIn, User
from feedback.accounts.two_step.use import turn_on
from feedback.database import db
from tests.conftest import START
from tests.factories import make_user


@pytest.fixture
def stepped(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def test_up_down_and_up_again_keeps_everybody_and_where_they_are_signed_in(
    stepped: Flask, session: Session
) -> None:
    user = make_user(session, "admin", email="ada@example.cn", two_step_wanted_at=START)
    value = sessions.begin(session, user, "Firefox", START, "203.0.113.0/24")
    turn_on(session, user, b"a secret of twenty b", 1, START)
    session.commit()
    session.close()

    downgrade(revision="0012")
    upgrade()
    kept = session.scalars(sa.select(User).where(User.email == "ada@example.cn")).one()
    assert (kept.two_step_secret, kept.two_step_since, kept.two_step_wanted_at) == (None,) * 3
    assert session.scalars(sa.select(RecoveryCode)).all() == []
    one = session.scalars(sa.select(SignIn)).one()
    # Who signed in was there then, and had shown who they are.
    assert (one.created_at, one.last_used_at, one.proved_at) == (START,) * 3
    assert one.network == ""
    assert sessions.find(session, value, START) is not None
    session.close()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []
