"""Signing in at an OpenID provider that runs as a process of its own, and may be up to no good."""

import json
import subprocess
import sys
import time as wall_clock
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback.accounts.models import AuditEntry, Identity, SignIn, User
from feedback.accounts.two_step import totp, use
from tests.accounts.doors import actions, make_person, post, token
from tests.accounts.provider import CLIENT, SECRET
from tests.conftest import Time, missing
from tests.factories import sign_in
from tests.sites import free_port

ROOT = Path(__file__).parent.parent.parent


class _NoDetour(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def fetch(
    address: str, body: bytes | None = None, method: str | None = None, **headers: str
) -> Any:
    """Ask the provider as a browser does; return where it leads, or what it says."""
    asked = urllib.request.Request(address, data=body, method=method, headers=headers)
    try:
        with urllib.request.build_opener(_NoDetour).open(asked, timeout=20) as answer:
            text = answer.read()
            return json.loads(text) if text.startswith(b"{") else text
    except urllib.error.HTTPError as error:
        if error.code not in (302, 303):
            raise
        with error:
            return error.headers["Location"]


class Provider:
    """The process, and what is to be told to it."""

    def __init__(self, *command: str) -> None:
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command, str(self.port)], cwd=ROOT, stderr=subprocess.DEVNULL
        )
        for _ in range(300):
            try:
                fetch(f"{self.issuer}/.well-known/openid-configuration")
            except OSError:
                assert self.process.poll() is None, "the provider ended before it answered"
                wall_clock.sleep(0.1)
            else:
                break

    def misbehave(self, **wrong: Any) -> None:
        fetch(f"{self.issuer}/misbehave", json.dumps(wrong).encode())

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="module")
def process() -> Iterator[Provider]:
    provider = Provider("tests.accounts.provider")
    yield provider
    provider.stop()


@pytest.fixture
def provider(process: Provider, time: Time) -> Provider:
    """The provider, on its best behaviour and with our clock."""
    process.misbehave(now=time.now.timestamp())
    return process


@pytest.fixture
def app(make_app: Callable[..., Flask], process: Provider) -> Flask:
    return make_app(
        OIDC_ISSUER=process.issuer,
        OIDC_CLIENT_ID=CLIENT,
        OIDC_CLIENT_SECRET=SECRET,
        OIDC_NAME="Lantern",
    )


@pytest.fixture
def user(session: Session) -> User:
    """Somebody who has no password, and so comes in by the provider or not at all."""
    return make_person(session, password_hash=None)


def come_back(client: FlaskClient, address: str = "/sign-in/with", **change: str) -> TestResponse:
    """Go to the provider and come back with what it gave, some of it changed on the way."""
    there = client.get(address)
    assert there.status_code == 303, there.text
    back = urlsplit(fetch(there.location))
    assert f"{back.scheme}://{back.netloc}" == "https://fb.example.cn"
    query = dict(parse_qsl(back.query)) | change
    return client.get(f"{back.path}?{urlencode(query)}")


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_who_is_known_by_a_verified_address_comes_in(
    client: FlaskClient, session: Session, user: User, provider: Provider
) -> None:
    assert 'href="/sign-in/with?next=/me"' in client.get("/sign-in?next=/me").text
    answer = come_back(client, "/sign-in/with?next=/me")
    assert (answer.status_code, answer.location) == (303, "/me")
    assert is_in(client)
    kept = session.scalars(sa.select(Identity)).one()
    assert (kept.subject, kept.user_id) == ("s-1007", user.id)
    entry = session.scalars(sa.select(AuditEntry)).one()
    assert (entry.action, entry.actor_name) == ("sign_in.begun", user.email)
    assert provider.issuer in entry.details


def test_the_request_has_state_nonce_and_challenge(
    client: FlaskClient, user: User, provider: Provider
) -> None:
    asked = [parse_qs(urlsplit(client.get("/sign-in/with").location).query) for _ in range(2)]
    one, other = ({name: values[0] for name, values in query.items()} for query in asked)
    assert one["response_type"] == "code"
    assert one["redirect_uri"] == "https://fb.example.cn/sign-in/with/back"
    assert one["code_challenge_method"] == "S256"
    assert set(one["scope"].split()) == {"openid", "email", "profile"}
    for name in ("state", "nonce", "code_challenge"):
        assert len(one[name]) >= 32
        assert one[name] != other[name]


