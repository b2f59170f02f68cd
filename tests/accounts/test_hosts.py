"""Links lead to our own address, whatever a Host header says."""

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


PAGES = ("/", "/sign-in", "/forgotten", "/forgotten/asked", "/set-up", "/account", "/confirm")


def test_no_page_repeats_a_forged_host(client: FlaskClient, session: Session) -> None:
    make_person(session)
    for headers in FORGED:
        for address in PAGES:
            answer = client.get(address, headers=headers)
            assert "evil" not in answer.text, (address, headers)
            assert "evil" not in str(answer.headers), (address, headers)


def test_a_link_for_a_password_begins_with_our_address(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    user = make_user(session, "staff")
    sign_in(client, session, make_person(session, "admin"))
    form = {"csrf_token": token(client, "/admin/people")}
    app.config["WTF_CSRF_ENABLED"] = False
    for headers in FORGED:
        page = client.post(f"/admin/people/{user.id}/password-link", data=form, headers=headers)
        if "Host" in headers:
            # The browser keeps its cookie for its own host, and so comes as a stranger.
            assert page.status_code in (302, 303)
            continue
        assert "https://fb.example.cn/password/" in page.text
        assert "evil" not in page.text
