"""How mail goes out: chosen on a page, tried out, and seen by every process."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback import chosen, work
from feedback.chosen import ChosenSetting
from feedback.milestones import MAIL_TESTED, PREPARED, milestones, note_milestone
from feedback.outbox import trial
from feedback.outbox.transport import Patience
from tests.conftest import START
from tests.operating.pages import administrator, post
from tests.outbox.letters import make_message
from tests.outbox.post_office import PostOffice, password_is, tls_context
from tests.outbox.test_transport import certificate
from tests.sites import ROOT, free_port

__all__ = ["certificate"]

MakeApp = Callable[..., Flask]


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """An installation whose environment says nothing about mail."""
    return make_app(MAIL_SENDER=None)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with PostOffice() as server:
        yield server


def form(port: int, **more: Any) -> dict[str, Any]:
    return {
        "server": "127.0.0.1", "port": str(port), "encryption": "plain", "username": "",
        "password": "", "sender": "示例 <care@example.cn>",
    } | more  # fmt: skip


def save(client: FlaskClient, port: int, **more: Any) -> Any:
    return post(client, "/admin/mail", **form(port, **more))


def send_test(client: FlaskClient) -> str:
    return post(client, "/admin/mail/test", "/admin/mail").text


def test_a_server_chosen_here_takes_a_test_mail_to_oneself(
    client: FlaskClient, session: Session, office: PostOffice
) -> None:
    administrator(client, session)
    assert save(client, office.port).status_code == 303
    page = send_test(client)
    assert "The server has taken the mail for admin@example.cn" in page
    (letter,) = office.taken
    assert (letter.sender, letter.recipients) == ("care@example.cn", ["admin@example.cn"])
    assert "test mail" in letter.part("plain")
    # All of what the server said, step by step.
    assert page.count('<q class="code-plain">250') == 4
    found = milestones(session)[MAIL_TESTED]
    assert found.detail.startswith("250")


def test_the_worker_and_other_processes_send_by_what_was_chosen(
    client: FlaskClient,
    session: Session,
    office: PostOffice,
    make_app: MakeApp,
    app: Flask,
    database_url: str,
) -> None:
    administrator(client, session)
    save(client, office.port)
    make_message(session)
    other = make_app(MAIL_SENDER=None)
    assert other.config["MAIL_SERVER"] == ""
    assert work.work_until_idle(other, now=START, worker="other").sent == 1
    make_message(session)
    environment = os.environ | {
        "FEEDBACK_DATABASE_URL": database_url,
        "FEEDBACK_INSTANCE_PATH": app.instance_path,
        "FEEDBACK_SECRET_KEY": app.config["SECRET_KEY"],
    }
    command = [sys.executable, "-m", "flask", "work", "--once", "--now", START.isoformat()]
    said = subprocess.run(
        [*command, "--format", "json"], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    assert json.loads(said.stdout)["sent"] == 1
    assert [letter.sender for letter in office.taken] == ["care@example.cn"] * 2


def test_nobody_waits_while_the_mail_server_takes_its_time(
    client: FlaskClient, session: Session, office: PostOffice
) -> None:
    administrator(client, session)
    save(client, office.port)
    engine = session.get_bind()

    def write(letter: object) -> None:
        with Session(engine) as other, other.begin():
            note_milestone(other, PREPARED, START, "meanwhile")

    office.before_answer = write
    assert "The server has taken the mail" in send_test(client)
    assert milestones(session)[PREPARED].detail == "meanwhile"


def test_another_server_is_tried_at_once_though_the_last_was_left_alone(
    client: FlaskClient, session: Session, office: PostOffice, app: Flask
) -> None:
    administrator(client, session)
    save(client, free_port())
    make_message(session)
    assert work.work_until_idle(app, now=START, worker="one").sent == 0
    save(client, office.port)
    assert work.work_until_idle(app, now=START, worker="one").sent == 1


def test_the_password_is_encrypted_and_never_shown(
    client: FlaskClient, session: Session, app: Flask
) -> None:
    administrator(client, session)
    with PostOffice(authenticator=password_is("s3cret"), auth_require_tls=False) as office:
        save(client, office.port, username="care", password="s3cret")
        assert app.config["MAIL_PASSWORD"] == "s3cret"
        kept = session.get_one(ChosenSetting, "MAIL_PASSWORD").value
        session.rollback()
        assert "s3cret" not in kept
        page = client.get("/admin/mail").text
        assert "s3cret" not in page
        assert "A password is kept" in page
        assert "235" in send_test(client)


def test_a_wrong_password_gives_the_servers_own_words(
    client: FlaskClient, session: Session
) -> None:
    administrator(client, session)
    with PostOffice(authenticator=password_is("right"), auth_require_tls=False) as office:
        save(client, office.port, username="care", password="wrong")
        page = send_test(client)
    assert "535" in page
    assert "does not accept this user name with this password" in page
    # What comes after is said not to have been come to.
    assert page.count("not come to") == 3
    assert MAIL_TESTED not in milestones(session)
    session.rollback()


def test_a_kept_password_goes_to_no_other_server(
    client: FlaskClient, session: Session, app: Flask
) -> None:
    administrator(client, session)
    save(client, 2525, username="care", password="s3cret")
    for more in ({"server": "evil.example"}, {"username": "other"}, {"encryption": "starttls"}):
        answer = post(client, "/admin/mail", **form(2525, username="care") | more)
        assert answer.status_code == 422, more
        assert "Type the password again" in answer.text
    assert app.config["MAIL_SERVER"] == "127.0.0.1"
    # Only the sender is another one: the password stays.
    assert save(client, 2525, username="care", sender="x@example.cn").status_code == 303
    assert app.config["MAIL_PASSWORD"] == "s3cret"


def test_a_certificate_nobody_signed_is_said_in_plain_words(
    client: FlaskClient, session: Session, certificate: tuple[str, str]
) -> None:
    administrator(client, session)
    with PostOffice(tls_context=tls_context(*certificate), require_starttls=True) as office:
        save(client, office.port, encryption="starttls")
        page = send_test(client)
        assert "Nobody we know has signed" in page
        assert "CERTIFICATE_VERIFY_FAILED" in page
        assert office.taken == []


def test_nobody_at_the_port_and_no_such_server_are_told_apart(
    client: FlaskClient, session: Session
) -> None:
    administrator(client, session)
    save(client, free_port())
    assert "nothing listens at this port" in send_test(client)
    save(client, 25, server="nowhere.invalid")
    assert "There is no server of this name" in send_test(client)


def test_a_server_that_takes_the_call_and_says_nothing_is_explained(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when encryption is expected from the first word on, and none is chosen."""
    administrator(client, session)
    monkeypatch.setattr(trial, "_PATIENCE", Patience(step=0.2, answer=0.2))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        save(client, silent.getsockname()[1])
        page = send_test(client)
    assert "timed out" in page
    assert "Nobody answers: a firewall, another port, or TLS where there is none." in page