def test_from_then_on_the_subject_counts_and_not_the_address(
    client: FlaskClient, app: Flask, session: Session, user: User, provider: Provider, time: Time
) -> None:
    come_back(client)
    now = time.now.timestamp()
    provider.misbehave(now=now, claims={"email": "married@example.cn", "email_verified": False})
    other = app.test_client()
    assert come_back(other).status_code == 303
    assert is_in(other)
    # And whoever has got the old address there does not come into their place.
    provider.misbehave(now=now, claims={"sub": "s-2000"})
    stranger = app.test_client()
    assert come_back(stranger).status_code == 403
    assert not is_in(stranger)


FORGED: dict[str, dict[str, Any]] = {
    "no signature": {"signed": "none"},
    "our own secret": {"signed": "HS256 with our secret"},
    "their public key as a secret": {"signed": "HS256 with the public key"},
    "another key by the same name": {"signed": "another key"},
    "an unknown key": {"signed": "an unknown key"},
    "a key it brings along": {"signed": "a key of its own"},
    "changed after signing": {"signed": "changed"},
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "no issuer": {"claims": {"iss": None}},
    "another audience": {"claims": {"aud": "another site"}},
    "no audience": {"claims": {"aud": None}},
    "several audiences and nobody who asked": {"claims": {"aud": [CLIENT, "another"]}},
    "asked for by another": {"claims": {"aud": [CLIENT, "another"], "azp": "another"}},
    "another nonce": {"claims": {"nonce": "another"}},
    "no nonce": {"claims": {"nonce": None}},
    "expired": {"claims": {"exp": 1000}},
    "without an end": {"claims": {"exp": None}},
    "an end that is no number": {"claims": {"exp": "tomorrow"}},
    "an end beyond all time": {"claims": {"exp": 1e300}},
    "from the future": {"claims": {"iat": 9999999999}},
    "not yet good": {"claims": {"nbf": 9999999999}},
    "without a subject": {"claims": {"sub": None}},
    "with an empty subject": {"claims": {"sub": ""}},
    "with a subject that is no text": {"claims": {"sub": 7}},
    "an address nobody verified": {"claims": {"email_verified": False}},
    "an address verified by a text": {"claims": {"email_verified": "true"}},
    "an address without a word about it": {"claims": {"email_verified": None}},
    "an address that is none": {"claims": {"email": "no address"}},
    "somebody who is not here": {"claims": {"email": "nobody@example.cn"}},
}


def test_what_is_not_as_it_must_be_lets_nobody_in(
    app: Flask, session: Session, user: User, provider: Provider, time: Time
) -> None:
    wrong = []
    for what, forgery in FORGED.items():
        provider.misbehave(now=time.now.timestamp(), **forgery)
        client = app.test_client()
        answer = come_back(client)
        if answer.status_code != 403 or is_in(client):
            wrong.append(f"{what}: {answer.status_code}")
    assert wrong == []
    assert session.scalars(sa.select(Identity)).all() == []
    assert session.scalars(sa.select(SignIn)).all() == []


def test_a_forged_state_lets_nobody_in(app: Flask, user: User, provider: Provider) -> None:
    for state in ("", "forged", "\u00e9"):
        client = app.test_client()
        assert come_back(client, state=state).status_code == 400
        assert not is_in(client)


def test_what_one_browser_began_no_other_ends(app: Flask, user: User, provider: Provider) -> None:
    """Else somebody could be made to work in another's account."""
    mine, theirs = app.test_client(), app.test_client()
    back = urlsplit(fetch(mine.get("/sign-in/with").location))
    address = f"{back.path}?{back.query}"
    assert theirs.get(address).status_code == 400
    theirs.get("/sign-in/with")
    assert theirs.get(address).status_code == 400
    assert not is_in(theirs)


def test_coming_back_works_once_and_for_a_quarter_of_an_hour(
    app: Flask, user: User, provider: Provider, time: Time
) -> None:
    client = app.test_client()
    back = urlsplit(fetch(client.get("/sign-in/with").location))
    address = f"{back.path}?{back.query}"
    cookie = client.get_cookie("__Host-afterword")
    assert cookie is not None
    assert client.get(address).status_code == 303
    assert client.get(address).status_code == 400
    # With the old cookie put back, the provider knows that the code has been used.
    client.set_cookie("__Host-afterword", cookie.value)
    assert client.get(address).status_code == 502
    slow = app.test_client()
    back = urlsplit(fetch(slow.get("/sign-in/with").location))
    time.forward(minutes=15)
    assert slow.get(f"{back.path}?{back.query}").status_code == 400


def test_another_code_does_not_fit_the_verifier(app: Flask, user: User, provider: Provider) -> None:
    stolen = urlsplit(fetch(app.test_client().get("/sign-in/with").location))
    code = dict(parse_qsl(stolen.query))["code"]
    thief = app.test_client()
    assert come_back(thief, code=code).status_code == 502
    assert not is_in(thief)


