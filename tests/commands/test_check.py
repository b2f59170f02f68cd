"""`flask check`, as an administrator reads it."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from flask import Flask
from sqlalchemy.orm import Session

from feedback import create_app
from feedback.database import db
from feedback.health import surroundings
from feedback.invitations.models import Holiday
from feedback.outbox.models import Message
from tests.conftest import Time, settings_for
from tests.factories import make_interaction
from tests.health.pulses import tell_of
from tests.sites import free_port


def check(app: Flask) -> tuple[int, dict[str, dict[str, str]]]:
    result = app.test_cli_runner().invoke(args=["check", "--format", "json"])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    found = json.loads(result.stdout)
    assert (result.exit_code, found["status"]) in {(0, "ok"), (1, "bad")}
    return result.exit_code, {row["name"]: row for row in found["checks"]}


@pytest.fixture(autouse=True)
def font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A chart font that is there, so that only what a test is about is wrong."""
    folder = tmp_path / "fonts"
    folder.mkdir()
    (folder / "Charts.otf").write_bytes(b"OTTO")
    monkeypatch.setattr(surroundings.chart_font, "__defaults__", (folder,))
    return folder


def test_a_new_installation_is_well(app: Flask) -> None:
    status, found = check(app)
    assert status == 0, found
    assert {"settings", "database", "mail", "clock", "fonts", "queue"} <= found.keys()
    assert not [row for row in found.values() if row["status"] == "bad"]
    # It has not been started yet, which is worth a word and no alarm.
    assert found["worker"]["status"] in ("ok", "warn")


def test_in_words_it_is_one_line_each(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["check"])
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == len(check(app)[1])


def test_a_database_that_could_lose_answers_is_bad(app: Flask, database_url: str) -> None:
    weaken, kept = (
        ("PRAGMA synchronous = NORMAL", "synchronous 2")
        if database_url.startswith("sqlite")
        else ("SET synchronous_commit = off", "synchronous_commit on")
    )
    _status, found = check(app)
    assert (found["database"]["status"], kept in found["database"]["why"]) == ("ok", True)
    with app.app_context():
        sa.event.listen(db.engine, "checkout", lambda raw, *_rest: raw.execute(weaken))
    status, found = check(app)
    assert (status, found["database"]["status"]) == (1, "bad")


def test_a_database_out_of_reach_is_bad_and_hides_its_password(tmp_path: Path) -> None:
    app = create_app(settings_for("postgresql://nobody:a-secret@127.0.0.1:1/x", tmp_path))
    status, found = check(app)
    assert (status, found["database"]["status"]) == (1, "bad")
    assert "a-secret" not in json.dumps(found)


def test_a_database_before_its_migrations_is_bad(tmp_path: Path) -> None:
    app = create_app(settings_for(f"sqlite:///{tmp_path / 'empty.sqlite'}", tmp_path))
    status, found = check(app)
    assert (status, found["database"]["status"]) == (1, "bad")
    assert "flask db upgrade" in found["database"]["why"]


def test_without_its_chart_font_it_is_bad(app: Flask, font: Path) -> None:
    (font / "Charts.otf").unlink()
    status, found = check(app)
    assert (status, found["fonts"]["status"]) == (1, "bad")


class _Server(NamedTuple):
    port: int


@pytest.fixture
def smtp() -> Iterator[_Server]:
    port = free_port()
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield _Server(port)
    finally:
        controller.stop()


def test_the_mail_server_is_asked_and_its_words_are_shown(
    make_app: Callable[..., Flask], smtp: _Server
) -> None:
    status, found = check(
        make_app(MAIL_SERVER="127.0.0.1", MAIL_PORT=smtp.port, MAIL_SUPPRESS_SEND=False)
    )
    assert (status, found["mail"]["status"]) == (0, "ok")
    assert f"127.0.0.1:{smtp.port}: 250" in found["mail"]["why"]


