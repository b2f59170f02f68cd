"""Signed-in browsers: how long they last, what is told of them, and how they are ended."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback.accounts import sessions
from feedback.accounts.models import SignIn, User
from feedback.accounts.networks import network_name
from feedback.work import one_round
from tests.accounts.doors import actions, make_person, post, try_it
from tests.conftest import Time
from tests.factories import make_user, sign_in


@pytest.fixture
def user(session: Session) -> User:
    return make_person(session)


def test_a_browser_nobody_uses_for_an_hour_is_signed_out(
    client: FlaskClient, user: User, session: Session, time: Time
) -> None:
    sign_in(client, session, user)
    time.forward(minutes=59)
    assert client.get("/account").status_code == 200
    time.forward(minutes=59)
    assert client.get("/account").status_code == 200
    time.forward(minutes=60)
    assert client.get("/account").status_code == 302


def test_how_long_a_browser_may_be_idle_can_be_set(
    make_app: Callable[..., Flask], user: User, session: Session, time: Time
) -> None:
    client = make_app(IDLE_MINUTES=10).test_client()
    sign_in(client, session, user)
    time.forward(minutes=9)
    assert client.get("/account").status_code == 200
    time.forward(minutes=10)
    assert client.get("/account").status_code == 302


def test_most_pages_do_not_cost_a_write(
    client: FlaskClient, user: User, session: Session, time: Time
) -> None:
    sign_in(client, session, user)
    begun = time.now
    time.forward(seconds=119)
    client.get("/account")
    assert session.scalars(sa.select(SignIn.last_used_at)).one() == begun
    session.commit()
    time.forward(seconds=1)
    client.get("/account")
    assert session.scalars(sa.select(SignIn.last_used_at)).one() == time.now
    session.commit()
    time.forward(minutes=3)
    post(client, "/account", name="Li", locale="")
    assert session.scalars(sa.select(SignIn.last_used_at)).one() == time.now


def test_the_page_says_browser_network_and_last_use(
    client: FlaskClient, user: User, session: Session
) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0; rv:144.0) Gecko/20100101 Firefox/144.0"
    client.environ_base |= {"REMOTE_ADDR": "203.0.113.77", "HTTP_USER_AGENT": agent}
    try_it(client)
    page = client.get("/account?lang=en").text
    assert "Firefox, Windows" in page
    assert "203.0.113.x" in page
    assert "203.0.113.77" not in page
    # Not more than is told is kept, either.
    assert session.scalars(sa.select(SignIn.network)).one() == "203.0.113.0/24"


@pytest.mark.parametrize(
    ("network", "name"),
    [
        ("127.0.0.0/24", "this machine"),
        ("192.168.7.0/24", "internal network 192.168.7.x"),
        ("198.18.0.0/15", "internal network 198.18.0.0/15"),
        ("8.8.8.0/24", "8.8.8.x"),
        ("2a00:1450:4001:800::/56", "2a00:1450:4001:800::/56"),
        ("unknown", "–"),
        ("", "–"),
    ],
)
def test_a_network_is_told_as_it_is(app: Flask, network: str, name: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert network_name(network) == name


def test_ending_all_others_leaves_this_one(
    app: Flask, user: User, session: Session, time: Time
) -> None:
    here, there, elsewhere = (app.test_client() for _ in range(3))
    for client in (here, there, elsewhere):
        sign_in(client, session, user)
    other = make_user(session, "manager")
    stranger = app.test_client()
    sign_in(stranger, session, other)
    assert post(here, "/account/sign-ins/end").status_code == 303
    opened = [one.get("/account").status_code for one in (here, there, elsewhere, stranger)]
    assert opened == [200, 302, 302, 200]
    assert actions(session) == ["sign_in.ended"]


def test_an_administrator_ends_all_of_somebody(app: Flask, user: User, session: Session) -> None:
    theirs, admin = app.test_client(), app.test_client()
    sign_in(theirs, session, user)
    sign_in(admin, session, make_user(session, "admin"))
    address = f"/admin/people/{user.id}/sign-ins/end"
    assert post(admin, address, "/admin/people").status_code == 303
    assert theirs.get("/account").status_code == 302
    assert admin.get("/account").status_code == 200
    assert actions(session) == ["user.signed_out"]


def test_nobody_ends_anothers_browser(app: Flask, user: User, session: Session) -> None:
    theirs, mine = app.test_client(), app.test_client()
    sign_in(theirs, session, user)
    digest = session.scalars(sa.select(SignIn.digest)).one()
    sign_in(mine, session, make_user(session, "manager"))
    post(mine, f"/account/sign-ins/{digest}/end")
    assert theirs.get("/account").status_code == 200


def test_where_somebody_was_a_month_ago_is_forgotten(
    app: Flask, user: User, session: Session, time: Time
) -> None:
    for days in (31, 29):
        moment = time.now - timedelta(days=days)
        sessions.begin(session, user, "Firefox", moment, "203.0.113.0/24")
    session.commit()
    one_round(app, now=time.now, worker="one")
    kept = session.scalars(sa.select(SignIn).order_by(SignIn.created_at)).all()
    assert [(one.agent, one.network) for one in kept] == [("", ""), ("Firefox", "203.0.113.0/24")]


def test_who_is_gone_from_the_database_is_signed_out(
    client: FlaskClient, user: User, session: Session
) -> None:
    sign_in(client, session, user)
    session.execute(sa.delete(SignIn))
    session.execute(sa.delete(User).where(User.id == user.id))
    session.commit()
    assert client.get("/account").status_code == 302


def test_reading_goes_on_while_the_last_use_cannot_be_kept(
    client: FlaskClient, user: User, session: Session, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, session, user)
    time.forward(minutes=5)

    def full(*given: object) -> None:
        raise sa.exc.OperationalError("UPDATE", {}, Exception("the disk is full"))

    monkeypatch.setattr(sessions, "note_use", full)
    assert client.get("/account").status_code == 200
