"""Links lead to our own address, whatever a Host header says."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.accounts.doors import make_person, token
from tests.factories import make_user, sign_in

FORGED = (
    {"Host": "evil.example"},
    {"Host": "evil.example:443"},
    {"Host": "fb.example.cn.evil.example"},
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Server": "evil.example"},
    {"Forwarded": "host=evil.example;proto=http"},
    {"X-Original-URL": "https://evil.example/x", "X-Rewrite-URL": "https://evil.example/x"},
)


@pytest.mark.parametrize("headers", FORGED)
@pytest.mark.parametrize("address", ["/", "/sign-in", "/forgotten", "/set-up", "/account"])
def test_no_page_repeats_a_forged_host(
    address: str, headers: dict[str, str], client: FlaskClient, session: Session
) -> None:
    make_person(session)
    answer = client.get(address, headers=headers)
    assert "evil" not in answer.text
    assert "evil" not in str(answer.headers)


@pytest.mark.parametrize("headers", FORGED)
def test_a_link_for_a_password_begins_with_our_address(
    headers: dict[str, str], app: Flask, client: FlaskClient, session: Session
) -> None:
    user = make_user(session, "staff")
    sign_in(client, session, make_person(session, "admin"))
    form = {"csrf_token": token(client, "/admin/people")}
    app.config["WTF_CSRF_ENABLED"] = False
    page = client.post(f"/admin/people/{user.id}/password-link", data=form, headers=headers)
    if "Host" in headers:
        # The browser keeps its cookie for its own host, and so comes as a stranger.
        assert page.status_code in (302, 303)
        return
    assert "https://fb.example.cn/password/" in page.text
    assert "evil" not in page.text
