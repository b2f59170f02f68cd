"""The fourteenth migration: what came back of mail, up, down and up again."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback.accounts.keys import make_key
from feedback.accounts.models import ApiKeyScope
from feedback.database import db
from feedback.outbox.models import Bounce, Message
from tests.conftest import START
from tests.outbox.letters import NOW, make_message

BEFORE = "0013"


@pytest.fixture
def stepped(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def test_up_down_and_up_again_keeps_every_message(stepped: Flask, session: Session) -> None:
    message = make_message(session, sent_at=NOW, returned_at=NOW)
    waiting = make_message(session)
    session.add(
        Bounce(message_id=message.id, kind="hard", address_digest="d" * 64, words="", told_at=NOW)
    )
    make_key(session, "mail", ["bounces:write", "scores:read"], START)
    session.commit()
    numbers = [message.id, waiting.id]
    session.close()

    downgrade(revision=BEFORE)
    upgrade()
    found = session.scalars(sa.select(Message).order_by(Message.id)).all()
    assert [one.id for one in found] == numbers
    assert [one.sent_at for one in found] == [NOW, None]
    assert [one.returned_at for one in found] == [None, None]
    # A key does no more than it could before, and no less.
    assert session.scalars(sa.select(ApiKeyScope.scope)).all() == ["scores:read"]
    session.close()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_only_what_was_sent_comes_back(session: Session) -> None:
    with pytest.raises(IntegrityError, match="returned_was_sent"):
        make_message(session, returned_at=NOW)


def test_the_same_return_is_kept_once(session: Session) -> None:
    message = make_message(session, sent_at=NOW)
    for _ in range(2):
        session.add(
            Bounce(
                message_id=message.id, kind="soft", address_digest="d" * 64, words="", told_at=NOW
            )
        )
    with pytest.raises(IntegrityError):
        session.commit()