def test_another_issuers_answer_is_none(
    client: FlaskClient, user: User, provider: Provider
) -> None:
    assert come_back(client, iss="https://evil.example").status_code == 403


def test_ending_it_there_is_told_here(client: FlaskClient, user: User, provider: Provider) -> None:
    answer = come_back(client, error="access_denied")
    assert answer.status_code == 403
    assert not is_in(client)


def test_new_keys_are_found_and_nobody_makes_us_look_for_ever(
    client: FlaskClient, app: Flask, user: User, provider: Provider, time: Time
) -> None:
    now = time.now.timestamp()
    assert come_back(client).status_code == 303
    provider.misbehave(now=now, rotate=f"next {now}")
    # As half a minute later.
    app.extensions["oidc"].keys_fetched -= 30
    assert come_back(app.test_client()).status_code == 303
    before = fetch(f"{provider.issuer}/asked")["asked"].count("/keys")
    provider.misbehave(now=now, signed="an unknown key")
    for _ in range(5):
        assert come_back(app.test_client()).status_code == 403
    assert fetch(f"{provider.issuer}/asked")["asked"].count("/keys") == before


def test_an_address_may_come_from_userinfo_if_it_is_about_the_same_person(
    client: FlaskClient, app: Flask, user: User, provider: Provider, time: Time
) -> None:
    now = time.now.timestamp()
    claims = {"email": None, "email_verified": None}
    said = {"sub": "another", "email": user.email, "email_verified": True}
    provider.misbehave(now=now, claims=claims, userinfo=said)
    assert come_back(client).status_code == 403
    provider.misbehave(now=now, claims=claims, userinfo=said | {"sub": "s-1007"})
    assert come_back(client).status_code == 303


def test_nobody_is_made_an_account_unless_a_setting_says_so(
    client: FlaskClient, app: Flask, session: Session, user: User, provider: Provider, time: Time
) -> None:
    new = {"sub": "s-9", "email": "Neu@Example.cn", "name": "Neu\n"}
    provider.misbehave(now=time.now.timestamp(), claims=new)
    assert come_back(client).status_code == 403
    app.config["OIDC_NEW_ROLE"] = "staff"
    assert come_back(client).location == "/me"
    made = session.scalars(sa.select(User).where(User.email == "neu@example.cn")).one()
    assert (made.role, made.name) == ("staff", "Neu")
    assert actions(session) == ["user.added", "sign_in.begun"]
    # Also then only by an address that was verified.
    wrong = new | {"sub": "s-8", "email": "x@example.cn", "email_verified": False}
    provider.misbehave(now=time.now.timestamp(), claims=wrong)
    assert come_back(app.test_client()).status_code == 403


def test_who_has_left_does_not_come_in(
    client: FlaskClient, app: Flask, session: Session, user: User, provider: Provider, time: Time
) -> None:
    come_back(client)
    user = session.get_one(User, user.id)
    user.left_at = time.now
    session.commit()
    app.config["OIDC_NEW_ROLE"] = "staff"
    assert come_back(app.test_client()).status_code == 403
    session.execute(sa.delete(Identity))
    session.commit()
    assert come_back(app.test_client()).status_code == 403


def test_the_second_step_is_asked_for_there_too(
    client: FlaskClient, app: Flask, session: Session, user: User, provider: Provider, time: Time
) -> None:
    secret = b"12345678901234567890"
    with app.app_context():
        use.turn_on(session, user, secret, 1, time.now)
    session.commit()
    assert come_back(client, "/sign-in/with?next=/me").location == "/sign-in/code?next=/me"
    assert not is_in(client)
    code = totp.code_at(secret, totp.step_of(time.now))
    assert post(client, "/sign-in/code", "/sign-in/code", code=code, next="/me").location == "/me"


def test_who_has_no_password_confirms_there(
    client: FlaskClient, app: Flask, session: Session, user: User, provider: Provider, time: Time
) -> None:
    come_back(client)
    time.forward(minutes=11)
    now = time.now.timestamp()
    asked = client.get("/account/two-step/set-up")
    page = client.get(asked.location)
    assert 'href="/sign-in/with?again=1&amp;next=/account/two-step/set-up"' in page.text
    again = "/sign-in/with?again=1&next=/account/two-step/set-up"
    query = parse_qs(urlsplit(client.get(again).location).query)
    assert (query["prompt"], query["max_age"]) == (["login"], ["0"])
    for wrong in ({"auth_time": None}, {"auth_time": now - 601}, {"sub": "s-2"}):
        provider.misbehave(now=now, claims=wrong)
        assert come_back(client, again).status_code == 403
        assert client.get("/account/two-step/set-up").status_code == 302
    provider.misbehave(now=now)
    done = come_back(client, again)
    assert client.get(done.location).location == "/account/two-step/set-up"
    assert client.get("/account/two-step/set-up").status_code == 200
    assert len(session.scalars(sa.select(SignIn)).all()) == 1


