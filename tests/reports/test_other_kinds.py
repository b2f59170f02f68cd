"""Answers no figure is made of: told in lists, files and the API, and counted nowhere."""

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.integrations.list_responses import list_responses
from feedback.reports.files.export_responses import export_responses
from feedback.reports.models import Tally
from feedback.reports.roll_up import roll_up
from feedback.responses.models import Answer, Response
from feedback.surveys.content import Content
from tests.conftest import START, Time
from tests.factories import make_response, make_user, sign_in
from tests.responses.test_kinds import asking, put_out

CONTENT: Content = asking("csat", "expect", "end", "speed", "resolved")


def answered(session: Session) -> Response:
    """Have five customers answer, so that single answers may be listed."""
    survey = put_out(session, CONTENT).id
    for _ in range(5):
        response = make_response(session, csat=4, survey_id=survey, locale="en")
        response.answers += [
            Answer(question_key="expect", metric="expect", score=-1),
            Answer(question_key="end", metric="rating", score=5),
            Answer(question_key="speed", metric="rating", score=2),
            Answer(question_key="resolved", choice="partly"),
        ]
    session.commit()
    return response


def test_no_figure_counts_them(app: Flask, session: Session) -> None:
    answered(session)
    roll_up(session, START)
    assert set(session.scalars(sa.select(Tally.metric))) == {"csat"}


def test_a_file_and_the_api_tell_them_by_their_keys(app: Flask, session: Session) -> None:
    answered(session)
    with app.app_context():
        sheet = export_responses(session, start=None, end=None)
        names = [column.name for column in sheet.columns]
        row = dict(zip(names, next(iter(sheet.rows)), strict=True))
    assert (row["csat"], row["expect"], row["ratings"]) == (4, -1, "end=5; speed=2")
    assert row["choices"] == "resolved=partly"
    told, _place = list_responses(session, start=None, end=None, after=None, limit=1)
    assert told[0]["answers"] == {
        "csat": 4, "expect": -1, "end": 5, "speed": 2, "resolved": ["partly"],
    }  # fmt: skip


def test_a_list_says_them_in_the_words_they_were_asked_in(
    app: Flask, session: Session, time: Time
) -> None:
    answered(session)
    manager = app.test_client()
    manager.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in(manager, session, make_user(session, "manager"), time.now)
    page = manager.get("/responses?from=2026-09-01&to=2026-09-30").text
    for said in ("Worse", "Very good", "speed 2", "Partly"):
        assert f'<span class="badge quiet">{said}</span>' in page
    assert "<dt>Compared with what you expected, this service was:</dt><dd>Worse</dd>" in page