def test_a_server_without_starttls_and_one_that_refuses_the_sender(
    client: FlaskClient, session: Session, office: PostOffice
) -> None:
    administrator(client, session)
    save(client, office.port, encryption="starttls")
    assert "does not offer this here" in send_test(client)
    save(client, office.port)
    office.script["MAIL"].append("553 5.7.1 not your domain")
    page = send_test(client)
    assert "553 5.7.1 not your domain" in page
    assert "does not send for this sender" in page


def test_the_connection_is_tried_without_sending(
    client: FlaskClient, session: Session, office: PostOffice
) -> None:
    administrator(client, session)
    save(client, office.port)
    page = post(client, "/admin/mail/connection", "/admin/mail").text
    assert "No mail was sent" in page
    assert office.taken == []
    assert "MAIL" not in office.visits


@pytest.mark.parametrize(
    ("field", "value"),
    [("server", "https://x.cn"), ("server", "a b"), ("port", "0"), ("port", "x"), ("port", ""),
     ("sender", "nobody"), ("username", "a\x00b"), ("sender", ""), ("encryption", "rot13")],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_kept(
    client: FlaskClient, session: Session, app: Flask, field: str, value: str
) -> None:
    administrator(client, session)
    answer = post(client, "/admin/mail", **form(25) | {field: value})
    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in answer.text
    assert session.scalars(sa.select(ChosenSetting)).all() == []
    assert app.config["MAIL_SERVER"] == ""


def test_what_the_environment_says_stands_above_and_is_named(
    make_app: MakeApp, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEEDBACK_MAIL_PASSWORD", "the operator's")
    app = make_app(MAIL_SENDER=None)
    client = app.test_client()
    administrator(client, session)
    page = client.get("/admin/mail").text
    assert "Given by FEEDBACK_MAIL_PASSWORD" in page
    assert 'name="server"' not in page
    assert "the operator&#39;s" not in page
    # Neither the server, to which that password would be sent, can be chosen by force.
    answer = save(client, 25)
    assert answer.status_code == 303
    assert app.config["MAIL_SERVER"] == ""
    assert app.config["MAIL_SENDER"] == "示例 <care@example.cn>"


def test_a_choice_taken_back_leaves_what_was_before(
    client: FlaskClient, session: Session, app: Flask
) -> None:
    administrator(client, session)
    save(client, 2525)
    assert app.config["MAIL_PORT"] == 2525
    save(client, 2525, server="")
    assert (app.config["MAIL_SERVER"], app.config["MAIL_PORT"]) == ("", 25)
    assert set(session.scalars(sa.select(chosen.ChosenSetting.name))) == {"MAIL_SENDER"}


def test_a_password_of_another_key_is_not_used_and_stops_nothing(
    session: Session, make_app: MakeApp
) -> None:
    client = make_app(MAIL_SENDER=None, SECRET_KEY="the first key").test_client()
    administrator(client, session)
    save(client, 2525, username="care", password="s3cret")
    other = make_app(MAIL_SENDER=None, SECRET_KEY="another, as after a restore elsewhere")
    chosen.refresh(other, at_once=True)
    assert (other.config["MAIL_USERNAME"], other.config["MAIL_PASSWORD"]) == ("care", "")
    rotated = make_app(
        MAIL_SENDER=None, SECRET_KEY="the second key", SECRET_KEY_FALLBACKS="the first key"
    )
    chosen.refresh(rotated, at_once=True)
    assert rotated.config["MAIL_PASSWORD"] == "s3cret"
