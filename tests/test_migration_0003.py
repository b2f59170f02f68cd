"""The third migration keeps what was answered, and every check, on the way up and down."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback.database import db
from feedback.responses.models import Answer, FormerAnswer, QuickPost, Response
from tests.conftest import START
from tests.factories import make_response
from tests.responses.stories import invited

CHECKS = {
    "ck_response_excluded_with_reason",
    "ck_response_provenance",
    "ck_response_wave",
}
NEW = {"ck_response_suspected_with_reason", "ck_response_suspects_are_first_posts"}
# What later migrations add stands at the head only.
LATER_CHECKS = {"ck_response_agreed_to_a_notice", "ck_response_withdrawn_is_struck"}
LATER_PARENTS = {"notice"}
KEYS = {"uq_response_invitation_id", "uq_response_interaction_id_wave"}


@pytest.fixture
def stepped(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def facts(engine: sa.Engine) -> tuple[set[Any], set[Any], set[Any], set[Any]]:
    inspector = sa.inspect(engine)
    return (
        {check["name"] for check in inspector.get_check_constraints("response")},
        {key["name"] for key in inspector.get_unique_constraints("response")},
        {index["name"] for index in inspector.get_indexes("response")} - KEYS,
        {key["referred_table"] for key in inspector.get_foreign_keys("response")},
    )


INDEXES = {"ix_response_answered_at", "ix_response_changed_at"}
PARENTS = {"interaction", "invitation", "survey"}
AT_HEAD = (CHECKS | NEW | LATER_CHECKS, KEYS, INDEXES, PARENTS | LATER_PARENTS)


def count(session: Session, model: type) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_it_goes_up_and_down_and_nothing_is_lost_but_suspects(
    stepped: Flask, session: Session
) -> None:
    kept = make_response(session, csat=4, comment="好", invitation_id=None)
    invitation = invited(stepped, session)
    suspect = make_response(
        session,
        invitation.interaction,
        csat=1,
        invitation_id=invitation.id,
        suspected_at=START,
        suspected_because="quick_posts",
    )
    former = {"question_key": "csat", "score": 3, "replaced_at": START}
    session.add_all(FormerAnswer(response_id=each.id, **former) for each in (kept, suspect))
    session.add(QuickPost(invitation_id=invitation.id, score=1, page="a", posted_at=START))
    session.commit()
    kept_id = kept.id
    session.close()
    assert facts(db.engine) == AT_HEAD

    downgrade(revision="0002")
    assert facts(db.engine) == (CHECKS, KEYS, INDEXES, PARENTS)
    assert "quick_post" not in sa.inspect(db.engine).get_table_names()
    with db.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT id FROM response")).scalars().all()
    assert rows == [kept_id]

    upgrade()
    assert facts(db.engine) == AT_HEAD
    assert session.get(Response, kept_id) is not None
    assert (count(session, Answer), count(session, FormerAnswer)) == (2, 1)


def test_the_models_and_the_tables_say_the_same(stepped: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


@pytest.mark.parametrize(
    "impossible",
    [
        {"suspected_at": START},
        {"suspected_because": "quick_posts"},
        {"suspected_at": START, "suspected_because": "quick_posts", "amended_at": START},
        {"suspected_at": START, "suspected_because": "quick_posts", "invitation_id": None},
    ],
)
def test_the_database_forbids_what_no_suspect_can_be(
    app: Flask, session: Session, impossible: dict[str, Any]
) -> None:
    invitation = invited(app, session)
    values = {"invitation_id": invitation.id} | impossible
    with pytest.raises(IntegrityError):
        make_response(session, invitation.interaction, csat=1, **values)
