"""An answer may be changed once, within its day, by the same link; the first version is kept."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.responses.models import FormerAnswer, Response
from tests.conftest import START, Time
from tests.factories import make_interaction, make_response
from tests.responses.stories import (
    checked,
    count,
    hidden,
    invited,
    link,
    looking,
    said,
    send,
    stored,
    the_response,
    written,
)

FIRST = {"csat": "2", "nps": "3", "reasons": ["slow", "price"], "comment": "太慢"}
SECOND = {"csat": "4", "reasons": ["fast"], "comment": "后来解决了"}


def former(session: Session) -> set[tuple[str, str, int | None, str | None]]:
    with looking(session) as own:
        rows = own.scalars(sa.select(FormerAnswer)).all()
    return {(row.question_key, row.choice, row.score, row.comment) for row in rows}


def test_the_page_to_change_on_holds_what_was_said(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    send(client, path, FIRST)
    page = client.get(f"{path}?change=1")
    assert page.status_code == 200
    assert checked(page.text) == {
        ("csat", "2"), ("nps", "3"), ("reasons", "slow"), ("reasons", "price"),
    }  # fmt: skip
    assert written(page.text) == "太慢"


def test_a_change_counts_instead_and_the_first_version_is_kept(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    send(client, path, FIRST)
    time.forward(hours=3)
    answer = send(client, path, SECOND, query="?change=1")
    assert (answer.status_code, answer.location) == (303, f"{path}/thanks")
    assert said(session, invitation) == {"csat": 4, "reasons": {"fast"}, "comment": "后来解决了"}
    assert former(session) == {
        ("csat", "", 2, None),
        ("nps", "", 3, None),
        ("reasons", "slow", None, None),
        ("reasons", "price", None, None),
        ("comment", "", None, "太慢"),
    }
    response = the_response(session, invitation)
    assert response.amended_at == response.changed_at == time.now
    assert response.answered_at == START
    assert stored(session, invitation).answered_at == START
    thanks = client.get(f"{path}/thanks").text
    assert "修改时间" in thanks
    assert "?change=1" not in thanks


def test_the_same_change_sent_twice_is_one_change(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    send(client, path, FIRST)
    page = client.get(f"{path}?change=1")
    for _ in range(3):
        time.forward(seconds=1)
        answer = client.post(path, data=hidden(page.text) | SECOND)
        assert (answer.status_code, answer.location) == (303, f"{path}/thanks")
    assert the_response(session, invitation).amended_at == START + timedelta(seconds=1)
    assert count(session, FormerAnswer) == 5


def test_there_is_no_second_change(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    send(client, path, FIRST)
    page = client.get(f"{path}?change=1")
    client.post(path, data=hidden(page.text) | SECOND)
    answer = client.post(path, data=hidden(page.text) | {"csat": "5"})
    assert answer.status_code == 409
    assert "您已经修改过" in client.get(path).text or "您已经修改过" in answer.text
    assert said(session, invitation)["csat"] == 4
    again = client.get(f"{path}?change=1")
    assert (again.status_code, "<form" in again.text) == (200, False)


@pytest.mark.parametrize(
    ("hours", "may"), [(0, True), (23.99, True), (24, False), (48, False), (24 * 40, False)]
)
def test_the_change_is_open_for_its_day(
    app: Flask, session: Session, client: FlaskClient, time: Time, hours: float, may: bool
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    send(client, path, FIRST)
    time.forward(hours=hours)
    page = client.get(f"{path}?change=1")
    assert page.status_code == 200
    assert ('name="csat"' in page.text) is may
    assert ("?change=1" in client.get(path).text) is may
    assert ("?change=1" in client.get(f"{path}/thanks").text) is may


def test_a_change_begun_in_time_and_sent_too_late_is_refused_kindly(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    send(client, path, FIRST)
    time.forward(hours=23)
    page = client.get(f"{path}?change=1")
    time.forward(hours=1)
    for given in (SECOND, {"csat": "banana"}):
        answer = client.post(path, data=hidden(page.text) | given)
        assert answer.status_code == 409
        assert "修改时间已过" in answer.text
    assert said(session, invitation)["csat"] == 2
    assert former(session) == set()


def test_how_long_it_is_open_can_be_set(
    make_app: Callable[..., Flask], session: Session, time: Time
) -> None:
    app = make_app(AMEND_WITHIN_HOURS=0)
    path = link(app, invited(app, session))
    client = app.test_client()
    send(client, path, FIRST)
    assert "?change=1" not in client.get(path).text


def test_sending_it_unchanged_keeps_the_one_change_for_later(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    send(client, path, FIRST)
    assert send(client, path, FIRST, query="?change=1").status_code == 303
    assert the_response(session, invitation).amended_at is None
    assert send(client, path, SECOND, query="?change=1").status_code == 303
    assert said(session, invitation)["csat"] == 4


def test_a_bad_change_comes_back_as_it_was_entered(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    send(client, path, FIRST)
    answer = send(client, path, {"csat": "5", "comment": "x" * 1001}, query="?change=1")
    assert answer.status_code == 422
    assert checked(answer.text) == {("csat", "5")}
    again = client.post(path, data=hidden(answer.text) | {"csat": "5", "comment": "短"})
    assert again.status_code == 303
    assert said(session, invitation) == {"csat": 5, "comment": "短"}


def test_the_page_to_answer_on_does_not_change_an_answer(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    page = client.get(path)
    client.post(path, data=hidden(page.text) | FIRST)
    assert client.post(path, data=hidden(page.text) | SECOND).status_code == 303
    assert said(session, invitation)["csat"] == 2
    assert the_response(session, invitation).amended_at is None


def test_what_another_system_brought_is_not_changed_here(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    interaction = make_interaction(session)
    make_response(session, interaction, csat=5, provenance="import", answered_at=START)
    path = link(app, invited(app, session, interaction=interaction, answered_at=START))
    assert "<form" not in client.get(f"{path}?change=1").text


def test_an_answer_that_is_struck_out_stays_so_when_it_is_changed(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    send(client, path, FIRST)
    session.execute(sa.update(Response).values(excluded_at=START, excluded_because="test"))
    session.commit()
    send(client, path, SECOND, query="?change=1")
    assert the_response(session, invitation).excluded_because == "test"


def test_an_expired_link_still_changes_what_was_answered_in_time(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session, expires_at=START + timedelta(hours=1))
    path = link(app, invitation)
    send(client, path, FIRST)
    time.forward(hours=2)
    assert send(client, path, SECOND, query="?change=1").status_code == 303
    assert said(session, invitation)["csat"] == 4
