"""The tenth migration: what the first hour needs comes and goes without touching the rest."""

import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback.accounts.uploads import Upload
from feedback.chosen import ChosenSetting
from feedback.database import db
from feedback.milestones import MAIL_TESTED, Milestone, note_milestone
from feedback.pauses import Pause, begin_pause
from feedback.touchpoints.models import Touchpoint
from tests.conftest import START
from tests.factories import make_interaction, make_user

SCRIPT = Path(__file__).parent.parent / "migrations" / "versions" / "0010_first_hour.py"
BEFORE = runpy.run_path(str(SCRIPT))["down_revision"]
TABLES = {"chosen_setting", "pause", "milestone", "upload"}


@pytest.fixture
def stepped(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def names() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names())


def test_up_down_and_up_again_keeps_what_was_there(stepped: Flask, session: Session) -> None:
    user, contact = make_user(session, "admin"), make_interaction(session)
    begin_pause(session, now=START, by="x")
    note_milestone(session, MAIL_TESTED, START)
    session.add(ChosenSetting(name="MAIL_PORT", value="25", set_at=START))
    session.add(Upload(user_id=user.id, name="a.csv", content=b"x", uploaded_at=START))
    session.commit()
    touchpoints = session.scalar(sa.select(sa.func.count()).select_from(Touchpoint))
    session.close()
    downgrade(revision=BEFORE)
    assert not names() & TABLES
    upgrade()
    assert names() >= TABLES
    for table in (ChosenSetting, Pause, Milestone, Upload):
        assert session.scalars(sa.select(table)).all() == []
    assert session.get(type(contact), contact.id) is not None
    assert session.scalar(sa.select(sa.func.count()).select_from(Touchpoint)) == touchpoints
    session.close()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


@pytest.mark.parametrize(
    "impossible",
    [
        Milestone(name="x", first_at=START, last_at=START.replace(year=2025), detail=""),
        Upload(user_id=99, name="a.csv", content=b"x", uploaded_at=START),
        ChosenSetting(name="MAIL_PORT", value=None, set_at=START),
    ],
    ids=["backwards", "nobody's", "empty"],
)
def test_the_database_forbids_what_cannot_be(session: Session, impossible: object) -> None:
    session.merge(impossible)
    with pytest.raises(IntegrityError):
        session.flush()
