"""The nine steps: each seen from what is there, and none to be ticked."""

import re
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.accounts.set_up import set_up_code
from feedback.chosen import ChosenSetting
from feedback.milestones import (
    BACKED_UP,
    MAIL_TESTED,
    PREPARED,
    REHEARSED,
    WENT_LIVE,
    note_milestone,
)
from feedback.operating.first_hour import FirstHour, first_hour, missing
from feedback.organisation import Organisation
from feedback.pauses import open_pause
from tests.accounts.test_set_up import FORM
from tests.conftest import START, Time
from tests.factories import make_interaction
from tests.operating.pages import TOKEN, administrator

MORE = {"public_url": "https://fb.example.cn/", "zone": "Europe/Berlin", "language": "en",
        "quietly": "y"}  # fmt: skip


def set_up(client: FlaskClient, app: Flask, **form: str) -> object:
    code = set_up_code(app.instance_path)
    token = TOKEN.search(client.get(f"/set-up?code={code}").text)
    assert token
    return client.post("/set-up", data=FORM | {"code": code, "csrf_token": token[1]} | form)


def test_set_up_asks_for_zone_language_and_address_and_begins_quietly(
    make_app, session: Session
) -> None:
    app = make_app(PUBLIC_URL=None, MAIL_SENDER=None)
    client = app.test_client()
    assert set_up(client, app, **MORE).status_code == 303  # type: ignore[attr-defined]
    assert app.config["PUBLIC_URL"] == "https://fb.example.cn"
    assert (app.config["TIMEZONE"], app.config["DEFAULT_LOCALE"]) == ("Europe/Berlin", "en")
    assert open_pause(session) is not None
    page = client.get("/admin/first-hour?lang=en").text
    assert "2 of 9 done" in page
    assert "Still missing" in page


def test_without_the_new_fields_set_up_is_as_it_was(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    assert set_up(client, app).status_code == 303  # type: ignore[attr-defined]
    assert open_pause(session) is None
    assert session.scalars(sa.select(ChosenSetting)).all() == []


def test_an_address_or_a_zone_that_is_none_is_refused_and_nothing_is_kept(
    make_app, session: Session
) -> None:
    app = make_app(PUBLIC_URL=None)
    client = app.test_client()
    for wrong in ({"public_url": "fb.example.cn"}, {"public_url": "https://x.cn/path"},
                  {"zone": "Mars/Olympus"}, {"language": "fr"}):  # fmt: skip
        answer = set_up(client, app, **MORE | wrong)
        assert answer.status_code == 422, wrong  # type: ignore[attr-defined]
        assert f'id="{next(iter(wrong))}-wrong"' in answer.text  # type: ignore[attr-defined]
    assert session.get(Organisation, 1) is None


def test_what_the_environment_says_is_shown_and_not_asked(app: Flask, client: FlaskClient) -> None:
    code = set_up_code(app.instance_path)
    page = client.get(f"/set-up?code={code}").text
    assert 'name="public_url"' not in page
    assert 'name="zone"' in page


def hour(session: Session, app: Flask, now=START) -> FirstHour:
    found = first_hour(session, app.config, now)
    session.rollback()
    assert found is not None
    return found


def test_each_step_follows_from_what_is_there(
    app: Flask, session: Session, time: Time, runner: FlaskCliRunner, tmp_path: Path
) -> None:
    session.add(Organisation(id=1, name_en="x", name_zh="x", contact="", created_at=START))
    session.commit()
    assert first_hour(session, app.config, START) is not None
    assert [step.key for step in hour(session, app).steps if step.is_done] == ["set_up", "live"]
    session.get_one(Organisation, 1).contact = "400"
    make_interaction(session, recorded_at=START)
    for name in (MAIL_TESTED, PREPARED, REHEARSED, WENT_LIVE):
        note_milestone(session, name, START + timedelta(minutes=20))
    session.commit()
    app.config["MAIL_SERVER"] = "127.0.0.1"
    found = hour(session, app, START + timedelta(minutes=30))
    assert found.next is not None
    assert (found.done, found.next.key, found.minutes) == (8, "backup", 30)
    time.now = START + timedelta(minutes=41)
    backup = runner.invoke(args=["backup", str(tmp_path / "all.zip")])
    assert backup.exit_code == 0, backup.output
    found = hour(session, app, START + timedelta(days=3))
    assert found.is_over
    # The hour ended with its last step, not today.
    assert found.minutes == 41


def test_before_set_up_there_is_no_first_hour(app: Flask, session: Session) -> None:
    assert first_hour(session, app.config, START) is None


def test_what_is_missing_is_named_until_it_is_there(app: Flask) -> None:
    config = dict(app.config) | {"PUBLIC_URL": "http://127.0.0.1:8000", "MAIL_SERVER": ""}
    found = missing(config, None, START)
    assert (found.mail, found.reachable, found.https, found.backup) == (True, True, False, True)
    config |= {"PUBLIC_URL": "http://fb.example.cn", "MAIL_SERVER": "x"}
    assert missing(config, START, START).https
    config |= {"PUBLIC_URL": "https://fb.example.cn"}
    assert not missing(config, START, START)
    assert missing(config, START, START + timedelta(days=8)).backup


def test_the_status_page_makes_the_checks_of_the_command(
    client: FlaskClient, session: Session, time: Time, runner: FlaskCliRunner
) -> None:
    administrator(client, session)
    page = client.get("/admin/status").text
    lines = runner.invoke(args=["check"]).stdout.splitlines()
    # All but the visit to the mail server, which no page waits for.
    assert len(re.findall(r'data-label="State"', page)) == len(lines) - 1
    note_milestone(session, BACKED_UP, time.now, "all.zip")
    session.commit()
    assert "all.zip" in client.get("/admin/status").text
