"""Where people meet what came back: on the envelope, on the queue page, in the shell."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.outbox.models import Bounce, Suppression
from feedback.outbox.return_path import read_return_path
from tests.bounces.returns import plain, report
from tests.bounces.test_record import quoting, sent, take
from tests.conftest import Time
from tests.factories import make_user, sign_in
from tests.outbox.letters import deliver, make_message
from tests.outbox.post_office import PostOffice


def test_each_mail_leaves_with_a_return_path_of_its_own_and_its_usual_sender(
    make_app: Callable[..., Flask], session: Session
) -> None:
    with PostOffice() as office:
        app = make_app(BOUNCE_ADDRESS="bounces@fb.example.cn", **office.settings)
        messages = [make_message(session) for _ in range(2)]
        assert deliver(app).sent == 2
        with app.app_context():
            numbers = [read_return_path([letter.sender]) for letter in office.taken]
        assert numbers == [message.id for message in messages]
        assert {letter.mail["From"].addresses[0].addr_spec for letter in office.taken} == {
            "care@example.cn"
        }
        # The whole way round: what is returned to that address is that mail's.
        assert take(app, report(to=office.taken[1].sender, original="")) == (1, 0, 0)
    assert session.scalars(sa.select(Bounce.message_id)).all() == [messages[1].id]


@pytest.fixture
def admin(client: FlaskClient, session: Session, time: Time) -> FlaskClient:
    sign_in(client, session, make_user(session, "admin"))
    return client


def test_the_queue_page_shows_it_and_writes_to_the_address_again(
    app: Flask, admin: FlaskClient, session: Session
) -> None:
    message = sent(session)
    take(app, quoting(message))
    page = admin.get("/admin/queue?state=returned&lang=en").get_data(as_text=True)
    assert "Came back" in page
    assert "No such mailbox" in page
    assert "User unknown" in page
    assert "wang@example.cn" not in page
    app.config["WTF_CSRF_ENABLED"] = False
    done = admin.post(f"/admin/queue/{message.id}/forgive?state=returned", follow_redirects=True)
    assert "The address is written to again" in done.get_data(as_text=True)
    assert session.scalars(sa.select(Suppression)).all() == []
    session.commit()
    assert "forgive" not in admin.get("/admin/queue?state=returned").get_data(as_text=True)
    again = admin.post(f"/admin/queue/{message.id}/forgive", follow_redirects=True)
    assert "Nothing was changed" in again.get_data(as_text=True)
    assert admin.post("/admin/queue/999999/forgive").status_code == 404


def test_the_command_takes_files_and_a_pipe(
    runner: FlaskCliRunner, session: Session, tmp_path: Path
) -> None:
    ours, letter = tmp_path / "ours.eml", tmp_path / "letter.eml"
    ours.write_bytes(quoting(sent(session)))
    letter.write_bytes(plain("Hello", sender="wang@example.cn"))
    done = runner.invoke(args=["bounces", str(ours), str(letter), "--format", "json"])
    assert json.loads(done.stdout) == {"news": 1, "known": 0, "other": 1}
    piped = runner.invoke(args=["bounces", "-", "--format", "json"], input=ours.read_bytes())
    assert json.loads(piped.stdout) == {"news": 0, "known": 1, "other": 0}


def test_without_a_mailbox_and_a_file_the_command_says_what_is_missing(
    runner: FlaskCliRunner,
) -> None:
    done = runner.invoke(args=["bounces"])
    assert done.exit_code == 2
    assert "BOUNCE_MAILBOX" in done.output
