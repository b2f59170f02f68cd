"""Machines do not vote: six kinds of mail scanners leave no score, and use no link up.

The long run, with 200 mails of each kind and Chromium, is `python -m bench.attacks scanners`.
"""

import random
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts.models import AuditEntry
from feedback.responses import stop_views, submit
from tests.conftest import Time
from tests.factories import make_user, sign_in
from tests.responses.stories import (
    count,
    hidden,
    invited,
    link,
    said,
    send,
    stored,
    the_response,
)
from tests.security.zoo import KINDS, Person, look, post_mails, scan

MAILS = 4


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The product as it is installed."""
    return make_app(PRESS_AFTER_SECONDS=1)


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_scanner_leaves_anything_and_every_person_after_it_counts(
    app: Flask, session: Session, time: Time, kind: str
) -> None:
    letters = post_mails(app, session, time, MAILS)
    assert all(len(letter.paths) >= 7 for letter in letters), "five scores, stop, preferences"
    scan(app, letters, kind, time)
    found = look(app)
    assert (found.counted, found.used_up, found.stopped) == (0, 0, 0)
    assert found.held == (MAILS if "presser" in kind else 0)
    time.forward(minutes=5)
    person = Person(random.Random(1))  # noqa: S311
    assert [person.answer(app, letter, time) for letter in letters] == [303] * MAILS
    assert look(app).counted == MAILS


def test_the_zoo_bites_where_presses_are_believed(
    app: Flask, session: Session, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted hole: a button pressed is a person."""
    monkeypatch.setattr("feedback.responses.views.is_too_soon", lambda *_: False)
    monkeypatch.setattr(submit, "_is_mechanical", lambda *_: False)
    letters = post_mails(app, session, time, MAILS)
    scan(app, letters, "fast presser", time)
    assert look(app).counted == look(app).used_up == MAILS


def test_the_zoo_bites_where_any_press_stops_the_mails(
    app: Flask, session: Session, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stop_views, "_is_mechanical", lambda *_: False)
    letters = post_mails(app, session, time, MAILS)
    scan(app, letters, "slow presser", time)
    assert look(app).stopped >= MAILS


@pytest.mark.parametrize(
    ("wait", "status"), [(0, 422), (0.999, 422), (1, 303), (30, 303), (-9, 303)]
)
def test_a_press_in_under_a_second_leaves_no_score(
    app: Flask, session: Session, client: FlaskClient, time: Time, wait: float, status: int
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    page = client.get(f"{path}?csat=4")
    time.forward(seconds=wait)
    given = hidden(page.text) | {"csat": "4", "comment": "快"}
    answer = client.post(path, data=given)
    assert answer.status_code == status
    if status == 303:
        assert look(app).counted == 1
        return
    assert (look(app).counted, look(app).used_up, look(app).held) == (0, 0, 1)
    assert the_response(session, invitation).suspected_because == "too_soon"
    # Whoever it was after all finds everything kept, and is taken at their word.
    assert "快" in answer.text
    time.forward(seconds=2)
    again = client.post(path, data=given | hidden(answer.text))
    assert again.status_code == 303
    assert (look(app).counted, look(app).held) == (1, 0)


def test_a_press_on_one_link_again_and_again_stays_one_held_answer(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    path = link(app, invited(app, session))
    for _ in range(5):
        assert send(client, path, {"csat": "5"}).status_code == 422
    assert (look(app).counted, look(app).held, count(session)) == (0, 1, 1)


@pytest.mark.parametrize("nonce", [None, "", "x", "forged"])
def test_a_post_without_the_pages_nonce_leaves_nothing(
    app: Flask, session: Session, client: FlaskClient, time: Time, nonce: str | None
) -> None:
    path = link(app, invited(app, session))
    page = hidden(client.get(path).text)
    other = hidden(client.get(link(app, invited(app, session))).text)
    time.forward(seconds=30)
    fields = {} if nonce is None else {"nonce": nonce}
    for data in (fields, other, page | {"website": "https://x.cn"}):
        assert client.post(path, data=data | {"csat": "5"}).status_code == 422
    assert count(session) == 0


def test_a_hasty_stop_is_asked_about_once_more_and_then_done(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = f"{link(app, invitation)}/stop"
    page = client.get(path)
    answer = client.post(path, data=hidden(page.text) | {"how": "stop"})
    assert answer.status_code == 422
    assert stored(session, invitation).stopped_at is None
    time.forward(seconds=1.5)
    answer = client.post(path, data=hidden(answer.text) | {"how": "stop"})
    assert answer.status_code == 303
    assert stored(session, invitation).stopped_at == time.now


def test_a_mail_programs_own_button_still_acts_at_once(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = f"{link(app, invitation)}/stop"
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert stored(session, invitation).stopped_at == time.now


def test_who_stops_the_mails_right_after_a_scanner_is_asked_once_more_only(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    [letter] = post_mails(app, session, time, 1)
    scan(app, [letter], "slow presser", time)
    path = f"{letter.survey}/stop"
    page = client.get(path)
    time.forward(seconds=3)
    again = client.post(path, data=hidden(page.text) | {"how": "stop"})
    assert (again.status_code, look(app).stopped) == (422, 0)
    time.forward(seconds=3)
    assert client.post(path, data=hidden(again.text) | {"how": "stop"}).status_code == 303
    assert look(app).stopped == 2, "the address and the invitation"


def test_hasty_people_are_hardly_ever_asked_again(app: Flask, session: Session, time: Time) -> None:
    letters = post_mails(app, session, time, 40)
    person = Person(random.Random(7))  # noqa: S311
    assert [person.answer(app, letter, time) for letter in letters] == [303] * len(letters)
    assert person.asked_again <= 1
    assert look(app).counted == len(letters)


def test_the_administrator_sees_what_is_held_without_its_score_and_may_let_it_count(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    send(client, link(app, invitation), {"csat": "5", "comment": "真好"})
    reference = invitation.interaction.external_id
    sign_in(client, session, make_user(session, "admin"))
    page = client.get("/admin/held-answers").text
    assert reference in page
    assert "没有人来得及看完页面" in page
    assert "真好" not in page
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    number = the_response(session, invitation).id
    client.post(f"/admin/held-answers/{number}/count", data={"csrf_token": token})
    assert (look(app).counted, look(app).used_up, look(app).held) == (1, 1, 0)
    assert "没有被扣住的答复" in client.get("/admin/held-answers").text
    assert count(session, AuditEntry) == 1
    # A second press, or one for an answer nobody holds, changes nothing.
    for one in (number, number + 1):
        client.post(f"/admin/held-answers/{one}/count", data={"csrf_token": token})
    assert count(session, AuditEntry) == 1


def test_a_person_who_answers_first_is_not_put_aside_by_letting_a_machine_count(
    app: Flask, session: Session, client: FlaskClient, time: Time
) -> None:
    invitation = invited(app, session)
    path = link(app, invitation)
    send(client, path, {"csat": "5"})
    number = the_response(session, invitation).id
    page = client.get(path)
    time.forward(seconds=9)
    client.post(path, data=hidden(page.text) | {"csat": "1"})
    app.config["WTF_CSRF_ENABLED"] = False
    sign_in(client, session, make_user(session, "admin"))
    client.post(f"/admin/held-answers/{number}/count")
    assert said(session, invitation) == {"csat": 1}
    assert (look(app).counted, look(app).held) == (1, 0)
