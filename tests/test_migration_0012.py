"""The twelfth migration: merged contacts, tags and rules, up, down and up again."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.orm import Session

from feedback.database import db
from feedback.interactions.models import Interaction
from feedback.invitations.do_not_ask import stop_asking
from feedback.invitations.issue import issue_due
from feedback.invitations.models import Invitation
from tests.conftest import START
from tests.factories import make_customer, make_user
from tests.invitations.stories import report


@pytest.fixture
def stepped(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def test_up_down_and_up_again_keeps_every_row(stepped: Flask, session: Session) -> None:
    customer = make_customer(session).id
    values = {"customer_id": customer, "customer_email": "wang@example.cn"}
    merged = report(stepped, session, START, tags="退货;急", **values)
    report(stepped, session, START, **values)
    stop_asking(session, "kind", "claim", "why", make_user(session, "admin"), START)
    session.commit()
    barred = report(stepped, session, START, kind="claim")
    issue_due(stepped, now=START)
    number, barred_id = merged.id, barred.id
    session.close()

    # What was merged or barred was not asked about; the words of then say so as well as they can.
    downgrade(revision="0011")
    with db.engine.connect() as connection:
        reasons = connection.execute(
            sa.text("SELECT withheld_because FROM invitation WHERE interaction_id = :id"),
            {"id": number},
        ).scalars()
        assert "recontact" in list(reasons)
    upgrade()
    assert session.get_one(Interaction, number).tags == ""
    found = session.scalars(sa.select(Invitation).order_by(Invitation.id)).all()
    assert len(found) == 6
    assert all(one.merged_into_id is None for one in found)
    assert {one.withheld_because for one in found if one.interaction_id == barred_id} == {
        "suppressed"
    }
    session.close()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []
