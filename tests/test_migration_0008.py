"""The eighth migration: surveys keep their words and answers their scores, up and down."""

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
from feedback.responses.models import Answer
from feedback.surveys.models import Question, Survey, SurveyText
from tests.conftest import START
from tests.factories import make_response, make_user

# The revision this one follows.
BEFORE = "0007"


@pytest.fixture
def stepped(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def every(session: Session) -> list[tuple[object, ...]]:
    rows = sa.select(SurveyText.survey_id, SurveyText.locale, SurveyText.title).order_by(
        SurveyText.survey_id, SurveyText.locale
    )
    return [tuple(row) for row in session.execute(rows)]


def test_what_said_how_long_it_takes_is_worked_out_instead(session: Session) -> None:
    assert set(session.scalars(sa.select(SurveyText.intro))) == {""}
    assert set(session.scalars(sa.select(Survey.most_questions))) == {3}


def test_up_down_and_up_again_keeps_every_word_and_every_answer(
    stepped: Flask, session: Session
) -> None:
    make_user(session, "admin", email="zhou@example.cn", name="周明")
    response = make_response(session, csat=4, survey_id=1)
    response.answers += [
        Answer(question_key="expect", metric="expect", score=-2),
        Answer(question_key="end", metric="rating", score=5),
    ]
    own = session.scalars(sa.select(SurveyText).where(SurveyText.locale == "en")).first()
    assert own is not None
    own.intro = "Words of one's own."
    question = session.scalars(sa.select(Question).where(Question.key == "solved")).one()
    question.kind = "resolved"
    session.commit()
    before = every(session)
    session.close()

    downgrade(revision=BEFORE)
    with db.engine.connect() as connection:
        kept = connection.execute(
            sa.text("SELECT question_key, metric, score, choice FROM answer ORDER BY question_key")
        ).all()
        assert [tuple(row) for row in kept] == [
            ("csat", "csat", 4, ""), ("end", None, None, "5"), ("expect", None, None, "-2"),
        ]  # fmt: skip
        intros = set(connection.execute(sa.text("SELECT intro FROM survey_text")).scalars())
        assert intros >= {
            "Words of one's own.",
            "共 3 题，约 30 秒。",
            "共 4 个简短问题，约 40 秒。",
        }
        kinds = set(connection.execute(sa.text("SELECT kind FROM question")).scalars())
        assert kinds == {"csat", "nps", "choice", "choices", "text"}
    upgrade()
    assert every(session) == before
    assert set(session.scalars(sa.select(SurveyText.intro))) == {"", "Words of one's own."}
    assert session.scalar(sa.select(sa.func.count()).select_from(Answer)) == 3
    # Whoever has administered the place longest answers for what is asked.
    owners = set(session.execute(sa.select(Survey.owner_name, Survey.owner_email)).all())
    assert owners == {("周明", "zhou@example.cn")}
    session.close()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


@pytest.mark.parametrize(
    "impossible", [{"retired_at": START}, {"most_questions": 0}, {"most_questions": 21}]
)
def test_the_database_forbids_what_no_survey_can_be(
    session: Session, impossible: dict[str, object]
) -> None:
    session.add(Survey(key="x", version=1, **impossible))
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize(
    "impossible",
    [
        {"after_key": "csat"},
        {"after_side": "low"},
        {"after_key": "x", "after_side": "low"},
        {"after_key": "csat", "after_side": "mid"},
        {"kind": "smiley"},
    ],
)
def test_the_database_forbids_what_no_question_can_be(
    session: Session, impossible: dict[str, object]
) -> None:
    session.add(Question(survey_id=1, position=9, key="x", **{"kind": "rating"} | impossible))
    with pytest.raises(IntegrityError):
        session.flush()


def test_the_database_knows_one_draft_of_a_survey(session: Session) -> None:
    session.add_all([Survey(key="x", version=1), Survey(key="x", version=2)])
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize(("metric", "score"), [("expect", 3), ("expect", -3), ("rating", 0)])
def test_the_database_forbids_scores_off_their_scale(
    session: Session, metric: str, score: int
) -> None:
    response = make_response(session)
    response.answers.append(Answer(question_key="x", metric=metric, score=score))
    with pytest.raises(IntegrityError):
        session.flush()
