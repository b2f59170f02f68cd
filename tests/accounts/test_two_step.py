"""Signing in in two steps: setting it up, codes that work once, and being without a phone."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback.accounts.models import AuditEntry, RecoveryCode, User
from feedback.accounts.two_step import totp, use
from tests.accounts.doors import PASSWORD, actions, address_of, hidden, make_person, post, try_it
from tests.conftest import Time
from tests.factories import make_user, sign_in

SET_UP = "/account/two-step/set-up"
SECRET = b"12345678901234567890"


def code(time: Time, secret: bytes = SECRET, steps: int = 0) -> str:
    return totp.code_at(secret, totp.step_of(time.now) + steps)


@pytest.fixture
def user(session: Session) -> User:
    return make_person(session)


@pytest.fixture
def recovery(app: Flask, session: Session, user: User, time: Time) -> list[str]:
    """Let the user sign in in two steps, set up a while ago; return their recovery codes."""
    with app.app_context():
        codes = use.turn_on(session, user, SECRET, totp.step_of(time.now) - 10, time.now)
    session.commit()
    return codes


def second(client: FlaskClient, **form: str) -> TestResponse:
    return post(client, "/sign-in/code", "/sign-in/code", **form)


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def set_up(client: FlaskClient, time: Time) -> tuple[bytes, list[str]]:
    """Set it up as somebody with an app does; return the secret and the recovery codes."""
    page = client.get(SET_UP)
    typed = re.search(r'id="secret">([A-Z2-7 ]+)<', page.text)
    assert typed
    secret = totp.base64.b32decode(typed[1].replace(" ", ""))
    form = hidden(page) | {"sealed": sealed(page), "code": code(time, secret)}
    done = client.post(SET_UP, data=form)
    assert done.status_code == 201
    return secret, re.findall(r"<li>([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})</li>", done.text)


def sealed(page: TestResponse) -> str:
    found = re.search(r'name="sealed"[^>]*value="([^"]+)"', page.text)
    assert found
    return found[1]


def test_who_sets_it_up_signs_in_with_a_code_from_then_on(
    client: FlaskClient, app: Flask, session: Session, user: User, time: Time
) -> None:
    sign_in(client, session, user)
    secret, codes = set_up(client, time)
    assert len(set(codes)) == 10
    assert is_in(client)
    time.forward(minutes=1)
    other = app.test_client()
    answer = try_it(other, next="/me")
    assert answer.location == "/sign-in/code?next=/me"
    assert not is_in(other)
    done = second(other, code=code(time, secret), next="/me")
    assert (done.status_code, done.location) == (303, "/me")
    assert is_in(other)
    assert actions(session) == ["two_step.turned_on", "sign_in.begun"]


def test_the_picture_carries_what_is_written(
    client: FlaskClient, session: Session, user: User
) -> None:
    sign_in(client, session, user)
    page = client.get(SET_UP).text
    assert "<svg viewBox=" in page or "<svg " in page
    assert "<path" in page
    assert not re.search(r"<svg[^>]*style=", page)
    address = re.search(r'href="(otpauth://[^"]+)"', page)
    written = re.search(r'id="secret">([A-Z2-7 ]+)<', page)
    assert address
    assert written
    assert f"secret={written[1].replace(' ', '')}" in address[1]


def test_nothing_is_on_before_a_code_shows_that_the_secret_arrived(
    client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    sign_in(client, session, user)
    page = client.get(SET_UP)
    form = hidden(page) | {"sealed": sealed(page), "code": "000000"}
    answer = client.post(SET_UP, data=form)
    assert answer.status_code == 422
    # The same secret is shown again: it may be in the app already.
    shown = re.search(r'id="secret">([A-Z2-7 ]+)<', page.text)
    assert shown
    assert shown[1] in answer.text
    assert session.scalars(sa.select(User.two_step_secret)).one() is None


def test_a_form_for_somebody_else_or_of_yesterday_sets_nothing_up(
    app: Flask, session: Session, user: User, time: Time
) -> None:
    mine, theirs = app.test_client(), app.test_client()
    sign_in(mine, session, user)
    sign_in(theirs, session, make_user(session, "manager"))
    page = theirs.get(SET_UP)
    typed = re.search(r'id="secret">([A-Z2-7 ]+)<', page.text)
    assert typed
    secret = totp.base64.b32decode(typed[1].replace(" ", ""))
    own = hidden(mine.get(SET_UP))
    for one in (sealed(page), "forged", ""):
        answer = mine.post(SET_UP, data=own | {"sealed": one, "code": code(time, secret)})
        assert (answer.status_code, answer.location) == (303, SET_UP)
    assert session.scalars(sa.select(User.two_step_secret).distinct()).all() == [None]


def test_the_database_keeps_neither_secret_nor_codes(
    client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    sign_in(client, session, user)
    secret, codes = set_up(client, time)
    kept = session.scalars(sa.select(User.two_step_secret)).one()
    assert kept is not None
    assert secret.hex() not in kept
    assert totp.written(secret).replace(" ", "") not in kept
    digests = session.scalars(sa.select(RecoveryCode.digest)).all()
    assert len(digests) == 10
    assert not any(one.replace("-", "") in digest for one in codes for digest in digests)
    details = session.scalars(sa.select(AuditEntry.details)).all()
    assert not any(one in text for one in codes for text in details)


def test_a_code_works_once(
    app: Flask, session: Session, user: User, time: Time, recovery: list[str]
) -> None:
    first, replay = app.test_client(), app.test_client()
    try_it(first)
    try_it(replay)
    assert second(first, code=code(time)).status_code == 303
    assert second(replay, code=code(time)).status_code == 422
    assert not is_in(replay)
    # Nor does the one before it, which was not used.
    assert second(replay, code=code(time, steps=-1)).status_code == 422
    time.forward(seconds=30)
    assert second(replay, code=code(time)).status_code == 303


def test_of_many_at_once_with_one_code_one_gets_in(
    app: Flask, session: Session, user: User, time: Time, recovery: list[str]
) -> None:
    clients = [app.test_client() for _ in range(4)]
    for client in clients:
        try_it(client)
    forms = [hidden(client.get("/sign-in/code")) | {"code": code(time)} for client in clients]
    tokens = [re.search(r'name="csrf_token"[^>]*value="([^"]+)"', one.get("/sign-in/code").text)
              for one in clients]  # fmt: skip
    for form, found in zip(forms, tokens, strict=True):
        assert found
        form["csrf_token"] = found[1]

    def send(number: int) -> int:
        return clients[number].post("/sign-in/code", data=forms[number]).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(send, range(4)))
    assert answers == [303, 422, 422, 422]


def test_spaces_in_a_code_do_no_harm(
    client: FlaskClient, user: User, time: Time, recovery: list[str]
) -> None:
    try_it(client)
    now = code(time)
    assert second(client, code=f" {now[:3]} {now[3:]} ").status_code == 303


def test_a_recovery_code_lets_in_once_and_says_how_many_are_left(
    app: Flask, session: Session, user: User, time: Time, recovery: list[str]
) -> None:
    client, replay = app.test_client(), app.test_client()
    try_it(client)
    try_it(replay)
    assert second(client, recovery=recovery[3].upper().replace("-", " ")).status_code == 303
    assert "9" in client.get("/account").text
    assert second(replay, recovery=recovery[3]).status_code == 422
    assert second(replay, recovery="aaaa-bbbb-cccc").status_code == 422
    assert second(replay, recovery=recovery[4]).status_code == 303
    details = session.scalars(sa.select(AuditEntry.details)).all()
    assert sum('"second":"recovery"' in one for one in details) == 2


def test_guessing_codes_is_slowed_down(
    client: FlaskClient, session: Session, user: User, time: Time, recovery: list[str]
) -> None:
    try_it(client)
    for _ in range(5):
        assert second(client, code="000000").status_code == 422
    assert second(client, code=code(time)).status_code == 429
    assert second(client, recovery=recovery[0]).status_code == 429
    assert actions(session) == ["sign_in.failed", "sign_in.failed"]
    time.forward(minutes=16)
    try_it(client)
    assert second(client, code=code(time)).status_code == 303


def test_hundreds_of_codes_get_five_checks(
    client: FlaskClient, session: Session, user: User, time: Time, recovery: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    checked = []
    monkeypatch.setattr(
        "feedback.accounts.two_step.weigh_code.take_code", lambda *given: checked.append(given)
    )
    try_it(client)
    client.application.config["WTF_CSRF_ENABLED"] = False
    for number in range(200):
        client.post("/sign-in/code", data={"code": f"{number:06d}"})
    assert len(checked) == 5


def test_the_second_step_alone_is_none(
    client: FlaskClient, user: User, time: Time, recovery: list[str]
) -> None:
    assert client.get("/sign-in/code?next=/me").location == "/sign-in?next=/me"
    answer = post(client, "/sign-in/code", "/sign-in", code=code(time))
    assert answer.location == "/sign-in"
    assert not is_in(client)


@pytest.mark.parametrize("what", ["ten minutes", "another password", "leaving"])
def test_a_right_password_is_not_remembered_for_long(
    what: str, client: FlaskClient, session: Session, user: User, time: Time, recovery: list[str]
) -> None:
    try_it(client)
    assert client.get("/sign-in/code").status_code == 200
    user = session.get_one(User, user.id)
    if what == "ten minutes":
        time.forward(minutes=10)
    elif what == "another password":
        user.password_hash = "another"
    else:
        user.left_at = time.now
    session.commit()
    assert client.get("/sign-in/code").location == "/sign-in"


def test_the_half_signed_in_lead_nowhere_else(
    client: FlaskClient, user: User, time: Time, recovery: list[str]
) -> None:
    try_it(client)
    answer = second(client, code=code(time), next="//evil.example")
    assert answer.location == "/reports"


def test_turning_it_off_takes_a_code(
    client: FlaskClient, session: Session, user: User, time: Time, recovery: list[str]
) -> None:
    sign_in(client, session, user)
    off = "/account/two-step/off"
    assert post(client, off, code="000000").status_code == 422
    assert use.is_on(session.scalars(sa.select(User)).one())
    session.commit()
    assert post(client, off, code=code(time)).status_code == 303
    session.expire_all()
    assert session.scalars(sa.select(User.two_step_secret)).one() is None
    assert session.scalars(sa.select(RecoveryCode)).all() == []
    assert actions(session)[-1] == "two_step.turned_off"


def test_new_recovery_codes_end_the_old_ones(
    app: Flask, client: FlaskClient, session: Session, user: User, time: Time, recovery: list[str]
) -> None:
    sign_in(client, session, user)
    made = post(client, "/account/two-step/codes")
    assert made.status_code == 201
    new = re.findall(r"<li>([a-z0-9-]{14})</li>", made.text)
    assert not set(new) & set(recovery)
    other = app.test_client()
    try_it(other)
    assert second(other, recovery=recovery[0]).status_code == 422
    assert second(other, recovery=new[0]).status_code == 303
    assert actions(session)[0] == "two_step.new_codes"


def test_another_phone_takes_a_code_of_the_one_so_far(
    client: FlaskClient, session: Session, user: User, time: Time, recovery: list[str]
) -> None:
    sign_in(client, session, user)
    page = client.get(SET_UP)
    typed = re.search(r'id="secret">([A-Z2-7 ]+)<', page.text)
    assert typed
    secret = totp.base64.b32decode(typed[1].replace(" ", ""))
    form = hidden(page) | {"sealed": sealed(page), "code": code(time, secret)}
    before = session.scalars(sa.select(User.two_step_secret)).one()
    session.commit()
    assert client.post(SET_UP, data=form).status_code == 422
    assert client.post(SET_UP, data=form | {"present": "000000"}).status_code == 422
    assert session.scalars(sa.select(User.two_step_secret)).one() == before
    session.commit()
    assert client.post(SET_UP, data=form | {"present": recovery[0]}).status_code == 201
    assert session.scalars(sa.select(User.two_step_secret)).one() != before


def test_turning_it_on_signs_out_who_came_by_password_alone(
    app: Flask, session: Session, user: User, time: Time
) -> None:
    here, there = app.test_client(), app.test_client()
    sign_in(here, session, user)
    sign_in(there, session, user)
    set_up(here, time)
    assert is_in(here)
    assert not is_in(there)


def test_who_is_obliged_gets_to_nothing_else_before(
    app: Flask, session: Session, user: User, time: Time
) -> None:
    user.two_step_wanted_at = time.now
    session.commit()
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    sign_in(client, session, user)
    open_to_them = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(("responses.", "customers.", "api.", "health.", "static",
                                     "brand_files.", "accounts.", "forgotten.", "oidc.",
                                     "two_step_code.")):  # fmt: skip
            continue
        address = address_of(app, rule)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            with client.open(address, method=method) as answer:
                if answer.location != "/account/two-step":
                    open_to_them.add(rule.endpoint)
    # What there is to do with a second step leads to where it is set up, too.
    assert open_to_them == {
        "two_step.page", "two_step.set_up_page", "two_step.set_up", "confirm.page", "confirm.take",
    }  # fmt: skip


def test_who_is_obliged_sets_it_up_and_goes_on(
    client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    user.two_step_wanted_at = time.now
    session.commit()
    assert try_it(client).status_code == 303
    assert client.get("/reports").location == "/account/two-step"
    time.forward(minutes=11)
    # Also somebody who took a while to find an app is asked for the password, and not sent round.
    assert client.get(SET_UP).location == f"/confirm?next={SET_UP}"
    page = client.get(f"/confirm?next={SET_UP}")
    assert page.status_code == 200
    client.post("/confirm", data=hidden(page) | {"password_now": PASSWORD})
    set_up(client, time)
    assert client.get("/reports").status_code == 200
    time.forward(minutes=1)
    secret = session.scalars(sa.select(User)).one()
    assert use.is_on(secret)
    session.commit()
    assert post(client, "/account/two-step/off", code="1").location == "/account/two-step"


def test_a_role_can_be_obliged_on_the_page_or_in_the_settings(
    app: Flask, make_app: Callable[..., Flask], session: Session, user: User
) -> None:
    admin, client = app.test_client(), app.test_client()
    sign_in(admin, session, make_user(session, "admin"))
    sign_in(client, session, user)
    assert client.get("/reports").status_code == 200
    post(admin, "/admin/people/two-step-roles", "/admin/people", roles=["manager", "lead"])
    assert client.get("/reports").location == "/account/two-step"
    assert admin.get("/admin/people").status_code == 200
    post(admin, "/admin/people/two-step-roles", "/admin/people", roles=["king"])
    assert app.config["TWO_STEP_ROLES"] == ("lead", "manager")
    post(admin, "/admin/people/two-step-roles", "/admin/people")
    assert client.get("/reports").status_code == 200
    assert actions(session) == ["two_step.roles_changed"] * 2
    given = make_app(TWO_STEP_ROLES="manager")
    client = given.test_client()
    sign_in(client, session, user)
    assert client.get("/reports").location == "/account/two-step"
    boss = given.test_client()
    sign_in(boss, session, make_user(session, "admin"))
    assert "create_app()" in boss.get("/admin/people").text
    post(boss, "/admin/people/two-step-roles", "/admin/people", roles=["admin"])
    assert boss.get("/admin/people").status_code == 200


def test_an_administrator_helps_out_when_the_phone_is_lost(
    app: Flask, session: Session, user: User, time: Time, recovery: list[str]
) -> None:
    theirs, admin, boss = app.test_client(), app.test_client(), make_user(session, "admin")
    sign_in(theirs, session, user)
    sign_in(admin, session, boss)
    address = f"/admin/people/{user.id}/two-step/reset"
    assert post(admin, address, "/admin/people").status_code == 303
    assert not is_in(theirs)
    assert try_it(theirs).location == "/reports"
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number)).first()
    assert entry is not None
    assert (entry.action, entry.actor_name) == ("two_step.reset", boss.email)
    assert entry.about_name == user.email


def test_so_does_the_command(
    app: Flask, runner: FlaskCliRunner, session: Session, user: User, recovery: list[str]
) -> None:
    theirs = app.test_client()
    sign_in(theirs, session, user)
    done = runner.invoke(args=["user", "reset-two-step", " LiJing@example.cn "])
    assert done.exit_code == 0, done.output
    assert not is_in(theirs)
    assert session.scalars(sa.select(User.two_step_secret)).one() is None
    assert actions(session) == ["two_step.reset"]
    again = runner.invoke(args=["user", "reset-two-step", "lijing@example.cn"])
    assert again.exit_code == 1
    assert runner.invoke(args=["user", "reset-two-step", "x@example.cn"]).exit_code == 2


def test_with_another_key_nobody_gets_in_by_phone(
    app: Flask, client: FlaskClient, user: User, time: Time, recovery: list[str]
) -> None:
    app.config["SECRET_KEY"] = "another key, since the first one was lost"
    try_it(client)
    assert second(client, code=code(time)).status_code == 422


def test_with_a_rotated_key_phones_and_codes_go_on_working(
    app: Flask, client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    app.config["SECRET_KEY"] = "the key of the first days"
    with app.app_context():
        recovery = use.turn_on(session, user, SECRET, 1, time.now)
    session.commit()
    app.config["SECRET_KEY_FALLBACKS"] = ("the key of the first days",)
    app.config["SECRET_KEY"] = "the key from today on"
    try_it(client)
    assert second(client, recovery=recovery[0]).status_code == 303
    client.delete_cookie("__Host-afterword")
    try_it(client)
    assert second(client, code=code(time)).status_code == 303
