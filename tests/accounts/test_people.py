"""People, their links for a password, their own account, and the administrator's pages."""

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback.accounts import people
from feedback.accounts.browsers import browser_name
from feedback.accounts.models import ApiKey, SignIn, User
from feedback.accounts.passwords import hash_password, is_right, why_weak
from tests.conftest import Time
from tests.factories import make_staff, make_user, sign_in

OLD, NEW = "a long walk home", "a longer walk home"


def send(client: FlaskClient, address: str, page: str = "/account", **form: object) -> TestResponse:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text)
    assert found
    return client.post(address, data=form | {"csrf_token": found[1]})


@pytest.fixture
def admin(client: FlaskClient, session: Session, time: Time) -> User:
    admin = make_user(session, "admin", email="a@example.cn", password_hash=hash_password(OLD))
    sign_in(client, session, admin)
    return admin


def users(session: Session) -> dict[str, User]:
    session.expire_all()
    found = {user.email: user for user in session.scalars(sa.select(User))}
    # On SQLite even reading here keeps everybody else from writing.
    session.commit()
    return found


def test_an_added_person_sets_a_password_by_a_link_and_signs_in(
    client: FlaskClient, admin: User, session: Session, app: Flask
) -> None:
    make_staff(session, "e-7", name="王伟")
    session.commit()
    answer = send(
        client, "/admin/people", "/admin/people", email="W@Example.cn", role="staff", staff="e-7"
    )
    assert answer.status_code == 201
    link = re.search(r'id="password-link">([^<]+)<', answer.text)
    assert link
    assert link[1].startswith("https://fb.example.cn/password/")
    added = users(session)["w@example.cn"]
    assert (added.role, added.name) == ("staff", "王伟")

    path = link[1].removeprefix("https://fb.example.cn")
    theirs = app.test_client()
    # A mail scanner that opens the link does not use it up.
    for _ in range(3):
        assert theirs.get(path).status_code == 200
    assert send(theirs, path, path, password=NEW, again="another").status_code == 422
    assert send(theirs, path, path, password="short", again="short").status_code == 422
    assert send(theirs, path, path, password=NEW, again=NEW).status_code == 303
    assert theirs.get(path).status_code == 410
    answer = send(theirs, "/sign-in", "/sign-in", email="w@example.cn", password=NEW)
    assert answer.location == "/me"


def test_a_password_link_ends(
    app: Flask, client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_user(session)
    session.commit()
    with app.test_request_context():
        token = people.password_link_token(user)
    assert client.get(f"/password/{token}").status_code == 200
    assert client.get(f"/password/{token}x").status_code == 410
    monkeypatch.setattr(people, "LINK_LASTS_HOURS", -1)
    assert client.get(f"/password/{token}").status_code == 410


def test_a_forged_host_does_not_get_into_the_link(
    client: FlaskClient, admin: User, session: Session
) -> None:
    page = client.get("/admin/people").text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    answer = client.post(
        f"/admin/people/{admin.id}/password-link",
        data={"csrf_token": found[1]},
        headers={"X-Forwarded-Host": "evil.example"},
    )
    assert "https://fb.example.cn/password/" in answer.text
    assert "evil.example" not in answer.text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"email": "nobody", "role": "staff"}, "邮箱"),
        ({"email": "a@example.cn", "role": "staff"}, "a@example.cn"),
        ({"email": "b@example.cn", "role": "king"}, "b@example.cn"),
        ({"email": "b@example.cn", "role": "staff", "staff": "e-404"}, "e-404"),
        ({"email": "b@example.cn", "role": "staff", "staff": "李静"}, "李静"),
    ],
)
def test_what_is_wrong_with_a_new_person_is_said(
    form: dict[str, str], words: str, client: FlaskClient, admin: User, session: Session
) -> None:
    make_staff(session, "e-1")
    make_staff(session, "e-2")
    session.commit()
    answer = send(client, "/admin/people", "/admin/people", **form)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert list(users(session)) == ["a@example.cn"]


def test_a_staff_record_is_found_by_number_address_or_a_name_that_is_ones_alone(
    session: Session, app: Flask
) -> None:
    one = make_staff(session, "e-1", name="王伟", email="ww@example.cn")
    with app.test_request_context():
        for reference in ("e-1", "WW@example.cn", "王伟", " e-1 "):
            assert people.find_staff(session, reference) is one


def test_the_last_administrator_stays_one(
    client: FlaskClient, admin: User, session: Session
) -> None:
    send(client, f"/admin/people/{admin.id}/role", "/admin/people", role="staff")
    send(client, f"/admin/people/{admin.id}/leave", "/admin/people")
    kept = users(session)["a@example.cn"]
    assert (kept.role, kept.left_at) == ("admin", None)
    other = make_user(session, "admin")
    session.commit()
    send(client, f"/admin/people/{other.id}/role", "/admin/people", role="lead")
    assert users(session)[other.email].role == "lead"


