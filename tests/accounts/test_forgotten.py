"""A link for a password by mail: for whoever signs in here, and telling nobody else who does."""

import email
import re
from email import policy
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback.accounts.models import AuditEntry, ResetRequest, User
from feedback.accounts.two_step.use import turn_on
from feedback.database import db
from feedback.interactions.contacts import address_digest
from feedback.outbox.models import Message, Suppression
from feedback.outbox.password_mail import mail_password_links
from feedback.pauses import begin_pause
from feedback.work import one_round
from tests.accounts.doors import actions, make_person, post, token, try_it
from tests.conftest import Time
from tests.factories import sign_in

NEW = {"password": "a longer walk home", "again": "a longer walk home"}


@pytest.fixture
def user(session: Session) -> User:
    return make_person(session, name="李静")


def ask(client: FlaskClient, address: str = "lijing@example.cn") -> TestResponse:
    return post(client, "/forgotten", "/forgotten", email=address)


def link_in(session: Session, app: Flask) -> str:
    """Return the path of the link in the last mail, as its recipient reads it."""
    last = sorted((Path(app.instance_path) / "mail").iterdir())[-1]
    message = email.message_from_bytes(last.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    found = re.search(r"https://fb\.example\.cn(/password/\S+)", body.get_content())
    assert found
    return found[1]


def test_the_link_sets_a_new_password(
    app: Flask, client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    other = app.test_client()
    sign_in(other, session, user)
    assert ask(client).location == "/forgotten/asked"
    one_round(app, now=time.now, worker="one")
    address = link_in(session, app)
    assert client.get(address).status_code == 200
    form = NEW | {"csrf_token": token(client, address)}
    assert client.post(address, data=form).location == "/sign-in"
    # Whoever had been in with the old one is out.
    assert other.get("/account").status_code == 302
    assert try_it(client).status_code == 422
    assert try_it(client, password=NEW["password"]).status_code == 303
    assert actions(session)[:2] == ["user.password_link_mailed", "user.password_set"]


def test_it_works_once_and_looking_at_it_uses_nothing_up(
    app: Flask, client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    ask(client)
    one_round(app, now=time.now, worker="one")
    address = link_in(session, app)
    # As scanners do, with whatever method.
    for _ in range(5):
        assert client.get(address).status_code == 200
        assert client.head(address).status_code == 200
    form = NEW | {"csrf_token": token(client, address)}
    assert client.post(address, data=form).status_code == 303
    assert client.get(address).status_code == 410
    assert client.post(address, data=form).status_code == 410


def test_it_works_for_an_hour(
    app: Flask, client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    ask(client)
    one_round(app, now=time.now, worker="one")
    address = link_in(session, app)
    time.forward(minutes=59, seconds=59)
    assert client.get(address).status_code == 200
    time.forward(seconds=1)
    assert client.get(address).status_code == 410


@pytest.mark.parametrize("what", ["password", "leaving"])
def test_it_ends_with_the_password_and_with_the_job(
    what: str, app: Flask, client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    ask(client)
    one_round(app, now=time.now, worker="one")
    address = link_in(session, app)
    user = session.get_one(User, user.id)
    if what == "password":
        user.password_hash = "another"
    else:
        user.left_at = time.now
    session.commit()
    assert client.get(address).status_code == 410


def test_no_key_rests_in_the_database_or_the_log(
    app: Flask, client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    ask(client)
    mail_password_links(app, time.now)
    message = session.scalars(sa.select(Message)).one()
    session.commit()
    assert "https://fb.example.cn/password/" in message.text
    one_round(app, now=time.now, worker="one")
    key = link_in(session, app).rpartition("/")[2]
    assert len(key) > 40
    assert key not in f"{message.text}{message.html}{message.subject}"
    assert not any(key in one for one in session.scalars(sa.select(AuditEntry.details)))


def test_a_changed_key_opens_nothing(
    app: Flask, client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    ask(client)
    one_round(app, now=time.now, worker="one")
    address = link_in(session, app)
    for number in range(len("/password/"), len(address), 7):
        other = "A" if address[number] != "A" else "B"
        assert client.get(address[:number] + other + address[number + 1 :]).status_code == 410


def test_known_and_unknown_get_the_same_words(client: FlaskClient, user: User) -> None:
    answers = []
    for address in ("lijing@example.cn", "nobody@example.cn"):
        asked = ask(client, address)
        shown = client.get(asked.location)
        answers.append((asked.status_code, asked.location, len(asked.data), shown.text))
    words = [re.sub(r'value="[^"]*"', "", one[3]) for one in answers]
    assert answers[0][:3] == answers[1][:3]
    assert words[0] == words[1]


def test_known_and_unknown_cost_the_same_work(
    app: Flask, client: FlaskClient, session: Session, user: User
) -> None:
    """The same statements, in the same order; who is meant is looked up by the worker later."""
    token(client, "/forgotten")
    said: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    seen = []
    for address in ("lijing@example.cn", "nobody@example.cn"):
        form = {"email": address, "csrf_token": token(client, "/forgotten")}
        said.clear()
        client.post("/forgotten", data=form)
        seen.append(list(said))
    assert seen[0] == seen[1]
    assert not any("user_account" in statement for statement in seen[0])


def test_who_is_not_here_gets_no_mail_and_leaves_no_trace(
    app: Flask, client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    user.left_at = time.now
    session.commit()
    for address in ("nobody@example.cn", "lijing@example.cn"):
        ask(client, address)
    one_round(app, now=time.now, worker="one")
    assert session.scalars(sa.select(Message)).all() == []
    assert session.scalars(sa.select(ResetRequest)).all() == []
    assert actions(session) == []


def test_what_is_no_address_is_said_to_be_none(client: FlaskClient, session: Session) -> None:
    assert ask(client, "no address").status_code == 422
    assert session.scalars(sa.select(ResetRequest)).all() == []


def test_the_mail_is_in_the_persons_language(
    app: Flask, client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    client.get("/forgotten?lang=en")
    ask(client)
    one_round(app, now=time.now, worker="one")
    assert session.scalars(sa.select(Message.locale)).one() == "en"
    session.commit()
    user = session.get_one(User, user.id)
    user.locale = "zh"
    session.commit()
    time.forward(minutes=5)
    ask(client)
    mail_password_links(app, time.now)
    last = session.scalars(sa.select(Message).order_by(Message.id.desc())).first()
    assert last is not None
    assert last.locale == "zh-Hans"
    assert "密码" in last.subject
    assert "李静" in last.text
    assert "11:05" in last.text


def test_links_begin_with_our_address_whatever_the_host_header_says(
    app: Flask, client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    headers = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "http",
        "Forwarded": "host=evil.example",
        "X-Host": "evil.example",
        "X-Original-URL": "https://evil.example/",
    }
    answer = client.post("/forgotten", data={"email": user.email}, headers=headers)
    assert answer.location == "/forgotten/asked"
    mail_password_links(app, time.now)
    message = session.scalars(sa.select(Message)).one()
    assert "evil" not in f"{message.text}{message.html}{message.subject}{message.sender}"
    assert "https://fb.example.cn/password/" in message.text


def test_a_mailbox_is_not_filled_by_strangers(
    app: Flask, client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    for number in range(12):
        client.environ_base["REMOTE_ADDR"] = f"203.0.{number}.1"
        assert ask(client).location == "/forgotten/asked"
        one_round(app, now=time.now, worker="one")
        time.forward(minutes=1)
    assert len(session.scalars(sa.select(Message)).all()) <= 3


def test_one_network_asks_twenty_times(client: FlaskClient, user: User, time: Time) -> None:
    client.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    for number in range(20):
        assert ask(client, f"p{number}@example.cn").status_code == 303
    assert ask(client, "another@example.cn").status_code == 429
    client.environ_base["REMOTE_ADDR"] = "198.51.100.9"
    assert ask(client, "another@example.cn").status_code == 303


def test_a_pause_does_not_hold_it_up(
    app: Flask, client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    begin_pause(session, now=time.now, by="ada@example.cn")
    session.commit()
    ask(client)
    one_round(app, now=time.now, worker="one")
    assert session.scalars(sa.select(Message.sent_at)).one() == time.now


def test_somebody_who_wants_no_surveys_still_gets_it(
    app: Flask, client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    digest = address_digest(user.email, app.config["SECRET_KEY"])
    session.add(Suppression(address_digest=digest, reason="unsubscribed", created_at=time.now))
    session.commit()
    ask(client)
    one_round(app, now=time.now, worker="one")
    assert session.scalars(sa.select(Message.sent_at)).one() == time.now


def test_a_mail_that_waited_for_an_hour_is_not_sent(
    app: Flask, client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    ask(client)
    time.forward(hours=1)
    one_round(app, now=time.now, worker="one")
    assert session.scalars(sa.select(Message)).all() == []
    assert session.scalars(sa.select(ResetRequest)).all() == []


def test_the_queue_says_what_it_is_and_not_what_is_in_it(
    app: Flask, client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    ask(client)
    one_round(app, now=time.now, worker="one")
    boss = app.test_client()
    sign_in(boss, session, make_person(session, "admin", email="ada@example.cn"))
    page = boss.get("/admin/queue?lang=en&state=sent").text
    assert "Link for a password" in page
    assert "/password/" not in page


def test_the_second_step_is_asked_for_after_it_too(
    app: Flask, client: FlaskClient, session: Session, user: User, time: Time
) -> None:
    """A mailbox alone does not stand for a phone."""
    with app.app_context():
        turn_on(session, user, b"12345678901234567890", 1, time.now)
    session.commit()
    ask(client)
    one_round(app, now=time.now, worker="one")
    address = link_in(session, app)
    client.post(address, data=NEW | {"csrf_token": token(client, address)})
    answer = try_it(client, password=NEW["password"])
    assert answer.location == "/sign-in/code"
