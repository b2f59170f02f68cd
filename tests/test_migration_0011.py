"""The migration of the customers' own pages: rows stay, and whoever wants less never gets more."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback.database import db
from feedback.interactions.models import Interaction
from feedback.outbox.models import KindSuppression, MailLanguage, Suppression
from feedback.outbox.suppress import suppress, suppress_kind
from feedback.responses.models import Response
from feedback.retention.models import Erasure
from tests.conftest import START
from tests.factories import make_channel, make_interaction, make_response

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
BEFORE = "0010"


@pytest.fixture
def stepped(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def make_erasure(session: Session, **values: object) -> Erasure:
    numbers = dict.fromkeys(
        ("contacts", "answers_kept", "answers_removed", "comments", "mails", "mails_cancelled",
         "invitations_withheld", "addresses"), 0,
    )  # fmt: skip
    erasure = Erasure(**{"erased_at": START, "asked_by": "customer", **numbers, **values})
    session.add(erasure)
    session.flush()
    return erasure


def test_up_down_and_up_again_keeps_every_row(stepped: Flask, session: Session) -> None:
    phone, chat = make_channel(session, "phone"), make_channel(session, "chat")
    erased = make_interaction(session, erasure_id=make_erasure(session).id)
    kept = make_interaction(session)
    taken_back = make_response(
        session, erased, excluded_at=START, excluded_because="withdrawn", withdrawn_at=START
    )
    stands = make_response(session, kept, csat=4)
    suppress_kind(session, A, phone.id, START)
    suppress_kind(session, A, chat.id, START + timedelta(days=1))
    suppress_kind(session, B, phone.id, START)
    suppress_kind(session, C, phone.id, START)
    suppress(session, B, "complaint", START)
    suppress(session, C, "paused", START, START + timedelta(days=180))
    session.add(MailLanguage(address_digest=A, locale="en", chosen_at=START))
    session.commit()
    ids = [one.id for one in (erased, kept, taken_back, stands)]
    session.close()

    downgrade(revision=BEFORE)
    with db.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT address_digest, reason FROM suppression"))
        # That version knows no kinds: better too few mails than one nobody wants.
        assert {tuple(row) for row in rows} == {
            (A, "unsubscribed"), (B, "complaint"), (C, "unsubscribed"),
        }  # fmt: skip
        struck = connection.execute(sa.text("SELECT id FROM response WHERE excluded_at IS NULL"))
        assert [row.id for row in struck] == [ids[3]]
    upgrade()
    found = [*session.scalars(sa.select(Interaction.id).order_by(Interaction.id))]
    assert found == ids[:2]
    assert [*session.scalars(sa.select(Response.id).order_by(Response.id))] == ids[2:]
    for table in (KindSuppression, MailLanguage, Erasure):
        assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    assert session.scalar(sa.select(sa.func.count()).select_from(Suppression)) == 3
    session.close()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_nobody_unstrikes_what_was_taken_back(session: Session) -> None:
    """No code does; nor can a hand at the database."""
    response = make_response(
        session, excluded_at=START, excluded_because="withdrawn", withdrawn_at=START
    )
    session.commit()
    response.excluded_at = response.excluded_because = None
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize(
    "impossible", [{"asked_by": "a colleague"}, {"answers_kept": 1, "answers_removed": 1}]
)
def test_the_database_forbids_what_no_erasure_can_be(
    session: Session, impossible: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError):
        make_erasure(session, **impossible)


def test_an_erased_contact_names_its_erasure(session: Session) -> None:
    with pytest.raises(IntegrityError):
        make_interaction(session, erasure_id=99)
