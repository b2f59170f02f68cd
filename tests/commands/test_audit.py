"""`flask audit`: what it says of a whole log and of a broken one, and the head to be kept."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from feedback.accounts.audit import GENESIS, About, Actor, note
from feedback.accounts.models import AuditEntry
from feedback.put_back import _without_triggers
from tests.conftest import START

ENGLISH = {"FLASK_RUN_FROM_CLI": "true", "LC_ALL": "en_GB.UTF-8"}


@pytest.fixture
def logged(app: Flask, session: Session) -> Session:
    with app.app_context():
        for number in range(3):
            note(session, START, Actor("command", "x"), "test.done", About("test", number))
        session.commit()
    return session


def test_a_whole_log_is_said_to_be_whole(runner: FlaskCliRunner, logged: Session) -> None:
    result = runner.invoke(args=["audit", "verify"], env=ENGLISH)
    assert result.exit_code == 0, result.output
    head = logged.scalar(sa.select(AuditEntry.hash).where(AuditEntry.number == 3))
    logged.commit()
    assert result.stdout == f"3 entries, 0 breaks.\nHead: {head}\n"
    printed = runner.invoke(args=["audit", "head"])
    assert printed.stdout == f"{head}\n"
    again = runner.invoke(args=["audit", "verify", "--head", head or "", "--format", "json"])
    assert (again.exit_code, json.loads(again.stdout)) == (
        0, {"entries": 3, "breaks": 0, "first": None, "head": head},
    )  # fmt: skip


def test_an_empty_log_has_a_head_too(runner: FlaskCliRunner) -> None:
    assert runner.invoke(args=["audit", "verify"]).exit_code == 0
    result = runner.invoke(args=["audit", "head", "--format", "json"])
    assert json.loads(result.stdout) == {"number": 0, "head": GENESIS}


def test_a_changed_row_ends_with_1_and_is_named(runner: FlaskCliRunner, logged: Session) -> None:
    with _without_triggers(logged.connection()):
        logged.execute(sa.text("UPDATE audit_entry SET about_id = '9' WHERE number = 2"))
    logged.commit()
    result = runner.invoke(args=["audit", "verify", "--format", "json"])
    assert result.exit_code == 1
    said = json.loads(result.stdout)
    assert (said["breaks"], said["first"]) == (1, {"number": 2, "kind": "changed"})
    assert "Entry 2" in runner.invoke(args=["audit", "verify"], env=ENGLISH).stdout
    lost = runner.invoke(args=["audit", "verify", "--head", "a" * 64])
    assert lost.exit_code == 1


@pytest.mark.parametrize("head", ["", "x", "a" * 63, "g" * 64])
def test_what_is_no_head_is_wrong_use(head: str, runner: FlaskCliRunner) -> None:
    assert runner.invoke(args=["audit", "verify", "--head", head]).exit_code == 2


def test_putting_a_backup_back_says_so_in_the_log_that_is_there_now(
    runner: FlaskCliRunner, logged: Session, app: Flask, tmp_path: Path
) -> None:
    """The log kept is the backup's; the one given up is named by its end."""
    path = str(tmp_path / "all.backup")
    assert runner.invoke(args=["backup", path]).exit_code == 0
    with app.app_context():
        note(logged, START, Actor("command", "x"), "test.done", About("test", 4))
        logged.commit()
    given_up = runner.invoke(args=["audit", "head"]).stdout.strip()
    assert runner.invoke(args=["restore", path, "--replace"]).exit_code == 0
    logged.expire_all()
    last = logged.scalars(sa.select(AuditEntry).order_by(AuditEntry.number.desc())).first()
    assert last is not None
    assert (last.number, last.actor_name, last.action) == (4, "flask restore", "backup.restored")
    assert json.loads(last.details)["log_given_up"] == {"entries": 5, "head": given_up}
    logged.commit()
    assert runner.invoke(args=["audit", "verify"]).exit_code == 0
    # What forbids changes was lifted for the putting back alone.
    with pytest.raises(sa.exc.DatabaseError, match="only added to"):
        logged.execute(sa.text("DELETE FROM audit_entry"))
