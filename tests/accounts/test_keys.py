"""Programs' keys: shown once, kept as digests, and let in for what they may do."""

import pytest
import sqlalchemy as sa
from flask import Flask, g
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from feedback.accounts.keys import find_key, key_required, make_key, revoke_key
from feedback.accounts.models import ApiKey
from tests.conftest import Time


@pytest.fixture
def guarded(app: Flask) -> FlaskClient:
    """A client of an application with a page for keys that may read scores."""

    @app.get("/api/v1/for-a-test")
    @key_required("scores:read")
    def page() -> ResponseReturnValue:
        return {"name": g.api_key.name}

    return app.test_client()


def ask(client: FlaskClient, value: str | None) -> tuple[int, dict[str, object]]:
    headers = {} if value is None else {"Authorization": value}
    answer = client.get("/api/v1/for-a-test", headers=headers)
    return answer.status_code, answer.get_json()


def test_a_key_lets_a_program_in(guarded: FlaskClient, session: Session, time: Time) -> None:
    key = make_key(session, "dashboard", ["scores:read"], time.now)
    session.commit()
    assert ask(guarded, f"Bearer {key}") == (200, {"name": "dashboard"})
    assert ask(guarded, f"bearer {key}")[0] == 200


def test_only_a_digest_is_kept(session: Session, time: Time) -> None:
    key = make_key(session, "dashboard", ["scores:read"], time.now)
    kept = session.scalars(sa.select(ApiKey)).one()
    mark, number, secret = key.split("_", 2)
    assert (mark, number) == ("afk", str(kept.id))
    assert secret not in kept.secret_digest
    assert len(secret) >= 43


@pytest.mark.parametrize(
    "value",
    [
        None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer afk", "Bearer afk_", "Bearer afk__",
        "Bearer afk_1_", "Bearer afk_1_wrong", "Bearer afk_999_x", "Bearer afk_-1_x",
        "Bearer afk_99999999999999999999_x", "Bearer afk_²_x", "Bearer xyz_1_x",
    ],
)  # fmt: skip
def test_whatever_is_no_key_gets_the_same_answer(
    value: str | None, guarded: FlaskClient, session: Session, time: Time
) -> None:
    make_key(session, "dashboard", ["scores:read"], time.now)
    session.commit()
    headers = {} if value is None else {"Authorization": value.encode().decode("latin-1")}
    answer = guarded.get("/api/v1/for-a-test", headers=headers)
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json == ask(guarded, None)[1]
    assert set(answer.json) == {"type", "title", "status", "detail"}


def test_a_revoked_key_is_no_key(guarded: FlaskClient, session: Session, time: Time) -> None:
    text = make_key(session, "dashboard", ["scores:read"], time.now)
    key = find_key(session, text)
    assert key is not None
    revoke_key(key, time.now)
    session.commit()
    assert ask(guarded, f"Bearer {text}") == ask(guarded, None)


def test_a_missing_scope_is_named(guarded: FlaskClient, session: Session, time: Time) -> None:
    key = make_key(session, "crm", ["interactions:write"], time.now)
    session.commit()
    status, body = ask(guarded, f"Bearer {key}")
    assert status == 403
    assert body["missing_scopes"] == ["scores:read"]


@pytest.mark.parametrize("scopes", [[], ["everything"], ["scores:read", "x"]])
def test_a_key_without_known_scopes_is_not_made(
    scopes: list[str], session: Session, time: Time
) -> None:
    with pytest.raises(ValueError):
        make_key(session, "x", scopes, time.now)