def test_somebody_who_left_may_be_let_in_again(
    client: FlaskClient, admin: User, session: Session
) -> None:
    other = make_user(session, "staff")
    session.commit()
    send(client, f"/admin/people/{other.id}/leave", "/admin/people")
    assert users(session)[other.email].left_at is not None
    send(client, f"/admin/people/{other.id}/return", "/admin/people")
    assert users(session)[other.email].left_at is None


def test_changing_the_password_needs_the_old_one_and_ends_the_other_browsers(
    client: FlaskClient, admin: User, session: Session, app: Flask
) -> None:
    elsewhere = app.test_client()
    sign_in(elsewhere, session, admin)
    form = {"password": NEW, "again": NEW}
    assert send(client, "/account/password", old="wrong", **form).status_code == 422
    assert send(client, "/account/password", old=OLD, **form).status_code == 303
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302
    assert is_right(users(session)["a@example.cn"].password_hash, NEW)


def test_guessing_the_old_password_is_slowed_down_too(
    client: FlaskClient, admin: User, session: Session
) -> None:
    form = {"password": NEW, "again": NEW}
    for _ in range(5):
        assert send(client, "/account/password", old="wrong", **form).status_code == 422
    assert send(client, "/account/password", old=OLD, **form).status_code == 429


def test_one_ends_ones_own_other_browsers_and_nobody_elses(
    client: FlaskClient, admin: User, session: Session, app: Flask
) -> None:
    own, foreign = app.test_client(), app.test_client()
    other = make_user(session, "staff")
    sign_in(own, session, admin)
    sign_in(foreign, session, other)
    with client.session_transaction() as cookie:
        this = people.sessions.digest_of(cookie["_user_id"])
    digests = session.scalars(sa.select(SignIn.digest).where(SignIn.digest != this)).all()
    session.commit()
    for digest in digests:
        send(client, f"/account/sign-ins/{digest}/end")
    assert own.get("/account").status_code == 302
    assert foreign.get("/account").status_code == 200


def test_a_chosen_language_is_kept_with_the_account(
    client: FlaskClient, admin: User, session: Session
) -> None:
    assert send(client, "/account", name="安", locale="en").status_code == 303
    assert '<html lang="en">' in client.get("/account").text
    assert users(session)["a@example.cn"].name == "安"


def test_a_key_is_shown_once_and_can_be_revoked(
    client: FlaskClient, admin: User, session: Session
) -> None:
    form = {"name": "crm", "scopes": ["interactions:write", "scores:read"]}
    made = send(client, "/admin/keys", "/admin/keys", **form)
    shown = re.search(r'id="new-key">(afk_\d+_[\w-]+)<', made.text)
    assert made.status_code == 201
    assert shown
    assert shown[1] not in client.get("/admin/keys").text
    assert send(client, "/admin/keys", "/admin/keys", **form).status_code == 422
    assert send(client, "/admin/keys", "/admin/keys", name="x").status_code == 422
    key = session.scalars(sa.select(ApiKey)).one()
    session.commit()
    send(client, f"/admin/keys/{key.id}/revoke", "/admin/keys")
    session.expire_all()
    assert key.revoked_at is not None


def test_the_organisation_can_be_named(client: FlaskClient, admin: User, session: Session) -> None:
    address = "/admin/organisation"
    assert send(client, address, address, name_zh="", name_en="Lantern").status_code == 422
    form = {"name_zh": "灯笼", "name_en": "Lantern", "contact": "400"}
    assert send(client, address, address, **form).status_code == 303
    assert "灯笼" in client.get("/account").text


@pytest.mark.parametrize(
    ("password", "is_weak"),
    [
        ("short", True), ("1234567890", True), ("Password123", True), ("aaaaaaaaaaaa", True),
        ("lijing12345", True), ("x" * 201, True), ("a long walk home", False),
        ("春眠不觉晓处处闻啼鸟", False),
    ],
)  # fmt: skip
def test_weak_passwords_are_refused(app: Flask, password: str, is_weak: bool) -> None:
    with app.test_request_context():
        assert bool(why_weak(password, "lijing@example.cn")) is is_weak


def test_browsers_have_names() -> None:
    wechat = "Mozilla/5.0 (iPhone; CPU iPhone OS 17) AppleWebKit Mobile MicroMessenger/8.0"
    assert browser_name(wechat) == "WeChat, iPhone"
    edge = "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120.0"
    assert browser_name(edge) == "Edge, Windows"
    assert browser_name("curl/8") == "curl/8"
    assert browser_name("") == "–"
