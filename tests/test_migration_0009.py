"""The ninth migration: a place in use keeps its rows and indexes, and comes to have one brand."""

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

from feedback.brands.models import OWN, Brand, Logo
from feedback.database import db
from feedback.invitations.models import Invitation
from feedback.outbox.models import Message
from feedback.responses.models import Response
from tests.brands.stories import OTHER
from tests.conftest import START
from tests.factories import make_response
from tests.outbox.letters import make_message
from tests.responses.stories import invited

TABLES = ("brand", "logo", "notice", "notice_text")
SOUND = OTHER | {"created_at": START}


@pytest.fixture
def stepped(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def partial_indexes() -> set[tuple[str, bool]]:
    """Return the indexes of the tables that were rebuilt, and whether each is of some rows only."""
    inspector = sa.inspect(db.engine)
    return {
        (str(index["name"]), any(name.endswith("_where") for name in index["dialect_options"]))
        for table in ("message", "invitation", "response", "touchpoint")
        for index in inspector.get_indexes(table)
    }


def test_a_new_installation_has_the_organisations_own_and_nothing_else(session: Session) -> None:
    (own,) = session.scalars(sa.select(Brand))
    assert own.id == OWN
    assert (own.name_en, own.name_zh, own.contact, own.sender_address) == (None, None, None, "")


def test_up_down_and_up_again_keeps_every_row_and_index(stepped: Flask, session: Session) -> None:
    invitation = invited(stepped, session)
    response = make_response(session, invitation.interaction, csat=4, invitation_id=invitation.id)
    other = Brand(**SOUND)
    session.add(other)
    session.flush()
    invitation.brand_id = other.id
    waiting = make_message(session, sender="Lantern <a@lantern.example>")
    gone = make_message(session, sender="Lantern <a@lantern.example>", sent_at=START)
    own = make_message(session)
    ids = invitation.id, response.id
    session.commit()
    messages = waiting.id, gone.id, own.id
    session.close()

    # What later migrations add goes first.
    downgrade(revision="0009")
    before = partial_indexes()
    downgrade(revision="0007")
    assert not set(TABLES) & set(sa.inspect(db.engine).get_table_names())
    assert partial_indexes() == before
    with db.engine.connect() as connection:
        kept = sa.text("SELECT id, cancelled_at IS NOT NULL FROM message ORDER BY id")
        found = {row[0]: bool(row[1]) for row in connection.execute(kept)}
    # What waited in the other's name does not leave in ours.
    assert [found[id_] for id_ in messages] == [True, False, False]

    upgrade(revision="0009")
    assert partial_indexes() == before
    upgrade()
    assert session.get_one(Invitation, ids[0]).brand_id is None
    assert session.get_one(Response, ids[1]).notice_id is None
    assert session.get_one(Message, messages[1]).sender is None
    assert session.scalars(sa.select(Brand.id)).all() == [OWN]
    session.close()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_the_next_brand_has_the_next_number(session: Session) -> None:
    other = Brand(**SOUND)
    session.add(other)
    session.flush()
    assert other.id == OWN + 1


@pytest.mark.parametrize(
    "impossible",
    [
        {"name_en": None}, {"name_zh": None}, {"contact": None}, {"sender_address": ""},
        {"accent": "red"}, {"logo_digest": "0" * 64}, {"id": OWN},
    ],
)  # fmt: skip
def test_the_database_forbids_what_no_brand_can_be(
    session: Session, impossible: dict[str, Any]
) -> None:
    session.execute(sa.delete(Brand))
    session.add(Brand(**({"id": 2} | SOUND | impossible)))
    with pytest.raises(IntegrityError):
        session.flush()


def test_the_database_forbids_two_brands_of_a_name(session: Session) -> None:
    session.add_all([Brand(**SOUND), Brand(**(SOUND | {"name_zh": "另一个"}))])
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize("size", [{"width": 0}, {"height": 481}])
def test_the_database_forbids_a_logo_of_no_size(session: Session, size: dict[str, int]) -> None:
    sound = {"digest": "0" * 64, "width": 10, "height": 10, "png": b"x", "created_at": START}
    session.add(Logo(**(sound | size)))
    with pytest.raises(IntegrityError):
        session.flush()


def test_the_database_forbids_answers_to_a_mail_of_nobody(session: Session) -> None:
    with pytest.raises(IntegrityError):
        make_message(session, reply_to="a@lantern.example")
