"""The first visit sets up, once, and only whoever has the code."""

import re
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback.accounts.models import User
from feedback.accounts.set_up import set_up_code
from feedback.organisation import Organisation
from tests.factories import make_user

FORM = {
    "name_zh": "灯笼家居",
    "name_en": "Lantern Home",
    "contact": "400-820-1234",
    "email": "Admin@Example.cn",
    "password": "a long walk home",
    "again": "a long walk home",
}


def send(client: FlaskClient, known: str, **form: str) -> TestResponse:
    found = re.search(
        r'name="csrf_token"[^>]*value="([^"]+)"', client.get(f"/set-up?code={known}").text
    )
    assert found
    return client.post("/set-up", data=FORM | {"code": known, "csrf_token": found[1]} | form)


def test_a_new_installation_leads_to_set_up(client: FlaskClient) -> None:
    assert client.get("/").location == "/set-up"
    assert client.get("/sign-in").location == "/set-up"


def test_without_the_code_nothing_is_set_up(client: FlaskClient, app: Flask) -> None:
    for address in ("/set-up", "/set-up?code=", "/set-up?code=guess", "/set-up?code=é"):
        answer = client.get(address)
        assert answer.status_code == 403
        assert 'name="password"' not in answer.text
    code = set_up_code(app.instance_path)
    assert code not in answer.text
    assert send(client, code, code="guess").status_code == 403


def test_the_code_is_kept_where_only_the_operator_reads_it(app: Flask) -> None:
    code = set_up_code(app.instance_path)
    assert set_up_code(app.instance_path) == code
    assert len(code) >= 16
    assert (Path(app.instance_path) / "set_up_code").stat().st_mode & 0o777 == 0o600


def test_set_up_names_the_organisation_and_signs_the_first_administrator_in(
    client: FlaskClient, app: Flask, session: Session
) -> None:
    code = set_up_code(app.instance_path)
    answer = send(client, code)
    assert (answer.status_code, answer.location) == (303, "/admin/first-hour")
    assert "灯笼家居" in client.get("/admin/people").text
    user = session.scalars(sa.select(User)).one()
    assert (user.email, user.role) == ("admin@example.cn", "admin")
    assert session.get_one(Organisation, 1).name_en == "Lantern Home"
    assert client.get(f"/set-up?code={code}").location == "/"
    assert not (Path(app.instance_path) / "set_up_code").exists()


def test_a_weak_password_is_refused(client: FlaskClient, app: Flask, session: Session) -> None:
    code = set_up_code(app.instance_path)
    assert send(client, code, password="1234567890", again="1234567890").status_code == 422
    assert send(client, code, again="something else").status_code == 422
    assert session.scalars(sa.select(User)).all() == []


def test_once_there_is_somebody_there_is_no_set_up(
    client: FlaskClient, app: Flask, session: Session
) -> None:
    code = set_up_code(app.instance_path)
    make_user(session, "staff")
    session.commit()
    answer = client.get(f"/set-up?code={code}", follow_redirects=True)
    assert answer.request.path == "/sign-in"
    assert "已经设置好" in answer.text
    assert client.post("/set-up", data=FORM | {"code": code}).status_code in (303, 400)
    assert session.get(Organisation, 1) is None
