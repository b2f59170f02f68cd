"""Imports as processes: two at once, stopped by hand, killed, and under a terminal."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback.interactions.import_rows import BATCH
from feedback.interactions.models import Customer, Interaction
from feedback.invitations.models import Invitation

ROOT = Path(__file__).parent.parent.parent
ROWS = 4 * BATCH
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file.csv"
    with path.open("w", encoding="utf-8") as out:
        out.write("external_id,channel,closed_at,customer_email,staff_external_id,team\n")
        for number in range(ROWS):
            out.write(f"GD-{number},phone,2026-11-20,c{number % 999}@b.cn,e-{number % 30},A\n")
    return path


@pytest.fixture
def start(app: Flask, database_url: str, tmp_path: Path, file: Path) -> Start:
    """Start `flask import interactions` in a process of its own."""
    environment = os.environ | {
        "FEEDBACK_DATABASE_URL": database_url,
        "FEEDBACK_INSTANCE_PATH": str(tmp_path / "instance"),
        "FEEDBACK_SECRET_KEY": app.config["SECRET_KEY"],
        "LC_ALL": "C.UTF-8",
    }
    command = [sys.executable, "-m", "flask", "import", "interactions", str(file)]
    command += ["--format", "json", "--now", "2026-11-22T12:00:00+08:00"]

    def run(**streams: Any) -> "subprocess.Popen[bytes]":
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
        return subprocess.Popen(command, cwd=ROOT, env=environment, **streams)

    return run


def recorded(session: Session, table: type[Any] = Interaction) -> int:
    count = session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
    session.rollback()
    return count


def ended(process: "subprocess.Popen[bytes]") -> tuple[dict[str, Any], str]:
    out, err = process.communicate(timeout=120)
    return json.loads(out) if out else {}, err.decode()


def test_two_at_once_make_one_of_each(start: Start, session: Session) -> None:
    first, second = start(), start()
    (one, one_said), (two, two_said) = ended(first), ended(second)
    assert (first.returncode, second.returncode) == (0, 0), one_said + two_said
    assert one["read"] == two["read"] == ROWS
    assert one["created"] + two["created"] == ROWS
    assert one["duplicate"] + two["duplicate"] == ROWS
    assert recorded(session) == ROWS
    assert recorded(session, Customer) == 999
    assert recorded(session, Invitation) == 2 * ROWS


def stopped(process: "subprocess.Popen[bytes]", session: Session, number: int) -> int:
    """Send a signal as soon as something is recorded; return how much was kept."""
    while recorded(session) == 0:
        assert process.poll() is None, ended(process)
    process.send_signal(number)
    process.wait(timeout=60)
    kept = recorded(session)
    assert 0 < kept < ROWS
    assert recorded(session, Invitation) == 2 * kept
    return kept


def test_stopped_by_hand_it_says_what_is_kept_and_the_next_import_goes_on(
    start: Start, session: Session
) -> None:
    process = start()
    kept = stopped(process, session, signal.SIGINT)
    done, said = ended(process)
    assert process.returncode == 130
    assert (done["read"], done["created"]) == (kept, kept)
    assert "Stopped" in said
    assert "Traceback" not in said
    again = start()
    rest, said = ended(again)
    assert again.returncode == 0, said
    assert (rest["duplicate"], rest["created"]) == (kept, ROWS - kept)


def test_killed_it_leaves_whole_batches(start: Start, session: Session) -> None:
    process = start()
    assert stopped(process, session, signal.SIGKILL) % BATCH == 0
    ended(process)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_people_at_a_terminal_see_how_far_it_is(start: Start) -> None:
    ours, theirs = pty.openpty()
    process = start(stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:
        pass  # Linux ends a terminal nobody writes to any more so.
    os.close(ours)
    done = process.communicate(timeout=120)[0]
    assert json.loads(done)["created"] == ROWS
    assert b"100%" in shown
    assert len({part for part in shown.split(b"\r") if b"%" in part}) >= 3
