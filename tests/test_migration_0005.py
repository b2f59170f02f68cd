"""The fifth migration: touchpoints keep their rows and what they meant, up, down and up again."""

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
from feedback.interactions.models import Interaction
from feedback.surveys.models import Survey
from feedback.touchpoints.models import Touchpoint
from tests.conftest import START
from tests.factories import make_channel, make_interaction

OLD = sa.text(
    "INSERT INTO touchpoint (key, name_en, name_zh, channel_id, survey_key, follow_up_survey_key,"
    " retired_at) VALUES (:key, 'x', 'x', :channel_id, 'after', :again, :retired_at)"
)


@pytest.fixture
def stepped(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def every(session: Session) -> dict[str, Touchpoint]:
    session.expire_all()
    return {one.key: one for one in session.scalars(sa.select(Touchpoint))}


def test_a_new_installation_has_fourteen_and_each_says_what_for(session: Session) -> None:
    found = every(session)
    assert len(found) == 14
    for one in found.values():
        assert one.is_live
        assert one.goal_en
        assert one.goal_zh
        assert one.norms_en
        assert one.norms_zh
        assert one.sampling_rate == 1
    assert [one.key for one in found.values() if one.is_general] == ["service"]
    for survey in session.scalars(sa.select(Survey)):
        assert survey.purpose_en
        assert survey.purpose_zh


def test_an_installation_in_use_behaves_as_before(stepped: Flask, session: Session) -> None:
    """What was live stays so with what it meant, and what is new is switched off."""
    downgrade(revision="0004")
    with db.engine.begin() as connection:
        # As an installation of that version has it: the new ones unknown.
        connection.execute(sa.text("DELETE FROM touchpoint WHERE key <> 'service'"))
        for id_, code in ((1, "phone"), (2, "fax")):
            connection.execute(
                sa.text(
                    "INSERT INTO channel (id, code, name_en, name_zh) VALUES (:i, :c, 'x', 'x')"
                ),
                {"i": id_, "c": code},
            )
        retired = START.replace(tzinfo=None) if connection.dialect.name == "sqlite" else START
        for key, channel_id, again, gone in (
            ("phone", 1, None, None),
            ("fax", 2, "follow_up", retired),
        ):
            values = {"key": key, "channel_id": channel_id, "again": again, "retired_at": gone}
            connection.execute(OLD, values)
    upgrade()
    found = every(session)
    assert {key for key, one in found.items() if one.is_live} == {"service", "phone"}
    assert (found["phone"].channel_code, found["phone"].follow_up) == ("phone", "off")
    assert (found["fax"].channel_code, found["fax"].follow_up) == ("fax", "all")
    assert found["fax"].retired_at == START
    assert (found["service"].is_general, found["service"].delay_minutes) == (True, 0)
    assert found["service"].goal_en
    # One's own of the same key keeps its own words, and there is no second of it.
    assert (found["phone"].name_en, found["phone"].goal_en) == ("x", "")
    assert len(found) == 15


def test_up_down_and_up_again_keeps_every_row(stepped: Flask, session: Session) -> None:
    make_channel(session, "chat")
    found = every(session)
    found["complaint"].follow_up = "off"
    two = Touchpoint(
        key="second-chat", name_en="x", name_zh="x", channel_code="chat", survey_key="after",
        live_since=START,
    )  # fmt: skip
    kept = make_interaction(session, touchpoint_id=found["complaint"].id)
    session.add(two)
    session.commit()
    ids = {key: one.id for key, one in every(session).items()}
    kept_id = kept.id
    session.close()

    downgrade(revision="0004")
    with db.engine.connect() as connection:
        rows = connection.execute(
            sa.text("SELECT key, id, channel_id, follow_up_survey_key, retired_at FROM touchpoint")
        ).all()
        live = {row.key for row in rows if row.retired_at is None}
        assert {row.key: row.id for row in rows} == ids
        # Only what the old columns can say: a kind, or a second of one channel, would take others'.
        assert live == {"service", "phone", "chat"}
        assert {row.key for row in rows if row.channel_id is None} >= {"service", "complaint"}
        assert {row.key for row in rows if row.follow_up_survey_key is None} == {
            "complaint", "second-chat",
        }  # fmt: skip
    upgrade()
    found = every(session)
    assert {key: one.id for key, one in found.items()} == ids
    assert {key for key, one in found.items() if one.is_live} == live
    assert session.get_one(Interaction, kept_id).touchpoint_id == ids["complaint"]
    session.close()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


@pytest.mark.parametrize(
    "impossible",
    [
        {"delay_minutes": -1},
        {"delay_minutes": 20161},
        {"asking_channel": "pigeon"},
        {"sampling_rate": 1.01},
        {"follow_up": "some"},
        {"retired_at": START},
        {"team_id": 99},
    ],
)
def test_the_database_forbids_what_no_touchpoint_can_be(
    session: Session, impossible: dict[str, object]
) -> None:
    session.add(Touchpoint(key="new", name_en="x", name_zh="x", survey_key="after", **impossible))
    with pytest.raises(IntegrityError):
        session.flush()
