"""Memberships: today's teams are kept, up and down, and the database knows what cannot be."""

from datetime import date

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.orm import Session

from feedback.database import db
from feedback.interactions.models import Interaction, Membership, StaffMember
from feedback.interactions.move import move
from tests.factories import make_interaction, make_staff, make_team

DAY = date(2026, 9, 2)


def test_up_down_and_up_again_keeps_everybodys_team_of_today(app: Flask, session: Session) -> None:
    mover = make_staff(session, "e-1", team_id=make_team(session, "A").id)
    make_staff(session, "e-2", team_id=None)
    make_staff(session, "e-3", team_id=make_team(session, "A").id)
    kept = make_interaction(session, staff_id=mover.id, team_id=make_team(session, "A").id).id
    move(session, mover, make_team(session, "B"), day=DAY, today=DAY)
    b, a = make_team(session, "B").id, make_team(session, "A").id
    session.commit()
    session.close()
    with app.app_context():
        downgrade(revision="0006")
        with db.engine.connect() as connection:
            rows = connection.execute(
                sa.text("SELECT external_id, team_id FROM staff_member")
            ).all()
            assert {row.external_id: row.team_id for row in rows} == {
                "e-1": b,
                "e-2": None,
                "e-3": a,
            }
        upgrade()
        session.expire_all()
        members = session.scalars(sa.select(StaffMember)).all()
        assert {one.external_id: one.team_id for one in members} == {
            "e-1": b,
            "e-2": None,
            "e-3": a,
        }
        spans = session.execute(sa.select(Membership.from_day, Membership.to_day)).all()
        assert {tuple(row) for row in spans} == {(None, None)}
        assert session.get_one(Interaction, kept).team_id == a
        session.close()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, db.metadata) == []
