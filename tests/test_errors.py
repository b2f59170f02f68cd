"""What goes wrong is said in the reader's language, to programs as problem+json."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.factories import make_user, sign_in


@pytest.fixture
def failing(make_app: Callable[..., Flask]) -> Flask:
    """An application with pages that fail, and that does not hand failures to the test."""
    app = make_app(TESTING=False)

    for prefix in ("", "/api/v1"):

        @app.get(f"{prefix}/fails-with/<int:status>", endpoint=f"{prefix}status")
        def status_page(status: int) -> str:
            abort(status)

        @app.get(f"{prefix}/fails", endpoint=f"{prefix}bug")
        def bug() -> str:
            raise ZeroDivisionError

        @app.get(f"{prefix}/no-database", endpoint=f"{prefix}database")
        def database() -> str:
            raise OperationalError("SELECT 1", {}, ConnectionError("gone"))

    return app


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 413, 429, 500, 503])
def test_a_refusal_is_a_page_in_the_readers_language(failing: Flask, status: int) -> None:
    client = failing.test_client()
    english = client.get(f"/fails-with/{status}", headers={"Accept-Language": "en-GB"})
    chinese = client.get(f"/fails-with/{status}", headers={"Accept-Language": "zh-CN"})
    for answer, language in ((english, "en"), (chinese, "zh-Hans")):
        assert answer.status_code == status
        assert f'<html lang="{language}">' in answer.text
        assert "<h1>" in answer.text
        assert "Content-Security-Policy" in answer.headers
    assert english.text != chinese.text


@pytest.mark.parametrize("status", [400, 403, 404, 413, 429, 500, 503])
def test_a_program_gets_problem_json(failing: Flask, status: int) -> None:
    answer = failing.test_client().get(f"/api/v1/fails-with/{status}")
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status


def test_a_bug_is_500_without_its_details(failing: Flask) -> None:
    answer = failing.test_client().get("/fails")
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text
    assert "Traceback" not in answer.text


def test_an_unreachable_database_is_503_and_says_when_to_come_back(failing: Flask) -> None:
    for address in ("/no-database", "/api/v1/no-database"):
        answer = failing.test_client().get(address)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "30"
        assert "SELECT" not in answer.text


def test_no_database_at_all_still_gives_a_page(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    gone = tmp_path / "gone" / "feedback.sqlite"
    app = make_app(DATABASE_URL=f"sqlite:///{gone}", TESTING=False)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "somebody"
    answer = client.get("/account")
    assert answer.status_code == 503
    assert "<h1>" in answer.text


def test_a_stale_form_says_what_to_do(client: FlaskClient, session: Session) -> None:
    make_user(session)
    session.commit()
    answer = client.post("/sign-in", data={"email": "a", "password": "b"})
    assert answer.status_code == 400
    assert "打开的时间太久" in answer.text or "too long" in answer.text


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.get("/sign-out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_somebody_signed_in_keeps_the_frame_where_a_page_is_missing(
    client: FlaskClient, session: Session
) -> None:
    sign_in(client, session, make_user(session, "manager"))
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "/sign-out" in answer.text