@pytest.mark.parametrize(
    "wish", [{"MAIL_USE_TLS": True}, {"MAIL_USERNAME": "u", "MAIL_PASSWORD": "a-secret"}]
)
def test_a_mail_server_that_lacks_what_is_set_is_bad(
    make_app: Callable[..., Flask], smtp: _Server, wish: dict[str, Any]
) -> None:
    status, found = check(
        make_app(MAIL_SERVER="127.0.0.1", MAIL_PORT=smtp.port, MAIL_SUPPRESS_SEND=False, **wish)
    )
    assert (status, found["mail"]["status"]) == (1, "bad")
    assert "a-secret" not in json.dumps(found)


def test_a_mail_server_that_is_away_is_bad(make_app: Callable[..., Flask]) -> None:
    status, found = check(
        make_app(MAIL_SERVER="127.0.0.1", MAIL_PORT=free_port(), MAIL_SUPPRESS_SEND=False)
    )
    assert (status, found["mail"]["status"]) == (1, "bad")
    assert "refused" in found["mail"]["why"]


def test_without_a_mail_server_it_says_where_mail_is(app: Flask) -> None:
    assert str(Path(app.instance_path) / "mail") in check(app)[1]["mail"]["why"]


def test_settings_that_fit_badly_are_named(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEEDBACK_MAIL_SEVER", "smtp.example.cn")
    _status, found = check(make_app(PUBLIC_URL="http://fb.example.cn"))
    assert found["settings"]["status"] == "warn"
    assert "https" in found["settings"]["why"]
    assert "MAIL_SEVER" in found["settings"]["why"]


def test_a_guessable_key_is_bad(make_app: Callable[..., Flask]) -> None:
    status, found = check(make_app(SECRET_KEY="secret"))
    assert (status, found["settings"]["status"]) == (1, "bad")
    assert "SECRET_KEY" in found["settings"]["why"]


@pytest.mark.parametrize(("live", "state"), [(True, "bad"), (False, "warn")])
def test_a_clock_behind_what_was_recorded_is_noticed(
    make_app: Callable[..., Flask], session: Session, time: Time, live: bool, state: str
) -> None:
    time.now = datetime.now(UTC)
    make_interaction(session, recorded_at=time.now + timedelta(hours=1))
    session.commit()
    assert check(make_app(LIVE=live))[1]["clock"]["status"] == state


def test_a_clock_that_differs_from_the_databases_is_bad(
    app: Flask, database_url: str, time: Time
) -> None:
    time.now = datetime.now(UTC) - timedelta(hours=1)
    status, found = check(app)
    is_bad = database_url.startswith("postgresql")
    assert (status, found["clock"]["status"]) == ((1, "bad") if is_bad else (0, "ok"))


def test_mail_that_nobody_sends_is_bad_and_mail_given_up_is_named(
    app: Flask, session: Session, time: Time
) -> None:
    time.now = datetime.now(UTC)
    common = {"kind": "invitation", "recipient": "a@example.cn", "locale": "en", "subject": ""}
    for number, moments in enumerate(
        ({"send_after": time.now - timedelta(hours=1)}, {"failed_at": time.now}), start=1
    ):
        values = common | {"text": "", "html": "", "message_id": f"<{number}@x>"}
        values |= {"created_at": time.now, "send_after": time.now} | moments
        session.add(Message(**values))
    session.commit()
    status, found = check(app)
    assert (status, found["failed"]["status"]) == (1, "warn")
    # It waits because there is no worker, which is told once.
    assert (found["worker"]["status"], found["queue"]["status"]) == ("bad", "unknown")
    tell_of(session, time.now)
    status, found = check(app)
    assert status == 1
    assert (found["worker"]["status"], found["queue"]["status"]) == ("ok", "bad")


def test_a_year_whose_holidays_are_only_estimated_is_named(
    app: Flask, session: Session, time: Time
) -> None:
    time.now = datetime(2040, 1, 1, 4, 0, tzinfo=UTC)
    with app.test_request_context():
        assert surroundings.working_days(session, time.now.date()).state == "warn"
        for year in (2040, 2041):
            session.add(Holiday(day=date(year, 10, 1), is_working=False, name="国庆节"))
        session.commit()
        # The organisation's own table goes before every package.
        assert surroundings.working_days(session, time.now.date()).state == "ok"


def test_a_full_disk_is_bad(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=50 * 1024**2)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    status, found = check(app)
    assert (status, found["disk"]["status"]) == (1, "bad")
