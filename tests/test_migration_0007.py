"""The seventh migration: shared work comes and goes, and every row before it stays."""

import runpy
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.orm import Session

from feedback.database import db
from feedback.interactions.models import Interaction, InteractionShare
from feedback.responses.models import Answer
from tests.factories import make_interaction, make_response, make_staff

MIGRATION = Path(__file__).parent.parent / "migrations" / "versions" / "0007_shared_work.py"
BEFORE = runpy.run_path(str(MIGRATION))["down_revision"]


def test_up_down_and_up_again_keeps_what_was_there(app: Flask, session: Session) -> None:
    alone = make_interaction(session)
    shared = make_interaction(session, staff_id=None)
    make_response(session, alone, csat=4)
    make_response(session, shared, csat=2)
    for key in ("e-1", "e-2"):
        staff = make_staff(session, key)
        session.add(InteractionShare(interaction_id=shared.id, staff_id=staff.id, part=0.5))
    session.commit()
    before = {one.id: one.staff_id for one in session.scalars(sa.select(Interaction))}
    session.close()
    with app.app_context():
        downgrade(revision=BEFORE)
        assert "interaction_share" not in sa.inspect(db.engine).get_table_names()
        with db.engine.connect() as connection:
            rows = connection.execute(sa.text("SELECT id, staff_id FROM interaction")).all()
            assert dict(map(tuple, rows)) == before
        upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, db.metadata) == []
    assert sorted(session.scalars(sa.select(Answer.score))) == [2, 4]
    # Which parts people had is nothing an earlier version can keep.
    assert session.scalars(sa.select(InteractionShare)).all() == []
