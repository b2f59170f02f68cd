"""Signing in and out: what the cookie is, when it ends, and how guessing is slowed down."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback.accounts import passwords, people, sessions
from feedback.accounts.models import Attempt, SignIn, User
from feedback.accounts.passwords import hash_password
from tests.conftest import Time
from tests.factories import make_user, sign_in

PASSWORD = "a long walk home"


@pytest.fixture
def user(session: Session) -> User:
    user = make_user(
        session, "manager", email="lijing@example.cn", password_hash=hash_password(PASSWORD)
    )
    session.commit()
    return user


def token(client: FlaskClient, address: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(address).text)
    assert found
    return found[1]


def try_it(
    client: FlaskClient, email: str = "lijing@example.cn", password: str = PASSWORD, **more: str
) -> TestResponse:
    form = {"email": email, "password": password, "csrf_token": token(client, "/sign-in")} | more
    return client.post("/sign-in", data=form)


def test_a_right_password_lets_in(client: FlaskClient, user: User) -> None:
    answer = try_it(client)
    assert (answer.status_code, answer.location) == (303, "/reports")
    assert client.get("/account").status_code == 200


def test_the_address_may_be_written_in_capitals(client: FlaskClient, user: User) -> None:
    assert try_it(client, " LiJing@Example.CN ").status_code == 303


def test_one_comes_back_to_where_one_wanted_to_be(client: FlaskClient, user: User) -> None:
    answer = client.get("/account?lang=en")
    assert (answer.status_code, answer.location) == (302, "/sign-in?next=/account?lang%3Den")
    assert try_it(client, next="/account?lang=en").location == "/account?lang=en"


def test_the_cookie_is_hardened(client: FlaskClient, user: User) -> None:
    cookies = try_it(client).headers.getlist("Set-Cookie")
    names = [cookie.partition("=")[0] for cookie in cookies]
    assert sorted(names) == ["__Host-afterword", "__Host-afterword-known"]
    for cookie in cookies:
        for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Expires="):
            assert attribute in cookie
        assert "Domain" not in cookie


def test_without_https_the_cookie_still_works(
    make_app: Callable[..., Flask], user: User, session: Session
) -> None:
    client = make_app(PUBLIC_URL="http://127.0.0.1:8000").test_client()
    cookies = try_it(client).headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"afterword", "afterword-known"}
    assert not any("Secure" in cookie for cookie in cookies)
    assert client.get("/account").status_code == 200


def test_what_the_database_keeps_does_not_let_anybody_in(
    client: FlaskClient, user: User, session: Session
) -> None:
    try_it(client)
    kept = session.scalars(sa.select(SignIn)).one()
    with client.session_transaction() as cookie:
        assert sessions.digest_of(cookie["_user_id"]) == kept.digest
        cookie["_user_id"] = kept.digest
    assert client.get("/account").status_code == 302


def test_the_session_is_a_new_one_after_signing_in(client: FlaskClient, user: User) -> None:
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "put here by somebody else"
        cookie["left over"] = "too"
    try_it(client)
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != "put here by somebody else"
        assert "left over" not in cookie


def test_unknown_and_wrong_get_the_same_words(client: FlaskClient, user: User) -> None:
    def words(answer: TestResponse) -> str:
        hidden = re.sub(r'value="[^"]*"', "", answer.text)
        assert answer.status_code == 422
        return hidden

    wrong = words(try_it(client, password="not this one"))
    assert words(try_it(client, "nobody@example.cn")) == wrong
    assert words(try_it(client, "no address at all")) == wrong


def test_unknown_people_cost_the_same_work(
    client: FlaskClient, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    weighed = []

    class Counting:
        def __init__(self, real: object) -> None:
            self.real = real

        def __getattr__(self, name: str) -> object:
            if name == "verify":
                weighed.append(name)
            return getattr(self.real, name)

    monkeypatch.setattr(passwords, "_hasher", Counting(passwords._hasher))
    for email in ("lijing@example.cn", "nobody@example.cn", "no address", "\0@example.cn"):
        weighed.clear()
        try_it(client, email, "wrong")
        assert len(weighed) == 1, email


def test_somebody_who_has_left_cannot_sign_in(
    client: FlaskClient, user: User, session: Session, time: Time
) -> None:
    user.left_at = time.now
    session.commit()
    assert try_it(client).status_code == 422


def test_signing_out_ends_the_session_itself(
    client: FlaskClient, user: User, session: Session
) -> None:
    try_it(client)
    stolen = client.get_cookie("__Host-afterword").value
    form = {"csrf_token": token(client, "/account")}
    assert client.post("/sign-out", data=form).status_code == 303
    client.set_cookie("__Host-afterword", stolen)
    assert client.get("/account").status_code == 302


def test_signing_out_is_not_done_by_a_link(client: FlaskClient, user: User) -> None:
    try_it(client)
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 400
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("what", ["password", "role", "leaving"])
def test_a_session_ends_when_the_password_the_role_or_the_job_does(
    what: str, client: FlaskClient, user: User, session: Session, time: Time
) -> None:
    sign_in(client, session, user)
    assert client.get("/account").status_code == 200
    user = session.get_one(User, user.id)
    if what == "password":
        people.set_password(session, user, "another long walk", time.now)
    elif what == "role":
        people.change_role(session, user, "analyst", time.now)
    else:
        people.leave(session, user, time.now)
    session.commit()
    assert client.get("/account").status_code == 302


def test_a_session_ends_after_twelve_hours_however_busy(
    client: FlaskClient, user: User, session: Session, time: Time
) -> None:
    sign_in(client, session, user)
    for _ in range(23):
        time.forward(minutes=30)
        assert client.get("/account").status_code == 200
    time.forward(minutes=29)
    assert client.get("/account").status_code == 200
    time.forward(minutes=1)
    assert client.get("/account").status_code == 302


def test_five_wrong_passwords_close_the_account_for_a_quarter_of_an_hour(
    client: FlaskClient, user: User, time: Time
) -> None:
    for _ in range(5):
        assert try_it(client, password="wrong").status_code == 422
    answer = try_it(client)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"
    time.forward(minutes=15)
    assert try_it(client).status_code == 303


def test_tries_refused_unheard_do_not_lock_anybody_out_for_longer(
    client: FlaskClient, user: User, session: Session, time: Time
) -> None:
    for _ in range(5):
        try_it(client, password="wrong")
    time.forward(minutes=14)
    assert try_it(client, password="wrong").status_code == 429
    time.forward(minutes=1)
    assert try_it(client).status_code == 303
    assert session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 0


def test_a_right_password_clears_the_account_but_not_the_network(
    client: FlaskClient, user: User, session: Session
) -> None:
    for _ in range(4):
        try_it(client, password="wrong")
    assert try_it(client).status_code == 303
    subjects = session.scalars(sa.select(Attempt.subject)).all()
    assert subjects == ["sign-in-from:127.0.0.0/24"] * 4


def test_one_network_gets_thirty_tries_over_all_accounts(
    client: FlaskClient, session: Session, user: User, monkeypatch: pytest.MonkeyPatch, time: Time
) -> None:
    # Thirty digests take their time, and this is not about them.
    monkeypatch.setattr("feedback.accounts.views.is_right", lambda kept, given: False)
    for number in range(30):
        # No faster than the ten a minute that are all one network gets.
        time.forward(seconds=10)
        address = {"REMOTE_ADDR": f"203.0.113.{number}"}
        form = {
            "email": f"p{number}@example.cn",
            "password": "x",
            "csrf_token": token(client, "/sign-in"),
        }
        assert client.post("/sign-in", data=form, environ_overrides=address).status_code == 422
    form["email"] = "another@example.cn"
    assert client.post("/sign-in", data=form, environ_overrides=address).status_code == 429
    elsewhere = {"REMOTE_ADDR": "198.51.100.1"}
    assert client.post("/sign-in", data=form, environ_overrides=elsewhere).status_code == 422


def test_an_older_digest_is_made_anew_when_its_password_is_known(
    client: FlaskClient, user: User, session: Session
) -> None:
    cheap = passwords.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    user.password_hash = cheap.hash(PASSWORD)
    session.commit()
    assert try_it(client).status_code == 303
    session.expire_all()
    kept = session.scalars(sa.select(User.password_hash)).one()
    assert kept.startswith("$argon2id$")
    assert "m=19456,t=2,p=1" in kept


def test_personal_pages_are_kept_by_no_cache(
    client: FlaskClient, user: User, session: Session
) -> None:
    sign_in(client, session, user)
    for address in ("/account", "/sign-in?next=/me"):
        answer = client.get(address)
        assert "Cookie" in answer.headers["Vary"]
    assert client.get("/account").headers["Cache-Control"] == "no-store"


def test_a_form_works_over_https_though_no_referrer_is_sent(
    client: FlaskClient, user: User
) -> None:
    base = "https://fb.example.cn"
    page = client.get("/sign-in", base_url=base).text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    form = {"email": user.email, "password": PASSWORD, "csrf_token": found[1]}
    assert client.post("/sign-in", data=form, base_url=base).status_code == 303


def test_everybody_starts_at_the_page_of_their_role(client: FlaskClient, session: Session) -> None:
    assert client.get("/").location == "/set-up"
    for role, page in (
        ("staff", "/me"), ("lead", "/team"), ("manager", "/reports"), ("analyst", "/reports"),
        ("admin", "/reports"),
    ):  # fmt: skip
        sign_in(client, session, make_user(session, role))
        assert client.get("/").location == page
    client.delete_cookie("__Host-afterword")
    assert client.get("/").location == "/sign-in"


def test_the_language_somebody_switches_to_stays(client: FlaskClient, user: User) -> None:
    assert 'lang="zh-Hans"' in client.get("/sign-in").text
    switched = client.get("/sign-in?next=/me&lang=en").text
    assert '<html lang="en">' in switched
    assert 'href="/sign-in?next=%2Fme&amp;lang=zh"' in switched
    assert '<html lang="en">' in client.get("/sign-in").text
    try_it(client)
    assert '<html lang="en">' in client.get("/account").text


def test_no_letter_of_an_older_key_signs_sessions(
    make_app: Callable[..., Flask], session: Session, user: User
) -> None:
    """Flask alone would take a text of older keys for as many keys as it has letters."""
    app = make_app(SECRET_KEY="today's key", SECRET_KEY_FALLBACKS="one of before,another")
    with app.app_context():
        serializer = app.session_interface.get_signing_serializer(app)
    assert serializer is not None
    assert serializer.secret_keys == [b"one of before", b"another", b"today's key"]
    before = make_app(SECRET_KEY="another").test_client()
    sign_in(before, session, user)
    kept = before.get_cookie("__Host-afterword")
    assert kept is not None
    client = app.test_client()
    client.set_cookie("__Host-afterword", kept.value)
    assert client.get("/account").status_code == 200
