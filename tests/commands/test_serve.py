"""`flask serve` and `gunicorn wsgi:app`, as an operator starts and stops them."""

import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from flask import Flask
from sqlalchemy.orm import Session

from feedback.commands import serve
from feedback.outbox.models import Message
from tests.invitations.stories import report
from tests.sites import FLASK, ROOT, environment_for, free_port, running, served


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    return tmp_path / "instance"


def run(command: tuple[str, ...], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def mails(instance: Path) -> list[Path]:
    return list((instance / "mail").glob("*.eml"))


@pytest.fixture
def migrated(instance: Path, sqlite_template: Path) -> Path:
    """The folder of an installation whose database is up to date, and empty."""
    instance.mkdir()
    shutil.copy(sqlite_template, instance / "feedback.sqlite")
    return instance


def test_it_serves_until_told_to_stop_and_leaves_nothing_behind(
    app: Flask, session: Session, database_url: str, instance: Path
) -> None:
    report(app, session, datetime.now(UTC) - timedelta(minutes=1))
    with served(instance, DATABASE_URL=database_url) as site:
        checks = site.wait_until_ready()["checks"]
        assert {name: check["status"] for name, check in checks.items()} == {
            "database": "ok", "migrations": "ok", "worker": "ok", "queue": "ok",
        }  # fmt: skip
        (mail,) = site.wait_for(lambda: mails(instance))
        # Nobody said where customers reach it, so links begin with the port it was given.
        assert f"List-Unsubscribe: <{site.url}/s/" in mail.read_text()
        assert site.stop() == 0
        assert site.processes() == []
    assert not (instance / "home" / ".gunicorn").exists()


@pytest.mark.parametrize(
    ("host", "proxies", "is_said"),
    [
        ("127.0.0.1", 0, False),
        ("::1", 0, False),
        ("localhost", 0, False),
        ("0.0.0.0", 0, True),  # noqa: S104
        ("feedback.example.cn", 0, True),
        ("0.0.0.0", 1, False),  # noqa: S104
    ],
)
def test_a_site_open_to_others_with_nothing_in_front_says_so(
    make_app: Callable[..., Flask],
    capsys: pytest.CaptureFixture[str],
    host: str,
    proxies: int,
    is_said: bool,
) -> None:
    with make_app(PROXIES=proxies, DEFAULT_LOCALE="en").app_context():
        serve._introduce("http://127.0.0.1:8000", host, is_demo=False)
    assert ("Open to other machines" in capsys.readouterr().out) is is_said


def test_a_new_installation_says_where_to_set_it_up_and_ends_gently_by_ctrl_c(
    instance: Path,
) -> None:
    with served(instance) as site:
        code = (instance / "set_up_code").read_text()
        assert f"{site.url}/set-up?code={code}" in site.output()
        assert site.get(f"/set-up?code={code}")[0] == 200
        # A terminal sends the signal to everybody in it.
        assert site.stop(signal.SIGINT, group=True) == 0
        assert site.processes() == []
        assert "Traceback" not in site.output()


def test_a_busy_port_is_said_in_one_line(instance: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run((*FLASK, "serve", "--port", str(port)), environment_for(instance))
    assert done.returncode == 1
    assert str(port) in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (instance / "feedback.sqlite").exists()


def test_a_database_out_of_reach_is_said_without_its_password(instance: Path) -> None:
    url = f"postgresql://somebody:a-secret@127.0.0.1:{free_port()}/nothing"
    done = run(
        (*FLASK, "serve", "--port", str(free_port())), environment_for(instance, DATABASE_URL=url)
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "a-secret" not in done.stdout + done.stderr
    assert "127.0.0.1" in done.stderr


def test_the_demo_is_not_mixed_with_what_is_there(migrated: Path) -> None:
    database = sqlite3.connect(migrated / "feedback.sqlite")
    with database:
        database.execute("INSERT INTO team (name) VALUES ('a team of real people')")
    with served(migrated, "--demo", PUBLIC_URL="https://fb.example.cn") as site:
        assert "not empty" in site.output()
        assert "/set-up?code=" in site.output()
        assert "https://fb.example.cn" in site.output()
    assert database.execute("SELECT count(*) FROM team").fetchone() == (1,)
    database.close()


def test_gunicorn_alone_is_a_whole_web_process(migrated: Path) -> None:
    port = free_port()
    command = (sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}")
    with running(migrated, *command, port=port) as site:
        assert site.wait_until_ready()["checks"]["worker"]["status"] == "ok"
        assert site.stop() == 0
        assert site.processes() == []


def test_it_stops_when_make_is_told_to(migrated: Path) -> None:
    port = free_port()
    # The stamp says that everything is installed, which it is: these tests run.
    command = ("make", "-o", f"{sys.prefix}/runtime", f"VENV={sys.prefix}", f"PORT={port}", "serve")
    with running(migrated, *command, port=port) as site:
        site.wait_for(lambda: site.get("/healthz")[0] == 200)
        site.stop()
        assert site.processes() == []


class SlowServer:
    """A mail server that takes its time over a message, for as long as the test says."""

    def __init__(self) -> None:
        self.has_it, self.may_answer = threading.Event(), threading.Event()
        self.taken: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802
        self.has_it.set()
        await server.loop.run_in_executor(None, self.may_answer.wait, 8)
        self.taken += envelope.rcpt_tos
        return "250 2.0.0 taken at last"


@pytest.fixture
def slow() -> Iterator[tuple[SlowServer, int]]:
    handler, port = SlowServer(), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, port
    finally:
        controller.stop()


def test_a_message_in_flight_is_finished_before_the_end(
    app: Flask,
    session: Session,
    database_url: str,
    instance: Path,
    slow: tuple[SlowServer, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handler, port = slow
    for _number in range(3):
        report(app, session, datetime.now(UTC) - timedelta(minutes=1))
    settings = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port), "MAIL_SENDER": "a@example.cn"}
    # One process, so that one message is in flight.
    monkeypatch.setenv("WEB_CONCURRENCY", "1")
    with served(instance, DATABASE_URL=database_url, **settings) as site:
        assert handler.has_it.wait(30), site.output()
        site.process.send_signal(signal.SIGTERM)
        site.wait_for(lambda: "Handling signal: term" in site.output())
        handler.may_answer.set()
        assert site.process.wait(10) == 0
        assert site.processes() == []
    session.rollback()
    sent = session.scalars(sa.select(Message).where(Message.sent_at.is_not(None))).all()
    # What was in hand is done and written down; nothing new was begun.
    assert [message.recipient for message in sent] == handler.taken
    assert len(sent) == 1
    assert sent[0].server_reply == "250 2.0.0 taken at last"


@pytest.mark.parametrize(
    "command", [(*FLASK, "user", "list"), (sys.executable, "-m", "gunicorn", "wsgi:app")]
)
def test_an_unreadable_setting_stops_the_start_in_one_line(
    instance: Path, command: tuple[str, ...]
) -> None:
    done = run(command, environment_for(instance, MAIL_PORT="twenty-five"))
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line == "Error: FEEDBACK_MAIL_PORT: expected a port number, got 'twenty-five'"
