"""The sixteenth migration: what workers tell of themselves and of the mail server, up and down."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback.database import db
from feedback.outbox.models import MailStandstill, Message, WorkerPulse
from tests.conftest import START


@pytest.fixture
def stepped(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def make_message(session: Session) -> None:
    session.add(
        Message(
            kind="account", recipient="wang@example.cn", locale="en", subject="", text="", html="",
            message_id="<1@example.cn>", created_at=START, send_after=START,
        )
    )  # fmt: skip


def test_up_down_and_up_again_loses_only_what_passes_anyway(
    stepped: Flask, session: Session
) -> None:
    make_message(session)
    session.add(WorkerPulse(worker="one", alive_at=START, moved_at=START, doing="idle", stays=True))
    session.add(MailStandstill(id=1, since=START, last_at=START, code=421, is_sure=True))
    session.commit()
    session.close()
    downgrade(revision="0015")
    tables = sa.inspect(db.engine).get_table_names()
    assert not {"worker_pulse", "mail_standstill"} & set(tables)
    upgrade()
    with db.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(Message)) == 1
        assert connection.scalar(sa.select(sa.func.count()).select_from(WorkerPulse)) == 0
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


@pytest.mark.parametrize(
    "row",
    [
        MailStandstill(id=2, since=START, last_at=START, code=None, is_sure=True),
        MailStandstill(id=1, since=START, last_at=START.replace(year=2025), is_sure=True),
        WorkerPulse(
            worker="one", alive_at=START.replace(year=2025), moved_at=START, doing="", stays=True
        ),
    ],
)
def test_what_cannot_be_is_refused(app: Flask, session: Session, row: object) -> None:
    session.add(row)
    with pytest.raises(IntegrityError):
        session.flush()
