"""`flask work`, as somebody trying things out and as an operator uses it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.outbox.models import Message
from tests.invitations.stories import report
from tests.outbox.letters import make_message
from tests.outbox.post_office import HANG, PostOffice
from tests.sites import FLASK, ROOT, environment_for

CLOSED = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)  # A Monday, 11:00 in Shanghai.


def work(runner: FlaskCliRunner, now: str, *more: str) -> dict[str, int]:
    result = runner.invoke(args=["work", "--once", "--now", now, "--format", "json", *more])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)  # type: ignore[no-any-return]


def test_the_clock_moves_thirty_days_and_the_follow_up_goes_out(
    app: Flask, session: Session, runner: FlaskCliRunner
) -> None:
    report(app, session, CLOSED)
    assert work(runner, "2026-06-01T11:00:00+08:00") == {
        "issued": 1,
        "withheld": 0,
        "reminded": 0,
        "sent": 1,
        "failed": 0,
        "rolled_up_days": 0,
    }
    assert work(runner, "2026-07-01T10:00:00+08:00")["issued"] == 0
    assert work(runner, "2026-07-01T11:00:00+08:00")["issued"] == 1


def test_many_workers_share_what_is_due(
    app: Flask, session: Session, runner: FlaskCliRunner
) -> None:
    for _number in range(12):
        report(app, session, CLOSED)
    done = work(runner, CLOSED.isoformat(), "--workers", "4")
    assert (done["issued"], done["sent"], done["failed"]) == (12, 12, 0)


def test_in_words_for_people(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["work", "--once"])
    assert result.exit_code == 0
    assert "0" in result.stdout


@pytest.mark.parametrize("moment", ["yesterday", "2026-07-01", "2026-07-01T11:00:00"])
def test_a_moment_needs_its_offset(runner: FlaskCliRunner, moment: str) -> None:
    result = runner.invoke(args=["work", "--once", "--now", moment])
    assert result.exit_code == 2
    assert "offset" in result.stderr


def test_a_live_site_has_only_the_real_clock(make_app: Callable[..., Flask]) -> None:
    app = make_app(LIVE=True)
    arguments = ["work", "--once", "--now", CLOSED.isoformat()]
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 2
    assert "FEEDBACK_LIVE" in result.stderr


def test_a_standing_clock_cannot_work_on_and_on(runner: FlaskCliRunner) -> None:
    assert runner.invoke(args=["work", "--now", CLOSED.isoformat()]).exit_code == 2


def test_it_works_until_told_to_stop_and_then_ends_well(
    app: Flask, session: Session, database_url: str, tmp_path: Path
) -> None:
    report(app, session, datetime.now(UTC) - timedelta(minutes=1))
    environment = os.environ | {
        "FEEDBACK_DATABASE_URL": database_url,
        "FEEDBACK_INSTANCE_PATH": str(tmp_path / "instance"),
        "FEEDBACK_SECRET_KEY": app.config["SECRET_KEY"],
        "FEEDBACK_MAIL_SENDER": "care@example.cn",
        "FEEDBACK_PUBLIC_URL": "https://fb.example.cn",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "work"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
    )
    try:
        sent = sa.select(Message.id).where(Message.sent_at.is_not(None))
        while session.scalar(sent) is None:
            session.rollback()
            assert process.poll() is None, process.stderr and process.stderr.read().decode()
        session.rollback()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.communicate()


def test_a_mail_server_that_says_nothing_keeps_nobody_from_stopping(tmp_path: Path) -> None:
    site = tmp_path / "instance"
    with PostOffice() as office:
        office.always["EHLO"] = HANG
        environment = environment_for(
            site, MAIL_SERVER="127.0.0.1", MAIL_PORT=str(office.port), PUBLIC_URL="https://x.cn"
        )
        subprocess.run([*FLASK, "db", "upgrade"], cwd=ROOT, env=environment, check=True)
        engine = sa.create_engine(f"sqlite:///{site / 'feedback.sqlite'}")
        with Session(engine) as session:
            make_message(session)
        engine.dispose()
        process = subprocess.Popen(
            [*FLASK, "work"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
        )
        try:
            while "EHLO" not in office.visits:
                assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0
        finally:
            process.kill()
            process.wait()