def test_signing_out_leads_to_where_it_ends_there_too(
    client: FlaskClient, user: User, provider: Provider
) -> None:
    come_back(client)
    answer = client.post("/sign-out", data={"csrf_token": token(client, "/account")})
    assert answer.location == "/sign-in/with/ended"
    assert not is_in(client)
    page = client.get(answer.location).text
    there = (
        f'href="{provider.issuer}/end?client_id=afterword&amp;'
        'post_logout_redirect_uri=https%3A%2F%2Ffb.example.cn%2Fsign-in"'
    )
    assert there in page


def test_who_came_by_password_signs_out_as_always(
    client: FlaskClient, session: Session, user: User, provider: Provider
) -> None:
    sign_in(client, session, user)
    answer = client.post("/sign-out", data={"csrf_token": token(client, "/account")})
    assert answer.location == "/sign-in"


def test_it_leads_nowhere_else(client: FlaskClient, user: User, provider: Provider) -> None:
    query = urlencode({"next": "//evil.example"})
    assert come_back(client, f"/sign-in/with?{query}").location == "/reports"


def test_a_provider_that_says_odd_things_of_itself_is_not_believed(
    app: Flask, user: User, provider: Provider, time: Time
) -> None:
    for odd in (
        {"issuer": "https://evil.example"},
        {"token_endpoint": None},
        {"authorization_endpoint": 7},
        {"jwks_uri": "http://evil.example/keys"},
    ):
        provider.misbehave(now=time.now.timestamp(), more=odd)
        app.extensions.pop("oidc", None)
        client = app.test_client()
        there = client.get("/sign-in/with")
        if there.status_code == 303:
            there = come_back(client)
        assert there.status_code == 502, odd
        assert not is_in(client)


def test_a_provider_that_is_away_is_told_in_plain_words(
    make_app: Callable[..., Flask], session: Session, user: User
) -> None:
    app = make_app(OIDC_ISSUER=f"http://127.0.0.1:{free_port()}", OIDC_CLIENT_ID="x")
    client = app.test_client()
    answer = client.get("/sign-in/with?lang=en")
    assert answer.status_code == 502
    assert "does not answer as it should" in answer.text
    # Whoever has a password still comes in.
    assert client.get("/sign-in").status_code == 200


def test_where_no_provider_is_set_there_is_none(
    make_app: Callable[..., Flask], session: Session, user: User
) -> None:
    client = make_app().test_client()
    assert "/sign-in/with" not in client.get("/sign-in").text
    for address in ("/sign-in/with", "/sign-in/with/back", "/sign-in/with/ended"):
        assert client.get(address).status_code == 404


def test_the_command_lets_somebody_be_matched_anew(
    client: FlaskClient, app: Flask, runner: FlaskCliRunner, session: Session, user: User,
    provider: Provider, time: Time,
) -> None:  # fmt: skip
    come_back(client)
    provider.misbehave(now=time.now.timestamp(), claims={"sub": "s-new"})
    assert come_back(app.test_client()).status_code == 403
    done = runner.invoke(args=["user", "forget-identity", user.email])
    assert done.exit_code == 0, done.output
    assert come_back(app.test_client()).status_code == 303
    assert "user.identity_forgotten" in actions(session)


def test_a_server_others_have_written_lets_in_too(
    make_app: Callable[..., Flask], session: Session, user: User
) -> None:
    """Against the clock on the wall and a provider that is no work of ours."""
    if find_spec("oidc_provider_mock") is None:
        missing("oidc-provider-mock")
    server = Provider("oidc_provider_mock", "--port")
    try:
        found = fetch(f"{server.issuer}/.well-known/openid-configuration")
        app = make_app(
            OIDC_ISSUER=found["issuer"], OIDC_CLIENT_ID="afterword", OIDC_CLIENT_SECRET="any"
        )
        claims = {"email": user.email, "email_verified": True, "name": "李静"}
        fetch(
            f"{server.issuer}/users/s-1007",
            json.dumps(claims).encode(),
            "PUT",
            **{"Content-Type": "application/json"},
        )
        client = app.test_client()
        there = client.get("/sign-in/with?next=/account").location
        back = urlsplit(fetch(there, urlencode({"sub": "s-1007"}).encode()))
        answer = client.get(f"{back.path}?{back.query}")
        assert (answer.status_code, answer.location) == (303, "/account")
        assert is_in(client)
    finally:
        server.stop()
